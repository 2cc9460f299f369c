import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mul, relu, reshape, sigmoid, square, sum, tanh } from '../../../src/autodiff/operations.ts';
import { stopGradient } from '../../../src/autodiff/trace.ts';
import { defineOperator, type OperatorRow } from '../../../src/layers/defineOperator.ts';
import { valuesOf } from '../../../src/layers/layer.ts';
import { checkOperator, type OperatorSample } from '../../../src/onnx/checking/checkOperator.ts';
import { type Tensor, tensor } from '../../../src/tensor/tensor.ts';

const test = suite('checkOperator');

type Inputs = readonly [Tensor, ...(Tensor | undefined)[]];
const entrywise = {
  inputs: [1, 1],
  images: 'apart',
  steeredFrom: Number.POSITIVE_INFINITY,
  sees: 'cell',
} as const;
const swish = { ...entrywise, evaluate: ([x]: Inputs) => mul(x, sigmoid(x)) } as const;
const points: OperatorSample = { inputs: [[-1, 0, 2, 0.5]] };
const mapped: OperatorSample = { inputs: [tensor([0.3, -1, 2, 0.7, 1.5, -0.2, 0.9, 3], [2, 1, 2, 2])] };

test('a right row holds, in everything that its samples show', () => {
  const outputs = [[-1, 0, 2, 0.5].map((x) => x / (1 + Math.exp(-x)))];
  assert.equal(checkOperator(swish, [{ ...points, outputs }, mapped]), {
    ok: true,
    wrong: [],
    checked: ['outputs', 'steeredFrom', 'images', 'sees', 'derivatives'],
  });
  const scaled = defineOperator({
    ...entrywise,
    ...{ inputs: [1, 2], attributes: { scale: 'float' }, affine: 'singly' },
    evaluate: ([x, w], { scale = 1 }) => mul(scale, w === undefined ? x : mul(w, x)),
  });
  const check = checkOperator(scaled, [
    {
      inputs: [
        [1, 2],
        [3, 4],
      ],
      attributes: { scale: 0.5 },
      outputs: [[1.5, 4]],
    },
    { inputs: [[[1, -2]], undefined], outputs: [[[1, -2]]] },
  ]);
  assert.equal(check.wrong, []);
  assert.ok(check.checked.includes('affine'));
  const flat = {
    ...entrywise,
    moves: 'renames',
    sees: 'map',
    evaluate: ([x]: Inputs) => reshape(x, [x.shape[0], -1]),
  } as const;
  assert.equal(checkOperator(flat, [mapped]).wrong, []);
});

/** Rows that are wrong in one thing, what is said of them, and at which sample. */
const planted: Readonly<Record<string, readonly [object, RegExp, OperatorSample?]>> = {
  derivatives: [
    { evaluate: ([x]: Inputs) => mul(stopGradient(x), sigmoid(x)) },
    /^sample 0: the derivatives in input 0: jvp against differences of f differ by 0\./,
  ],
  images: [
    { sees: 'map', evaluate: ([x]: Inputs) => mul(x, sum(x)) },
    /^sample 0: images: they are said to stay apart, and image 0 of three along input 0 is not what it is alone/,
    mapped,
  ],
  sees: [
    { evaluate: ([x]: Inputs) => mul(x, sum(x, [1, 2, 3], { keepDimensions: true })) },
    /sees: a cell is said to see itself alone, and \(0, 1\) changes with cell \(0, 0\) of the input/,
    mapped,
  ],
  affine: [
    { affine: 'jointly' },
    /affine: it is said to be so in input 0, and takes means to no means: entry 0/,
  ],
  gates: [{ gates: true }, /gates: its slopes are said to be 0 or 1, and one is 0\./],
  renames: [{ moves: 'renames' }, /moves: it is said to rename, and entry 0 is another: -0\.26/],
  rearranges: [
    { moves: 'rearranges' },
    /moves: it is said to move entries, and gives -0\.26.*none of its input/,
  ],
  steeredFrom: [
    {
      inputs: [2, 2],
      evaluate: ([x, shape]: Inputs) => reshape(x, valuesOf(shape) ?? []),
    },
    /steeredFrom|on constants|refused/,
    {
      inputs: [
        [1, 2, 3, 4],
        [2, 2],
      ],
      types: ['float32', 'int64'],
    },
  ],
};

for (const [what, [fields, message, sample = points]] of Object.entries(planted)) {
  test(`${what} that are wrong are told`, () => {
    const check = checkOperator({ ...swish, ...fields } as OperatorRow, [sample]);
    assert.is(check.ok, false);
    assert.ok(
      check.wrong.some((each) => message.test(each)),
      check.wrong.join('\n'),
    );
  });
}

test('outputs that are not the true ones are told, within what is allowed', () => {
  const at = (value: number, tolerance?: number) =>
    checkOperator(
      { ...entrywise, evaluate: ([x]: Inputs) => tanh(x) },
      [{ inputs: [[0, 1]], outputs: [[0, value]] }],
      {
        tolerance,
      },
    );
  assert.equal(at(0.76159).wrong, ['sample 0: output 0: entry 1 is 0.7615941559557649, true 0.76159']);
  assert.is(at(0.76159, 1e-5).ok, true);
  assert.match(
    checkOperator(swish, [{ ...points, outputs: [[1, 2]] }]).wrong[0],
    /output 0: shape \[4\], true \[2\]/,
  );
  assert.match(
    checkOperator(swish, [{ ...points, outputs: [[-1, 0, 2, 0.5], [1]] }]).wrong.join(),
    /output 1: missing/,
  );
});

test('a sample at a kink is moved aside, and what it cannot show is not said to be checked', () => {
  const gate = { ...entrywise, gates: true, evaluate: ([x]: Inputs) => relu(x) } as const;
  assert.equal(checkOperator(gate, [{ inputs: [[-1, 0, 2]] }]).wrong, []);
  const curved = { ...entrywise, sees: 'map', evaluate: ([x]: Inputs) => square(x) } as const;
  assert.equal(checkOperator(curved, [{ inputs: [[3]] }]).checked, ['steeredFrom', 'images', 'derivatives']);
});

test('what is no row and no sample is refused', () => {
  assert.throws(() => checkOperator({} as never, [points]), /inputs must say how many/);
  assert.throws(() => checkOperator(swish, []), /one sample at least is wanted/);
  assert.throws(
    () => checkOperator(swish, [{} as never]),
    /sample 0: inputs must be a list of tensors, got nothing/,
  );
  assert.throws(() => checkOperator(swish, [{ inputs: [] }]), /sample 0: the row takes 1 inputs, got 0/);
  assert.throws(
    () => checkOperator(swish, [{ inputs: [[1]], types: ['float'] as never }]),
    /no element type the text "float"/,
  );
  assert.throws(() => checkOperator(swish, [points], { tolerence: 1 } as never), /did you mean "tolerance"/);
  assert.match(
    checkOperator({ ...swish, evaluate: () => 'x' as never }, [points]).wrong[0],
    /^sample 0: it is refused: .*output 0 of evaluate: a tensor is wanted/,
  );
});

test.run();
