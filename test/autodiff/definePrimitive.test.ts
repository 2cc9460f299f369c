import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkPrimitive } from '../../src/autodiff/checkPrimitive.ts';
import { definePrimitive, mapEntries, type PrimitiveRow } from '../../src/autodiff/definePrimitive.ts';
import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { hessian } from '../../src/autodiff/mixed.ts';
import { add, div, exp, mul, sin, sum } from '../../src/autodiff/operations.ts';
import type { Bilinear, Elementwise, Linear, Series } from '../../src/autodiff/primitive.ts';
import { divRow } from '../../src/autodiff/primitives/division.ts';
import { expRow, tanhRow } from '../../src/autodiff/primitives/exponential.ts';
import { powRow } from '../../src/autodiff/primitives/powers.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import { derivatives } from '../../src/autodiff/taylor.ts';
import { contiguous, fromData, item, type Tensor, tensor, toNested } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';

const test = suite('definePrimitive');

/** Without a recurrence of its own. */
const cube = {
  name: 'cube',
  kind: 'elementwise',
  forward: ([x]) => mapEntries(x, (value) => value ** 3),
  derivatives: [([x]) => mul(3, mul(x, x))],
  samples: [{ inputs: [[-1, 0, 2]], attributes: undefined }],
  source: 'd x³ = 3 x² dx',
} satisfies PrimitiveRow<undefined>;

function reversed(x: Tensor): Tensor {
  const { data, shape } = contiguous(x);
  const length = shape[shape.length - 1];
  return fromData(
    data.map((_, i) => data[i - (i % length) + length - 1 - (i % length)]),
    shape,
  );
}

/** Linear, and it does not move between lanes. */
const flip: Linear<undefined> = {
  name: 'flip',
  kind: 'linear',
  forward: ([x]) => reversed(x),
  transpose: (g) => flipOf([g]),
  samples: [{ inputs: [[1, 2, 3]], attributes: undefined }],
  source: 'definition',
};
const flipOf = definePrimitive(flip);

const scaledProduct: Bilinear<{ factor: number }> = {
  name: 'scaledProduct',
  kind: 'bilinear',
  forward: ([x, y], { factor }) => mul(factor, mul(x, y)),
  transposeLeft: (g, y, { factor }) => mul(factor, mul(g, y)),
  transposeRight: (g, x, { factor }) => mul(factor, mul(g, x)),
  multiplyAdds: (_, output) => output.reduce((a, b) => a * b, 1),
  samples: [
    {
      inputs: [
        [1, 2],
        [
          [3, 4],
          [5, 6],
        ],
      ],
      attributes: { factor: 2 },
    },
  ],
  source: 'd(f x y) = f (y dx + x dy)',
};

test('an own operation in every mode', () => {
  const cubeOf = definePrimitive(cube);
  const f = (x: Tensor) => cubeOf([x]);
  assert.equal(toNested(f(tensor([1, 2]))), [1, 8]);
  assert.equal(derivatives(f, 2, { order: 4 }).map(item), [8, 12, 12, 6, 0]);
  assert.equal(toNested(hessian((x) => sum(f(x)))([1, 2])), [
    [6, 0],
    [0, 12],
  ]);
  const { d1, d2, d3, plan } = diagonal((a) => exp(sum(f(flipOf([a])))), tensor([0.5, -0.3]));
  const direct = diagonal((a) => exp(sum(mul(a, mul(a, a)))), tensor([0.5, -0.3]));
  for (const [got, wanted] of [
    [d1, direct.d1],
    [d2, direct.d2],
    [d3, direct.d3],
  ]) {
    close(got, wanted, {});
  }
  assert.ok(plan.multiplyAdds > 0);
});

test('attributes, broadcasting and numbers as inputs', () => {
  const product = definePrimitive(scaledProduct);
  assert.equal(toNested(product([[1, 2], 3], { factor: 2 })), [6, 12]);
  assert.is(item(grad((x) => sum(product([x, [1, 2]], { factor: 10 })))(1)), 30);
});

test('checkPrimitive passes right rows of every kind, and all of our own', () => {
  for (const row of [cube, flip, scaledProduct] as PrimitiveRow<never>[]) {
    const { ok, comparisons } = checkPrimitive(row);
    assert.ok(ok, JSON.stringify(comparisons.filter((each) => !each.ok)));
  }
});

test('a recurrence that is derived is the one that is written', () => {
  for (const row of [expRow, tanhRow, divRow, powRow]) {
    const { taylor: _, ...without } = row;
    const { ok, comparisons } = checkPrimitive(without as PrimitiveRow);
    assert.ok(ok, `${row.name}: ${JSON.stringify(comparisons.filter((each) => !each.ok))}`);
  }
  const { taylor: _, ...ownDiv } = divRow;
  const divide = definePrimitive({ ...ownDiv, name: 'divide' } as PrimitiveRow);
  const f = (x: Tensor) => divide([sin(x), exp(x)], {});
  derivatives(f, 0.3, { order: 5 }).forEach((c, k) => {
    close(c, derivatives((x) => div(sin(x), exp(x)), 0.3, { order: 5 })[k], { relative: 1e-13 });
  });
});

const planted: readonly (readonly [string, PrimitiveRow<never>, RegExp])[] = [
  [
    'a derivative',
    { ...cube, derivatives: [([x]: readonly Tensor[]) => mul(2.999, mul(x, x))] },
    /jvp and differences/,
  ],
  [
    'a recurrence',
    {
      ...cube,
      taylor: ([x]: readonly Series[], y: Tensor) => [y, mul(x[1] as Tensor, 3)],
    } as unknown as Elementwise<never>,
    /jet 1 and jvp/,
  ],
  ['a transpose', { ...flip, transpose: (g: Tensor) => g }, /vjp and jvp/],
  [
    'a side of a product',
    { ...scaledProduct, transposeRight: (g: Tensor, x: Tensor) => mul(g, x) },
    /input 1: vjp and jvp/,
  ],
  ['a shape', { ...flip, shape: () => [7] }, /shape without values/],
] as never;

for (const [what, row, comparison] of planted) {
  test(`${what} that is wrong is caught`, () => {
    const { ok, comparisons } = checkPrimitive(row);
    assert.not.ok(ok);
    assert.ok(
      comparisons.some((each) => !each.ok && comparison.test(each.what)),
      what,
    );
  });
}

test('a row that lacks something is refused when it is defined, in one sentence', () => {
  const wrong = (change: object) => () => definePrimitive({ ...cube, ...change } as PrimitiveRow);
  assert.throws(wrong({ name: '' }), /it needs a name and a source/);
  assert.throws(wrong({ kind: 'smooth' }), /its kind must be linear, bilinear, .*, got the text "smooth"/);
  assert.throws(
    wrong({ kind: 'linear' }),
    /transpose of the linear row cube must be a function, got nothing/,
  );
  assert.throws(wrong({ derivatives: [] }), /a function for each of its 1 inputs/);
  assert.throws(wrong({ samples: [] }), /samples must be a list/);
  assert.throws(() => definePrimitive(5 as never), /the row must be a record, got 5/);
  const two = definePrimitive(scaledProduct);
  assert.throws(() => two([1], { factor: 1 }), /a list of 2 inputs is wanted, got one of 1/);
  const broken = definePrimitive({ ...cube, forward: () => undefined as never });
  assert.throws(() => broken([1]), /use what forward of cube gives: a tensor is wanted, got nothing/);
  assert.throws(() => add(grad((x) => mapEntries(x, Math.sqrt))(1), 1), /Cannot read the values/);
});

test.run();
