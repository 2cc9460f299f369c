import type { Tensor } from '../../tensor/tensor.ts';
import { bySlope, convolve, integrate } from '../series.ts';
import { mul, neg } from './arithmetic.ts';
import { exp } from './exponential.ts';
import type { Operand } from './operand.ts';
import { applyUnary, unary } from './unary.ts';

const SERIES_UP_TO = 2.5;
const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/**
 * erf x = 2/√π e^{−x²} Σ_n 2^n x^{2n+1}/(2n+1)!! (all terms of one sign, so no digit is lost); beyond 2.5 through the
 * continued fraction of erfc. Relative error about 4e-16.
 */
export function erfOf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(a)) return x;
  if (a > 6) return Math.sign(x);
  const gauss = TWO_OVER_ROOT_PI * Math.exp(-x * x);
  if (a <= SERIES_UP_TO) {
    let term = x;
    let total = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(total); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      total += term;
    }
    return gauss * total;
  }
  // erfc a = e^{−a²}/√π · 1/(a + (1/2)/(a + 1/(a + (3/2)/(a + …))))
  let tail = a;
  for (let n = 60; n >= 1; n--) tail = a + n / 2 / tail;
  return Math.sign(x) * (1 - gauss / 2 / tail);
}

/** 2/√π e^{−x²}. */
function erfSlope(x: Tensor): Tensor {
  return mul(TWO_OVER_ROOT_PI, exp(neg(mul(x, x))));
}

export const erfRow = unary({
  name: 'erf',
  forward: erfOf,
  derivative: (x) => erfSlope(x),
  // d_0 as above; k d_k = −Σ_{j=1..k} j (x²)_j d_{k−j}
  taylor: (x, y, order) => {
    const squares = Array.from({ length: order + 1 }, (_, k) => convolve(x, x, k));
    return bySlope(x, y, order, (k, _, d) => {
      if (k === 0) return erfSlope(x[0] as Tensor);
      const step = integrate(squares, d, k);
      return step && neg(step);
    });
  },
  samples: [[-3, -0.4, 0, 1e-9, 2.4, 2.6]],
  source: 'd erf x = 2/√π exp(−x²) dx; Abramowitz and Stegun 7.1.6, 7.1.14',
});

/**
 * The error function 2/√π ∫₀ˣ e^{−t²} dt.
 * @example
 * erf(tensor([0, 10])) // [0, 1]
 */
export const erf = (x: Operand): Tensor => applyUnary(erfRow, x);
