import type { Tensor } from '../../tensor/tensor.ts';
import { convolve, scaled } from '../coefficients.ts';
import type { Series } from '../primitive.ts';
import { bySlope, integrate } from '../series.ts';
import { mul } from './arithmetic.ts';
import { erfcOf, erfOf, gaussOf } from './errorFunction.ts';
import type { Operand } from './lift.ts';
import { applyUnary, unary } from './unary.ts';

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** e^(−x²): what erf and erfc have as their slope, but for a factor. */
export const gaussRow = /* @__PURE__ */ unary({
  name: 'gauss',
  forward: gaussOf,
  derivative: (x, y) => mul(mul(-2, x), y),
  // k y_k = −Σ_{j=1..k} j (x²)_j y_{k−j}; (x²)_0 is not needed, and may overflow
  taylor: (x, y, order) => {
    const squares = Array.from({ length: order + 1 }, (_, k) => (k === 0 ? undefined : convolve(x, x, k)));
    const out: (Tensor | undefined)[] = [y];
    for (let k = 1; k <= order; k++) out.push(scaled(integrate(squares, out, k), -1));
    return out;
  },
  values: [
    [-2.1, 0.012155178329914933],
    [-0.4, 0.8521437889662113],
    [0, 1],
    [0.9, 0.4448580662229411],
    [3, 0.00012340980408667956],
  ],
  tails: [
    [1e-9, 1],
    [10.1, 4.984480496942965e-45],
    [26.3, 4.007281139193885e-301],
  ],
  operation: false,
  source: 'd exp(−x²) = −2x exp(−x²) dx',
});

const gauss = (x: Tensor): Tensor => applyUnary(gaussRow, x);

/** ±2/√π e^(−x²) as the slope of a row. */
function slopeOf(sign: 1 | -1) {
  const factor = sign * TWO_OVER_ROOT_PI;
  return {
    derivative: (x: Tensor) => mul(factor, gauss(x)),
    taylor: (x: Series, y: Tensor, order: number) => {
      const slope = gaussRow.taylor([x], gauss(x[0] as Tensor), order, {});
      return bySlope(x, y, order, (k) => scaled(slope[k], factor));
    },
  };
}

export const erfRow = /* @__PURE__ */ unary({
  name: 'erf',
  forward: erfOf,
  ...slopeOf(1),
  values: [
    [-3, -0.9999779095030014],
    [-0.4, -0.42839235504666845],
    [0, 0],
    [1e-9, 1.1283791670955127e-9],
    [2.4, 0.999311486103355],
    [2.6, 0.9997639655834707],
  ],
  tails: [
    [-1e-300, -1.1283791670955126e-300],
    [0.8, 0.7421009647076605],
    [1, 0.8427007929497149],
    [1.3, 0.9340079449406524],
    [5.9, 0.9999999999999999],
    [7, 1],
  ],
  source: 'd erf x = 2/√π exp(−x²) dx',
});

export const erfcRow = /* @__PURE__ */ unary({
  name: 'erfc',
  forward: erfcOf,
  ...slopeOf(-1),
  values: [
    [-3, 1.9999779095030015],
    [-0.4, 1.4283923550466684],
    [0, 1],
    [0.3, 0.6713732405408726],
    [1, 0.15729920705028513],
    [2.4, 0.0006885138966450789],
    [3.1, 1.1648657367199589e-5],
  ],
  tails: [
    [-7, 2],
    [1e-300, 1],
    [0.7, 0.32219880616258156],
    [6, 2.1519736712498913e-17],
    [10, 2.088487583762545e-45],
    [20, 5.395865611607901e-176],
    [26, 5.663192408856143e-296],
  ],
  source: 'd erfc x = −2/√π exp(−x²) dx',
});

/**
 * The error function 2/√π ∫₀ˣ e^{−t²} dt.
 * @example
 * erf(tensor([0, 10])) // [0, 1]
 */
export const erf = (x: Operand): Tensor => applyUnary(erfRow, x);
/**
 * 1 − erf x, which keeps its digits where erf is close to 1.
 * @example
 * erfc(tensor([0, -10])) // [1, 2]
 */
export const erfc = (x: Operand): Tensor => applyUnary(erfcRow, x);
