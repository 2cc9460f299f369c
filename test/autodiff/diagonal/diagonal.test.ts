import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../../src/autodiff/diagonal/diagonal.ts';
import { byVjps } from '../../../src/autodiff/diagonal/linearPrefix.ts';
import * as op from '../../../src/autodiff/operations.ts';
import { grad } from '../../../src/autodiff/reverse.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor, tensor, toNested } from '../../../src/tensor/tensor.ts';
import { close, same } from '../../support/check.ts';

const test = suite('diagonal');
const { add, div, exp, matmul, mul, relu, sum, tanh, takeAt } = op;
const random = createRandom(11);
const normal = (shape: number[]) =>
  fromData(
    Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );
const w1 = normal([6, 5]);
const w2 = normal([5, 4]);
const a = normal([1, 6]);

const logits = (x: Tensor) => matmul(relu(matmul(x, w1)), w2);
const softmax = (z: Tensor) => div(exp(z), sum(exp(z)));
const pick = (z: Tensor, c: number) => takeAt(z, Int32Array.of(c), []);

const heads: Record<string, (x: Tensor) => Tensor> = {
  'exp of a logit': (x) => exp(pick(logits(x), 1)),
  'a probability': (x) => pick(softmax(logits(x)), 2),
  'a smooth unit': (x) => sum(matmul(tanh(matmul(x, w1)), w2)),
  'a product of two linear maps': (x) => sum(mul(matmul(x, w1), matmul(relu(x), w1))),
  'two cuts': (x) => add(exp(pick(logits(x), 0)), tanh(sum(relu(x)))),
  'the activation itself in a smooth unit': (x) => sum(exp(mul(0.3, x))),
};

/** Entry by entry, by nesting grad: shares no plan with what it checks. */
function nested(f: (x: Tensor) => Tensor, at: Tensor, order: number): Float64Array {
  return Float64Array.from(at.data, (_, i) => {
    let g = f;
    for (let k = 0; k < order; k++) {
      const before = g;
      g = (x) => takeAt(grad(before)(x), Int32Array.of(i), []);
    }
    return g(at).data[0];
  });
}

for (const [name, f] of Object.entries(heads)) {
  test(`${name}: every plan gives the nested derivatives`, () => {
    const auto = diagonal(f, a);
    for (const { name: plan, applicable } of auto.plan.candidates) {
      if (!applicable) continue;
      const { derivatives } = diagonal(f, a, { plan });
      for (let r = 1; r <= 3; r++)
        close(derivatives[r - 1].data, nested(f, a, r), { relative: 1e-11 }, `${plan} D${r}`);
    }
  });
}

test('exp of a sum: all derivatives are e^s', () => {
  const { y, d1, d2, d3 } = diagonal((x) => exp(sum(x)), tensor([0, 0]));
  assert.equal([y, toNested(d1), toNested(d2), toNested(d3)], [1, [1, 1], [1, 1], [1, 1]]);
});

test('the Hessian diagonal, not the row sum: (x0 x1)² at (2, 3)', () => {
  const { d2, d3 } = diagonal((x) => op.square(mul(pick(x, 0), pick(x, 1))), tensor([2, 3]));
  assert.equal(
    [toNested(d2), toNested(d3)],
    [
      [18, 8],
      [0, 0],
    ],
  );
});

test('a logit behind piecewise-linear units is certified to have no curvature', () => {
  const { certificate, d2, d3, plan } = diagonal((x) => pick(logits(x), 1), a);
  assert.equal(certificate.identicallyZero, [2, 3]);
  assert.match(certificate.reason, /piecewise-linearly/);
  same(d2.data, new Float64Array(6), 'D2');
  same(d3.data, new Float64Array(6), 'D3');
  assert.is(plan.name, 'linear-prefix');
});

test('entries that do not reach y are exactly 0, and counted', () => {
  const pooled = (x: Tensor) => exp(op.max(x, [-1]));
  const { d1, d3, certificate } = diagonal(pooled, tensor([0.1, 0.7, 0.2]));
  same(d1.data, [0, Math.exp(0.7), 0], 'D1');
  same(d3.data, [0, Math.exp(0.7), 0], 'D3');
  assert.is(certificate.live, 1);
});

test('only the entries asked for are computed, with the same numbers', () => {
  const f = heads['a smooth unit'];
  const all = diagonal(f, a);
  const some = diagonal(f, a, { entries: [4, 1] });
  const wanted = all.d3.data.map((value, i) => (i === 1 || i === 4 ? value : 0));
  close(some.d3.data, wanted, { relative: 1e-14 }, 'D3');
  assert.is(some.certificate.entries, 2);
});

test('VJPs are taken where they are fewer and fit into memory, JVPs elsewhere', () => {
  assert.is(byVjps(1000, 86_528), true);
  assert.is(byVjps(11, 10), false);
  assert.is(byVjps(73_728, 73_728), false);
});

test('kinks are counted: a ReLU at 0 and a tie of a pool', () => {
  const pool = { kernel: [2], strides: [2], dilations: [1], padsBefore: [0], padsAfter: [0], output: [2] };
  const { kinks } = diagonal((x) => sum(op.maxPool(relu(x), pool)), tensor([[[0, 1, 2, 2]]]));
  assert.equal(kinks, { reluZeros: 1, poolTies: 1, other: 0 });
});

test('a constant y has zero derivatives of every order, certified', () => {
  const { d1, certificate } = diagonal(() => tensor(3), tensor([1, 2]));
  same(d1.data, [0, 0], 'D1');
  assert.equal(certificate.identicallyZero, [1, 2, 3]);
});

test('wrong usage is refused in one sentence', () => {
  assert.throws(() => diagonal((x) => x, tensor([1, 2])), /output must be a scalar, got shape \[2\]/);
  assert.throws(
    () => diagonal((x) => sum(exp(x)), tensor([1]), { plan: 'linear-prefix' }),
    /Cannot take diagonal by linear-prefix/,
  );
  assert.throws(() => diagonal((x) => sum(x), tensor([1]), { entries: [1] }), /entry 1 is out of range/);
  assert.throws(() => diagonal((x) => sum(x), tensor([1]), { order: 0 }), /order must be a whole number/);
});

test('the plan is told before it is run, and what is thrown then ends the call', () => {
  const seen: string[] = [];
  const f = (x: Tensor) => sum(exp(x));
  const { plan } = diagonal(f, tensor([1, 2]), { onPlan: ({ name }) => seen.push(name) });
  assert.equal(seen, [plan.name]);
  const onPlan = () => {
    throw new Error('enough');
  };
  assert.throws(() => diagonal(f, tensor([1, 2]), { onPlan }), /enough/);
});

test.run();
