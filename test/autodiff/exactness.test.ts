import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { jvp } from '../../src/autodiff/forward.ts';
import { hessian } from '../../src/autodiff/mixed.ts';
import * as op from '../../src/autodiff/operations.ts';
import { grad, valueAndGrad } from '../../src/autodiff/reverse.ts';
import { derivatives } from '../../src/autodiff/taylor.ts';
import { layers } from '../../src/layers/index.ts';
import { logSoftmax, logSumExp, softmax } from '../../src/layers/softmax.ts';
import { InputError, ShapeError } from '../../src/tensor/errors.ts';
import { item, type Tensor, tensor, toNested } from '../../src/tensor/tensor.ts';
import { close, same } from '../support/check.ts';

const test = suite('exactness');
type Unary = (x: Tensor) => Tensor;

/** f, f′, f″, … at x by one jet. */
const jets = (f: Unary, x: number, order: number) => derivatives(f, tensor(x), { order }).map(item);
const slope =
  (f: Unary): Unary =>
  (x) =>
    grad((p: Tensor) => op.sum(f(p)))(x);
/** f′, f″, … at x by reverse over reverse. */
function nested(f: Unary, x: number, order: number): number[] {
  const out: number[] = [];
  for (let k = 1, g = slope(f); k <= order; k++, g = slope(g)) out.push(item(g(tensor(x))));
  return out;
}
const layer =
  (name: string, attributes: Record<string, number | string> = {}): Unary =>
  (x) => {
    const context = { opset: 21, types: [], outputs: 1, precision: 'float64' } as const;
    return layers[name].evaluate([x], attributes, context) as Tensor;
  };

test('a power that both may vary is a polynomial at 0 where the exponent is whole and fixed', () => {
  assert.equal(
    jets((x) => op.pow(x, 2), 0, 3),
    [0, 0, 2, 0],
  );
  assert.equal(
    nested((x) => op.pow(x, 1), 0, 3),
    [1, 0, 0],
  );
  assert.equal(
    nested((x) => op.pow(x, 2), 0, 4),
    [0, 2, 0, 0],
  );
  assert.equal(
    nested((x) => op.pow(x, 0), 0, 2),
    [0, 0],
  );
  assert.equal(
    nested((y) => op.pow(0, y), 2, 2),
    [0, 0],
  );
  assert.equal(
    jets((y) => op.pow(0, y), 2, 3),
    [0, 0, 0, 0],
  );
  // ∂²/∂x∂y of x^y at y = 0 is 1/x, though ∂/∂x is 0.
  const inX = (y: Tensor) => grad((x: Tensor) => op.pow(x, y))(tensor(4));
  assert.equal([item(inX(tensor(0))), item(grad(inX)(tensor(0)))], [0, 0.25]);
});

test('one zero among the entries does not spoil the diagonals of the others', () => {
  const y = Math.exp(0.25);
  const { d1, d2, d3 } = diagonal((a) => op.exp(op.sum(op.pow(a, 2))), tensor([0, 0.5]));
  close(d1.data, [0, y], { relative: 1e-15 }, 'D1');
  close(d2.data, [2 * y, 3 * y], { relative: 1e-15 }, 'D2');
  close(d3.data, [0, 7 * y], { relative: 1e-15 }, 'D3'); // 12a + 8a³ at 1/2
});

test('exponents of a tensor, whole ones beside others', () => {
  const exponents = tensor([2, 0, 1.5, 3]);
  const [, d1, d2, d3] = derivatives((x) => op.pow(x, exponents), tensor([0, 0, 4, -2]), { order: 3 });
  assert.equal([d1, d2, d3].map(toNested), [
    [0, 0, 3, 12],
    [2, 0, 0.375, -12],
    [0, 0, -0.046875, 6],
  ]);
});

test('a power of a curved path, where the base and its slope are tiny', () => {
  // (1e-200 eᵗ)^1.5 = 1e-300 e^1.5t
  const f = (t: Tensor) => op.power(op.mul(1e-200, op.exp(t)), 1.5);
  close(jets(f, 0, 3), [1e-300, 1.5e-300, 2.25e-300, 3.375e-300], { relative: 1e-14 });
});

test('large and negative whole powers at 0 and where they under- or overflow', () => {
  assert.equal(
    jets((x) => op.power(x, 65), 0, 6),
    [0, 0, 0, 0, 0, 0, 0],
  );
  assert.equal(
    jets((x) => op.power(x, -3), 1e160, 3),
    [0, -0, 0, -0],
  );
  assert.is(item(grad((x: Tensor) => op.power(x, -7))(tensor(Float32Array.of(1e15), []))), -0);
});

test('the gradient of log softmax keeps its digits as p approaches 1', () => {
  for (const rest of [1e-6, 1e-9, 1e-12, 1e-30]) {
    const z = tensor([0, Math.log(rest)]);
    const got = grad((x: Tensor) => op.sum(op.mul(tensor([1, 0]), logSoftmax(x))))(z);
    const p = rest / (1 + rest);
    close(got.data, [p, -p], { relative: 1e-14 }, `1 − p = ${rest}`);
  }
});

test('sigmoid, softplus, silu and tanh keep the digits of their even derivatives near 0', () => {
  for (const x of [1e-8, 1e-17, 1e-300]) {
    for (const [f, order, wanted] of [
      [op.sigmoid, 2, -x / 8],
      [op.softplus, 3, -x / 8],
      [layer('Swish'), 3, -x / 2],
      [op.tanh, 2, -2 * x],
    ] as const) {
      close(jets(f, x, order)[order], wanted, { relative: 1e-15 }, `jet of order ${order} at ${x}`);
      close(nested(f, x, order)[order - 1], wanted, { relative: 1e-15 }, `gradients, ${order} at ${x}`);
    }
  }
});

test('asin, acos and atanh keep the digits of their second derivative near 0', () => {
  for (const x of [1e-8, 1e-17]) {
    for (const [f, wanted] of [
      [op.asin, x],
      [op.acos, -x],
      [op.atanh, 2 * x],
    ] as const) {
      close(jets(f, x, 2)[2], wanted, { relative: 1e-15 }, `jet at ${x}`);
      close(nested(f, x, 2)[1], wanted, { relative: 1e-15 }, `gradients at ${x}`);
    }
  }
});

test('GELU keeps its digits below 0, in both precisions', () => {
  const tails = [-1.4332578593959695e-6, -4.976768459417427e-15, -1.0157295653584566e-18];
  for (const [i, x] of [-5, -8, -9].entries()) {
    close(layer('Gelu')(tensor(x)), tails[i], { relative: 1e-13 }, `GELU at ${x}`);
  }
  const single = layer('Gelu')(tensor(Float32Array.of(-5.5)));
  close(single.data, [-1.0444259e-7], { relative: 1e-5 }, 'float32');
  assert.equal(jets(layer('Gelu', { approximate: 'tanh' }), 1e155, 1), [1e155, 1]);
});

test('slopes far out: softsign, asinh, acosh', () => {
  close(jets(op.softsign, 1e15, 1)[1], 1e-30, { relative: 1e-14 });
  close(jets(layer('Softsign'), -1e100, 1)[1], 1e-200, { relative: 1e-14 });
  for (const f of [op.asinh, op.acosh]) {
    close(jets(f, 1e200, 1)[1], 1e-200, { relative: 1e-14 });
    close(nested(f, 1e100, 3)[2], 2e-300, { relative: 1e-14 });
  }
});

test('fractional powers far out and close to 0', () => {
  close(jets((x) => op.pow(x, 1.5), 1e200, 2)[2], 7.5e-101, { relative: 1e-14 });
  close(jets((x) => op.pow(x, 0.5), 1e200, 2)[2], -2.5e-301, { relative: 1e-14 });
  close(jets((x) => op.power(x, 1.5), 1e-300, 1)[1], 1.5e-150, { relative: 1e-14 });
});

test('the extreme of nothing is refused; its log-sum-exp is −∞', () => {
  const nothing = tensor([], [2, 0]);
  for (const f of [op.max, op.min]) {
    assert.throws(
      () => f(nothing, [1]),
      (error: unknown) => error instanceof ShapeError && /of no entries/.test(error.message),
    );
  }
  same(logSumExp(nothing, [1]), tensor([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]));
  assert.equal([...op.max(tensor([], [0, 2]), [1]).shape], [0]);
  for (const f of [softmax, logSoftmax]) assert.equal([...f(nothing).shape], [2, 0]);
});

test('log-sum-exp of a wholly masked row is −∞, and ∞ where an entry is', () => {
  const low = Number.NEGATIVE_INFINITY;
  const rows = tensor([
    [low, low],
    [low, 3],
    [-low, 1],
    [-low, -low],
  ]);
  same(logSumExp(rows, [1]), tensor([low, 3, -low, -low]));
  same(logSumExp(tensor([[low, low]])), tensor(low));
  const masked = logSumExp(tensor([[low, low]]), [0, 1]);
  same(masked, tensor(low));
});

test('ten derivatives of exp at 0 are 1 to the last bit', () => {
  assert.equal(jets(op.exp, 0, 10), new Array(11).fill(1));
});

test('erf and erfc within one unit of the last place', () => {
  const at = (f: Unary, x: number) => item(f(tensor(x)));
  assert.ok(Math.abs(at(op.erf, 2.5) - 0.999593047982555) <= 1.2e-16);
  close(at(op.erfc, 10), 2.088487583762545e-45, { relative: 3e-16 });
  same(at(op.erf, Number.NaN), Number.NaN);
  same(at(op.erfc, Number.NaN), Number.NaN);
  same(
    [at(op.erf, -0), at(op.erfc, Number.POSITIVE_INFINITY), at(op.erfc, Number.NEGATIVE_INFINITY)],
    [-0, 0, 2],
  );
});

test('higher derivatives along a line do not meet 0 · ∞', () => {
  const infinity = Number.POSITIVE_INFINITY;
  assert.equal(jets(op.exp, 710, 3), [infinity, infinity, infinity, infinity]);
  close(jets((x) => op.power(x, 3), 1e200, 2)[2], 6e200, { relative: 1e-15 });
});

test('a direction of another shape is refused', () => {
  assert.throws(
    () => derivatives(op.exp, tensor([1, 2]), { direction: tensor([1]) }),
    (error: unknown) =>
      error instanceof InputError && /the shape of the first, \[2\]; got \[1\]/.test(error.message),
  );
});

test('an array of floats without a dtype keeps its precision in grad', () => {
  const x = { data: Float32Array.of(0.1), shape: [1], stride: [1], offset: 0 };
  const { value, gradient } = valueAndGrad((p: Tensor) => op.sum(op.mul(p, p)))(x as unknown as Tensor);
  assert.is(value.dtype, 'float32');
  assert.is(gradient.dtype, 'float32');
});

test('the norm has slope 0 at 0 in every mode, and neither over- nor underflows', () => {
  close(
    jets((t) => op.norm(op.mul(t, tensor([3, 4]))), 1, 2),
    [5, 5, 0],
    { relative: 1e-15, absolute: 1e-15 },
  );
  const direction = (t: Tensor) => op.norm(op.add(tensor([3, 4]), op.mul(t, tensor([1, 2]))));
  close(jets(direction, 0, 3), [5, 2.2, 0.032, -0.04224], { relative: 1e-14 });
  const zero = tensor([0, 0]);
  same(grad((x: Tensor) => op.norm(x))(zero), zero);
  same(jvp((x) => op.norm(x), zero, tensor([1, 1])).dy, tensor(0));
  assert.equal(derivatives((x) => op.norm(x), zero, { order: 3 }).map(item), [0, 0, 0, 0]);
  assert.equal(toNested(hessian((x) => op.norm(x))(zero)), [
    [0, 0],
    [0, 0],
  ]);
  const rows = tensor([
    [0, 0],
    [3e200, 4e200],
    [3e-200, -4e-200],
  ]);
  close(op.norm(rows, [1]).data, [0, 5e200, 5e-200], { relative: 1e-15 });
  const slopes = slope((x) => op.norm(x, [1]))(rows);
  close(slopes.data, [0, 0, 0.6, 0.8, 0.6, -0.8], { relative: 1e-15 });
  assert.equal([...op.norm(rows, [1], { keepDimensions: true }).shape], [3, 1]);
});

test('what where does not take needs a safe argument, as its page says', () => {
  const sinc = (x: Tensor) => {
    const isZero = op.equal(x, 0);
    const safe = op.where(isZero, 1, x);
    return op.where(isZero, 1, op.div(op.sin(safe), safe));
  };
  assert.equal([item(grad(sinc)(tensor(0))), ...jets(sinc, 0, 2)], [0, 1, 0, 0]);
});

test.run();
