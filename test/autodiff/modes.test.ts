import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDerivatives } from '../../src/autodiff/check.ts';
import { jvp } from '../../src/autodiff/forward.ts';
import { hessian, hvp } from '../../src/autodiff/mixed.ts';
import * as op from '../../src/autodiff/operations.ts';
import { grad, jacobian, valueAndGrad, vjp } from '../../src/autodiff/reverse.ts';
import { derivatives, jet } from '../../src/autodiff/taylor.ts';
import { stopGradient } from '../../src/autodiff/trace.ts';
import { InputError, ShapeError } from '../../src/tensor/errors.ts';
import { fromData, item, type Tensor, tensor, toNested } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';

const test = suite('modes of differentiation');
const { exp, log, mul, sin, sum, add, div, sub } = op;

test('ten derivatives of sin(exp x) by jet are those of nested jvp', () => {
  const f = (x: Tensor) => sin(exp(x));
  const got = derivatives(f, tensor(0.3), { order: 6 }).map(item);
  let g = f;
  for (let k = 1; k <= 6; k++) {
    const before = g;
    g = (x) => jvp(before, x, tensor(1)).dy;
    close(got[k], item(g(tensor(0.3))), { relative: 1e-12 }, `order ${k}`);
  }
});

test('1/(1 − x): coefficients are all 1, derivatives are k!', () => {
  const f = (x: Tensor) => div(1, sub(1, x));
  const line = [0, 1, 0, 0, 0, 0].map((c) => tensor(c));
  assert.equal(jet(f, line).map(item), [1, 1, 1, 1, 1, 1]);
  assert.equal(derivatives(f, tensor(0), { order: 5 }).map(item), [1, 1, 2, 6, 24, 120]);
});

test('a jet follows a curved path: f(x + t + t²) of x² at 3', () => {
  const c = jet((x) => mul(x, x), [tensor(3), tensor(1), tensor(1)]);
  assert.equal(c.map(item), [9, 6, 7]); // (3 + t + t²)² = 9 + 6t + 7t² + …
});

test('no perturbation confusion: d/dx [x · d/dy (x + y)] = 1', () => {
  const inner = (x: Tensor) => mul(x, jvp((y) => add(x, y), tensor(1), tensor(1)).dy);
  close(jvp(inner, tensor(5), tensor(1)).dy, tensor(1), {}, 'forward in forward');
  const reversed = (x: Tensor) => mul(x, grad((y: Tensor) => add(x, y))(tensor(1)));
  close(grad(reversed)(tensor(5)), tensor(1), {}, 'reverse in reverse');
  close(derivatives(reversed, tensor(5))[1], tensor(1), {}, 'reverse in a jet');
  const jetted = (x: Tensor) => mul(x, derivatives((y) => mul(x, y), tensor(1))[1]);
  close(grad(jetted)(tensor(5)), tensor(10), {}, 'a jet in reverse'); // d/dx x·x
});

test('grad takes trees of parameters', () => {
  const f = ({ w, b }: { w: Tensor[]; b: Tensor }) => sum(add(mul(w[0], w[1]), b));
  const { value, gradient } = valueAndGrad(f)({ w: [tensor([1, 2]), tensor([3, 4])], b: tensor(5) });
  assert.is(item(value), 21);
  assert.equal([toNested(gradient.w[0]), toNested(gradient.w[1]), item(gradient.b)], [[3, 4], [1, 2], 2]);
});

test('jacobian, hvp and hessian against closed forms', () => {
  const x = tensor([0.5, -1, 2]);
  const f = (v: Tensor) => mul(v, sum(v));
  const total = 1.5;
  assert.equal(toNested(jacobian(f)(x)), [
    [total + 0.5, 0.5, 0.5],
    [-1, total - 1, -1],
    [2, 2, total + 2],
  ]);
  const cubes = (v: Tensor) => sum(mul(v, mul(v, v)));
  assert.equal(toNested(hessian(cubes)(x)), [
    [3, 0, 0],
    [0, -6, 0],
    [0, 0, 12],
  ]);
  assert.equal(toNested(hvp(cubes, x, tensor([1, 1, 1]))), [3, -6, 12]);
  assert.equal(toNested(hessian((v) => sum(v))(tensor([1, 2]))), [
    [0, 0],
    [0, 0],
  ]);
});

test('a vjp of broadcasting sums over what was spread', () => {
  const x = tensor([[1], [2]]);
  const g = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const { pullback } = vjp((v) => mul(v, tensor([10, 20, 30])), x);
  assert.equal(toNested(pullback(g)), [[140], [320]]);
});

test('stopGradient is a constant in every mode', () => {
  const f = (x: Tensor) => mul(x, stopGradient(x));
  assert.is(item(grad(f)(tensor(3))), 3);
  assert.is(item(jvp(f, tensor(3), tensor(1)).dy), 3);
  assert.is(item(derivatives(f, tensor(3), { order: 2 })[2]), 0);
});

test('strided input is read as it is, whatever its offset', () => {
  const transposed: Tensor = { ...tensor([1, 2, 3, 4]), shape: [2, 2], stride: [1, 2] };
  assert.equal(toNested(op.add(transposed, 0)), [
    [1, 3],
    [2, 4],
  ]);
  assert.equal(
    toNested(
      grad((x: Tensor) =>
        sum(
          mul(
            x,
            tensor([
              [1, 2],
              [3, 4],
            ]),
          ),
        ),
      )(transposed),
    ),
    [
      [1, 2],
      [3, 4],
    ],
  );
});

test('float32 stays float32, and meets float64 as float64', () => {
  const x = fromData(Float32Array.of(0.1), [1]);
  assert.is(mul(x, 0.5).dtype, 'float32');
  assert.is(mul(x, tensor([0.5])).dtype, 'float64');
});

test('integer powers hold at zero and below', () => {
  const cube = derivatives((x) => op.power(x, 3), tensor([0, -2]), { order: 3 }).map(toNested);
  assert.equal(cube, [
    [0, -8],
    [0, 12],
    [0, -12],
    [6, 6],
  ]);
});

test('tanh and sigmoid keep the digits of their slope near saturation', () => {
  const slope = (x: number) => (4 * Math.exp(-2 * x)) / (1 + Math.exp(-2 * x)) ** 2;
  close(derivatives(op.tanh, tensor(20))[1], tensor(slope(20)), { relative: 1e-14 }, "tanh'(20)");
  const e = Math.exp(-40);
  close(
    derivatives(op.sigmoid, tensor(40), { order: 2 })[2],
    tensor((-e * (1 - e)) / (1 + e) ** 3),
    { relative: 1e-14 },
    "σ''(40)",
  );
});

test('what a transformation gives shares its memory with nothing', () => {
  const f = (x: Tensor) => sum(mul(exp(x), x));
  const [x, dx] = [tensor([1, 2, 3]), tensor([1, 0, 1])];
  const { y, pullback } = vjp(exp, x);
  const results = [
    ...Object.values(valueAndGrad(f)(x)),
    ...Object.values(jvp(exp, x, dx)),
    ...[y, pullback(dx), pullback(tensor([[1, 0, 0]])), hvp(f, x, dx), hessian(f)(x), jacobian(exp)(x)],
    ...jet(exp, [x, dx, dx]),
    ...derivatives(exp, x, { order: 3 }),
    grad((point: Tensor) => sum(grad(f)(point)))(x),
  ];
  for (const { data } of results) assert.is(data.buffer.byteLength, data.byteLength);
});

test('values inside a transformation cannot be read, nor the fact that there are any', () => {
  const look: ((x: Tensor) => unknown)[] = [
    (x) => x.data[0],
    (x) => x.data.length,
    (x) => [...x.data],
    (x) => new Float64Array(x.data),
    (x) => x.data.map((value) => value),
    item,
    toNested,
  ];
  for (const each of look) {
    const f = (x: Tensor) => {
      each(x);
      return x;
    };
    for (const run of [
      () => grad(f)(tensor(1)),
      () => jvp(f, tensor(1), tensor(1)),
      () => jet(f, [tensor(1)]),
    ]) {
      assert.throws(run, /Cannot read the values/);
    }
  }
});

test('wrong usage says what was wanted and the way out', () => {
  assert.throws(
    () => grad((x: Tensor) => mul(x, x))(tensor([1, 2, 3])),
    /output must be a scalar, got shape \[3\]; use jacobian instead/,
  );
  assert.throws(
    () => grad((x: Tensor) => fromData(Float64Array.from(x.data), x.shape))(tensor(1)),
    (error: unknown) => error instanceof InputError && /Cannot read the values/.test(error.message),
  );
  assert.throws(
    () => op.matmul(tensor([[1, 2]]), tensor([[1, 2]])),
    (error: unknown) => error instanceof ShapeError && /inner lengths/.test(error.message),
  );
  assert.throws(
    () => add(tensor([1, 2]), tensor([1, 2, 3])),
    /Cannot add: shapes \[2\] and \[3\] do not broadcast/,
  );
});

test('checkDerivatives accepts a smooth function and catches a wrong one', () => {
  assert.ok(checkDerivatives((x) => mul(exp(x), log(add(2, mul(x, x)))), tensor([0.3, -0.7])).ok);
  const detached = checkDerivatives((x) => mul(exp(x), stopGradient(x)), tensor([0.3, -0.7]));
  assert.not(detached.ok);
});

test.run();
