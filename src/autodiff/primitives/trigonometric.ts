import type { Tensor } from '../../tensor/tensor.ts';
import type { Series } from '../primitive.ts';
import { bySlope, convolve, integrate } from '../series.ts';
import { add, div, mul, neg, sub } from './arithmetic.ts';
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

export const sin = (x: Tensor): Tensor => applyUnary(sinRow, x);
export const cos = (x: Tensor): Tensor => applyUnary(cosRow, x);
export const tan = (x: Tensor): Tensor => applyUnary(tanRow, x);
export const atan = (x: Tensor): Tensor => applyUnary(atanRow, x);
export const asin = (x: Tensor): Tensor => applyUnary(asinRow, x);
export const acos = (x: Tensor): Tensor => applyUnary(acosRow, x);
export const asinh = (x: Tensor): Tensor => applyUnary(asinhRow, x);
export const acosh = (x: Tensor): Tensor => applyUnary(acoshRow, x);
export const atanh = (x: Tensor): Tensor => applyUnary(atanhRow, x);
