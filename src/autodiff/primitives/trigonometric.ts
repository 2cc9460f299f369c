import type { Tensor } from '../../tensor/tensor.ts';
import type { Series } from '../primitive.ts';
import { bySlope, convolve, integrate } from '../series.ts';
import { add, div, mul, neg, sub } from './arithmetic.ts';
import type { Operand } from './operand.ts';
import { reciprocal, sqrt } from './powers.ts';
import { applyUnary, unary } from './unary.ts';

/** y' = z x', z' = −y x'. */
function circular(x: Series, y: Tensor, z: Tensor, order: number): Series {
  const other: (Tensor | undefined)[] = [z];
  return bySlope(x, y, order, (k, out) => {
    if (k > 0) {
      const step = integrate(x, out, k);
      other.push(step && neg(step));
    }
    return other[k];
  });
}

export const sinRow = unary({
  name: 'sin',
  forward: Math.sin,
  derivative: (x) => cos(x),
  taylor: (x, y, order) => circular(x, y, cos(x[0] as Tensor), order),
  samples: [[-2, 0, 1]],
  source: 'd sin x = cos x dx',
});

export const cosRow = unary({
  name: 'cos',
  forward: Math.cos,
  derivative: (x) => neg(sin(x)),
  taylor: (x, y, order) => circular(x, y, neg(sin(x[0] as Tensor)), order),
  samples: [[-2, 0, 1]],
  source: 'd cos x = −sin x dx',
});

export const tanRow = unary({
  name: 'tan',
  forward: Math.tan,
  derivative: (_, y) => add(1, mul(y, y)),
  // d_0 = 1 + y_0², d_k = Σ_j y_j y_{k−j}
  taylor: (x, y, order) =>
    bySlope(x, y, order, (k, out) => (k === 0 ? add(1, mul(y, y)) : convolve(out, out, k))),
  samples: [[-1, 0, 1.2]],
  source: 'd tan x = (1 + tan² x) dx',
});

export const atanRow = unary({
  name: 'atan',
  forward: Math.atan,
  derivative: (x) => reciprocal(add(1, mul(x, x))),
  samples: [[-3, 0, 0.5]],
  source: 'd arctan x = dx / (1 + x²)',
});

export const asinRow = unary({
  name: 'asin',
  forward: Math.asin,
  derivative: (x) => reciprocal(sqrt(oneMinusSquare(x))),
  samples: [[-0.9, 0, 0.5]],
  source: 'd arcsin x = dx / √(1 − x²)',
});

export const acosRow = unary({
  name: 'acos',
  forward: Math.acos,
  derivative: (x) => neg(reciprocal(sqrt(oneMinusSquare(x)))),
  samples: [[-0.9, 0, 0.5]],
  source: 'd arccos x = −dx / √(1 − x²)',
});

export const asinhRow = unary({
  name: 'asinh',
  forward: Math.asinh,
  derivative: (x) => reciprocal(sqrt(add(1, mul(x, x)))),
  samples: [[-3, 0, 0.5]],
  source: 'd arsinh x = dx / √(1 + x²)',
});

export const acoshRow = unary({
  name: 'acosh',
  forward: Math.acosh,
  derivative: (x) => reciprocal(sqrt(mul(sub(x, 1), add(x, 1)))),
  samples: [[1.5, 3]],
  source: 'd arcosh x = dx / √(x² − 1)',
});

export const atanhRow = unary({
  name: 'atanh',
  forward: Math.atanh,
  derivative: (x) => div(1, oneMinusSquare(x)),
  samples: [[-0.9, 0, 0.5]],
  source: 'd artanh x = dx / (1 − x²)',
});

/** (1 − x)(1 + x): exact digits near ±1. */
function oneMinusSquare(x: Tensor): Tensor {
  return mul(sub(1, x), add(1, x));
}

/**
 * sin x, x in radians.
 * @example
 * sin(tensor([0, Math.PI / 2])) // [0, 1]
 */
export const sin = (x: Operand): Tensor => applyUnary(sinRow, x);
/**
 * cos x, x in radians.
 * @example
 * cos(tensor([0, Math.PI])) // [1, -1]
 */
export const cos = (x: Operand): Tensor => applyUnary(cosRow, x);
/**
 * tan x, x in radians; a pole at π/2 + kπ, where floats only come near.
 * @example
 * tan(tensor(0)) // 0
 */
export const tan = (x: Operand): Tensor => applyUnary(tanRow, x);
/**
 * The x in (−π/2, π/2) with tan x = given.
 * @example
 * derivatives(atan, 0, { order: 3 }) // [0, 1, 0, -2]
 */
export const atan = (x: Operand): Tensor => applyUnary(atanRow, x);
/**
 * The x in [−π/2, π/2] with sin x = given; NaN outside −1 … 1, slope ∞ at both ends.
 * @example
 * asin(tensor(0)) // 0
 * derivatives(asin, 0) // [0, 1]
 */
export const asin = (x: Operand): Tensor => applyUnary(asinRow, x);
/**
 * The x in [0, π] with cos x = given; NaN outside −1 … 1, slope −∞ at both ends.
 * @example
 * acos(tensor(1)) // 0
 */
export const acos = (x: Operand): Tensor => applyUnary(acosRow, x);
/**
 * The x with sinh x = given.
 * @example
 * derivatives(asinh, 0) // [0, 1]
 */
export const asinh = (x: Operand): Tensor => applyUnary(asinhRow, x);
/**
 * The x ≥ 0 with cosh x = given; NaN below 1, slope ∞ at 1.
 * @example
 * acosh(tensor(1)) // 0
 */
export const acosh = (x: Operand): Tensor => applyUnary(acoshRow, x);
/**
 * The x with tanh x = given; ±∞ at ±1, NaN beyond.
 * @example
 * derivatives(atanh, 0, { order: 3 }) // [0, 1, 0, 2]
 */
export const atanh = (x: Operand): Tensor => applyUnary(atanhRow, x);
