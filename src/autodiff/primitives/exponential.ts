import type { Tensor } from '../../tensor/tensor.ts';
import type { Series } from '../primitive.ts';
import { bySlope, convolve, integrate, minus, scaled, times } from '../series.ts';
import { add, div, mul, neg, sub } from './arithmetic.ts';
import type { Operand } from './operand.ts';
import { applyUnary, unary } from './unary.ts';

export const expRow = unary({
  name: 'exp',
  forward: Math.exp,
  derivative: (_, y) => y,
  // d_k = y_k
  taylor: (x, y, order) => bySlope(x, y, order, (k, out) => out[k]),
  samples: [[-30, -1, 0, 0.5, 3]],
  source: 'd exp x = exp x dx',
});

export const expm1Row = unary({
  name: 'expm1',
  forward: Math.expm1,
  derivative: (x) => exp(x),
  // d_0 = e^x, d_k = y_k
  taylor: (x, y, order) => bySlope(x, y, order, (k, out) => (k === 0 ? exp(x[0] as Tensor) : out[k])),
  samples: [[-30, -1, 0, 1e-9, 3]],
  source: 'd (exp x − 1) = exp x dx',
});

/** The series of 1/x: r_k = −(Σ_{j=1..k} x_j r_{k−j}) / x_0, built one coefficient at a time. */
function reciprocalStep(x: Series, first: Tensor, k: number, r: Series): Tensor | undefined {
  if (k === 0) return div(1, first);
  const total = convolve(x, r, k, 1);
  return total && neg(div(total, first));
}

export const logRow = unary({
  name: 'log',
  forward: Math.log,
  derivative: (x) => div(1, x),
  taylor: (x, y, order) => bySlope(x, y, order, (k, _, d) => reciprocalStep(x, x[0] as Tensor, k, d)),
  samples: [[0.01, 0.5, 1, 30]],
  source: 'd log x = dx / x',
});

export const log1pRow = unary({
  name: 'log1p',
  forward: Math.log1p,
  derivative: (x) => div(1, add(1, x)),
  taylor: (x, y, order) => {
    const first = add(1, x[0] as Tensor);
    return bySlope(x, y, order, (k, _, d) => reciprocalStep(x, first, k, d));
  },
  samples: [[-0.9, 1e-9, 0, 2]],
  source: 'd log(1 + x) = dx / (1 + x)',
});

function sigmoidOf(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/** σ' = σ(x) σ(−x) = e/(1 + e)², e = exp(−|x|): keeps its digits where 1 − σ rounds to 0. */
function sigmoidSlope(x: Tensor): Tensor {
  return mul(sigmoid(x), sigmoid(neg(x)));
}

/** d_0 as above; d_k = y_k (1 − 2 y_0) − Σ_{j=1..k−1} y_j y_{k−j}. */
function sigmoidSlopeStep(x: Series, y: Series, k: number): Tensor | undefined {
  const first = y[0] as Tensor;
  if (k === 0) return sigmoidSlope(x[0] as Tensor);
  return minus(times(y[k], sub(1, mul(2, first))), convolve(y, y, k, 1, k - 1));
}

export const sigmoidRow = unary({
  name: 'sigmoid',
  forward: sigmoidOf,
  derivative: (x) => sigmoidSlope(x),
  taylor: (x, y, order) => bySlope(x, y, order, (k, out) => sigmoidSlopeStep(x, out, k)),
  samples: [[-40, -2, 0.3, 1.5, 40]],
  source: 'dσ = e/(1 + e)² dx, e = exp(−|x|)',
});

function softplusOf(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

export const softplusRow = unary({
  name: 'softplus',
  forward: softplusOf,
  derivative: (x) => sigmoid(x),
  taylor: (x, y, order) => {
    const slope = sigmoidRow.taylor([x], sigmoid(x[0] as Tensor), order, {});
    return bySlope(x, y, order, (k) => slope[k]);
  },
  samples: [[-40, -2, 0, 1.5, 40]],
  source: 'd log(1 + exp x) = σ(x) dx',
});

/** 4e/(1 + e)², e = exp(−2|x|): never 1 − tanh², which loses every digit near saturation. */
function tanhSlope(x: Tensor): Tensor {
  return mul(4, sigmoidSlope(mul(2, x)));
}

export const tanhRow = unary({
  name: 'tanh',
  forward: Math.tanh,
  derivative: (x) => tanhSlope(x),
  // d_0 as above; d_k = −Σ_{j=0..k} y_j y_{k−j}
  taylor: (x, y, order) =>
    bySlope(x, y, order, (k, out) => {
      if (k === 0) return tanhSlope(x[0] as Tensor);
      return minus(scaled(times(y, out[k]), -2), convolve(out, out, k, 1, k - 1));
    }),
  samples: [[-20, -2, 0.3, 1.5, 20]],
  source: 'd tanh x = 4e/(1 + e)² dx, e = exp(−2|x|)',
});

export const sinhRow = unary({
  name: 'sinh',
  forward: Math.sinh,
  derivative: (x) => cosh(x),
  samples: [[-3, 0, 0.5]],
  source: 'd sinh x = cosh x dx',
  taylor: (x, y, order) => hyperbolic(x, y, cosh(x[0] as Tensor), order),
});

export const coshRow = unary({
  name: 'cosh',
  forward: Math.cosh,
  derivative: (x) => sinh(x),
  samples: [[-3, 0, 0.5]],
  source: 'd cosh x = sinh x dx',
  taylor: (x, y, order) => hyperbolic(x, y, sinh(x[0] as Tensor), order),
});

/** y' = z x', z' = y x'. */
function hyperbolic(x: Series, y: Tensor, z: Tensor, order: number): Series {
  const other: (Tensor | undefined)[] = [z];
  return bySlope(x, y, order, (k, out) => {
    if (k > 0) other.push(integrate(x, out, k));
    return other[k];
  });
}

/**
 * e^x.
 * @example
 * derivatives(exp, 0, { order: 3 }) // [1, 1, 1, 1]
 */
export const exp = (x: Operand): Tensor => applyUnary(expRow, x);
/**
 * e^x − 1, accurate near 0.
 * @example
 * expm1(tensor(1e-20)) // 1e-20
 */
export const expm1 = (x: Operand): Tensor => applyUnary(expm1Row, x);
/**
 * ln x; −Infinity at 0, NaN below.
 * @example
 * derivatives(log, 1, { order: 3 }) // [0, 1, -1, 2]
 */
export const log = (x: Operand): Tensor => applyUnary(logRow, x);
/**
 * ln(1 + x), accurate near 0.
 * @example
 * log1p(tensor(1e-20)) // 1e-20
 */
export const log1p = (x: Operand): Tensor => applyUnary(log1pRow, x);
/**
 * 1/(1 + e^−x).
 * @example
 * derivatives(sigmoid, 0) // [0.5, 0.25]
 */
export const sigmoid = (x: Operand): Tensor => applyUnary(sigmoidRow, x);
/**
 * ln(1 + e^x), without overflow.
 * @example
 * softplus(tensor(1000)) // 1000
 * grad(softplus)(0) // 0.5
 */
export const softplus = (x: Operand): Tensor => applyUnary(softplusRow, x);
/**
 * (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ), in −1 … 1. Its slope keeps its digits near saturation.
 * @example
 * derivatives(tanh, 0, { order: 3 }) // [0, 1, 0, -2]
 */
export const tanh = (x: Operand): Tensor => applyUnary(tanhRow, x);
/**
 * (eˣ − e⁻ˣ)/2.
 * @example
 * derivatives(sinh, 0, { order: 3 }) // [0, 1, 0, 1]
 */
export const sinh = (x: Operand): Tensor => applyUnary(sinhRow, x);
/**
 * (eˣ + e⁻ˣ)/2.
 * @example
 * derivatives(cosh, 0, { order: 3 }) // [1, 0, 1, 0]
 */
export const cosh = (x: Operand): Tensor => applyUnary(coshRow, x);
