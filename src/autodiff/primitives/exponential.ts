import { coshOf, expm1Of, expOf, sinhOf, tanhOf } from '../../tensor/elementary/exponential.ts';
import { log1pOf, logOf } from '../../tensor/elementary/logarithm.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { convolve, minus, scaled, times } from '../coefficients.ts';
import type { Series } from '../primitive.ts';
import { bySlope, integrate } from '../series.ts';
import { add, mul, neg } from './arithmetic.ts';
import { div } from './division.ts';
import type { Operand } from './lift.ts';
import { applyUnary, unary } from './unary.ts';

export const expRow = /* @__PURE__ */ unary({
  name: 'exp',
  forward: expOf,
  derivative: (_, y) => y,
  // d_k = y_k
  taylor: (x, y, order) => bySlope(x, y, order, (k, out) => out[k]),
  values: [
    [-30, 9.357622968840175e-14],
    [-1, 0.36787944117144233],
    [0, 1],
    [0.5, 1.6487212707001282],
    [3, 20.085536923187668],
  ],
  tails: [
    [-700, 9.85967654375977e-305],
    [-1e-300, 1],
    [1e-9, 1.000000001],
    [40, 2.3538526683702e17],
    [700, 1.0142320547350045e304],
  ],
  source: 'd exp x = exp x dx',
});

export const expm1Row = /* @__PURE__ */ unary({
  name: 'expm1',
  forward: expm1Of,
  derivative: (x) => exp(x),
  // d_0 = e^x, d_k = y_k
  taylor: (x, y, order) => bySlope(x, y, order, (k, out) => (k === 0 ? exp(x[0] as Tensor) : out[k])),
  values: [
    [-30, -0.9999999999999064],
    [-1, -0.6321205588285577],
    [0, 0],
    [1e-9, 1.0000000005000001e-9],
    [3, 19.085536923187668],
  ],
  tails: [
    [-700, -1],
    [-1e-300, -1e-300],
    [1e-17, 1e-17],
    [700, 1.0142320547350045e304],
  ],
  source: 'd (exp x − 1) = exp x dx',
});

/** The series of 1/x: r_k = −(Σ_{j=1..k} x_j r_{k−j}) / x_0, built one coefficient at a time. */
function reciprocalStep(x: Series, first: Tensor, k: number, r: Series): Tensor | undefined {
  if (k === 0) return div(1, first);
  const total = convolve(x, r, k, 1);
  return total && neg(div(total, first));
}

export const logRow = /* @__PURE__ */ unary({
  name: 'log',
  forward: logOf,
  derivative: (x) => div(1, x),
  taylor: (x, y, order) => bySlope(x, y, order, (k, _, d) => reciprocalStep(x, x[0] as Tensor, k, d)),
  values: [
    [0.01, -4.605170185988091],
    [0.5, -Math.LN2],
    [1, 0],
    [30, 3.4011973816621555],
  ],
  tails: [
    [5e-324, -744.4400719213812],
    [1e-300, -690.7755278982137],
    [0.9999999999999999, -1.1102230246251565e-16],
    [1e300, 690.7755278982137],
  ],
  source: 'd log x = dx / x',
});

export const log1pRow = /* @__PURE__ */ unary({
  name: 'log1p',
  forward: log1pOf,
  derivative: (x) => div(1, add(1, x)),
  taylor: (x, y, order) => {
    const first = add(1, x[0] as Tensor);
    return bySlope(x, y, order, (k, _, d) => reciprocalStep(x, first, k, d));
  },
  values: [
    [-0.9, -Math.LN10],
    [0, 0],
    [1e-9, 9.999999995e-10],
    [2, 1.0986122886681098],
  ],
  tails: [
    [-0.999999999999, -27.63104323789336],
    [-1e-300, -1e-300],
    [1e-17, 1e-17],
    [1e300, 690.7755278982137],
  ],
  source: 'd log(1 + x) = dx / (1 + x)',
});

function sigmoidOf(x: number): number {
  const e = expOf(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/**
 * Coefficients of σ' along a line, d_k = −tanh(x_0/2) y_k − Σ_{j=1..k−1} y_j y_{k−j}, from those of y = σ(x). 1 − 2σ is
 * −tanh(x/2), which keeps its digits near 0.
 */
function sigmoidSlopeSteps(x: Tensor): (k: number, y: Series) => Tensor | undefined {
  const turn = neg(tanh(mul(0.5, x)));
  return (k, y) => (k === 0 ? sigmoidSlope(x) : minus(times(y[k], turn), convolve(y, y, k, 1, k - 1)));
}

export const sigmoidSlopeRow = /* @__PURE__ */ unary({
  name: 'sigmoidSlope',
  forward: (x) => {
    const e = expOf(-Math.abs(x));
    return e / (1 + e) ** 2;
  },
  derivative: (x, y) => neg(mul(tanh(mul(0.5, x)), y)),
  taylor: (x, y, order) => {
    const first = x[0] as Tensor;
    const step = sigmoidSlopeSteps(first);
    const slope: (Tensor | undefined)[] = [y];
    const sigmoids: (Tensor | undefined)[] = [sigmoid(first)];
    for (let k = 1; k <= order; k++) {
      sigmoids.push(integrate(x, slope, k));
      slope.push(step(k, sigmoids));
    }
    return slope;
  },
  values: [
    [-40, 4.248354255291589e-18],
    [-2, 0.10499358540350652],
    [1e-9, 0.25],
    [0.3, 0.24445831169074586],
    [40, 4.248354255291589e-18],
  ],
  tails: [
    [-700, 9.85967654375977e-305],
    [0, 0.25],
    [700, 9.85967654375977e-305],
  ],
  operation: false,
  source: "d σ' = −tanh(x/2) σ' dx",
});

/** σ' = e/(1 + e)², e = exp(−|x|): keeps its digits where 1 − σ rounds to 0. */
const sigmoidSlope = (x: Tensor): Tensor => applyUnary(sigmoidSlopeRow, x);

export const sigmoidRow = /* @__PURE__ */ unary({
  name: 'sigmoid',
  forward: sigmoidOf,
  derivative: (x) => sigmoidSlope(x),
  taylor: (x, y, order) => bySlope(x, y, order, sigmoidSlopeSteps(x[0] as Tensor)),
  values: [
    [-40, 4.248354255291589e-18],
    [-2, 0.11920292202211756],
    [0.3, 0.574442516811659],
    [1.5, 0.8175744761936437],
    [40, 1],
  ],
  tails: [
    [-700, 9.85967654375977e-305],
    [-1e-300, 0.5],
    [0, 0.5],
    [1e-9, 0.50000000025],
    [700, 1],
  ],
  source: 'dσ = e/(1 + e)² dx, e = exp(−|x|)',
});

function softplusOf(x: number): number {
  return Math.max(x, 0) + log1pOf(expOf(-Math.abs(x)));
}

export const softplusRow = /* @__PURE__ */ unary({
  name: 'softplus',
  forward: softplusOf,
  derivative: (x) => sigmoid(x),
  taylor: (x, y, order) => {
    const slope = sigmoidRow.taylor([x], sigmoid(x[0] as Tensor), order, {});
    return bySlope(x, y, order, (k) => slope[k]);
  },
  values: [
    [-40, 4.248354255291589e-18],
    [-2, 0.1269280110429725],
    [0, Math.LN2],
    [1.5, 1.7014132779827524],
    [40, 40],
  ],
  tails: [
    [-700, 9.85967654375977e-305],
    [1e-300, Math.LN2],
    [700, 700],
  ],
  source: 'd log(1 + exp x) = σ(x) dx',
});

/** 4e/(1 + e)², e = exp(−2|x|): never 1 − tanh², which loses every digit near saturation. */
function tanhSlope(x: Tensor): Tensor {
  return mul(4, sigmoidSlope(mul(2, x)));
}

export const tanhRow = /* @__PURE__ */ unary({
  name: 'tanh',
  forward: tanhOf,
  derivative: (x) => tanhSlope(x),
  // d_0 as above; d_k = −Σ_{j=0..k} y_j y_{k−j}
  taylor: (x, y, order) =>
    bySlope(x, y, order, (k, out) => {
      if (k === 0) return tanhSlope(x[0] as Tensor);
      return minus(scaled(times(y, out[k]), -2), convolve(out, out, k, 1, k - 1));
    }),
  values: [
    [-20, -1],
    [-2, -0.9640275800758169],
    [0.3, 0.2913126124515909],
    [1.5, 0.9051482536448664],
    [20, 1],
  ],
  tails: [
    [-1e-300, -1e-300],
    [1e-9, 1e-9],
    [700, 1],
  ],
  source: 'd tanh x = 4e/(1 + e)² dx, e = exp(−2|x|)',
});

export const sinhRow = /* @__PURE__ */ unary({
  name: 'sinh',
  forward: sinhOf,
  derivative: (x) => cosh(x),
  values: [
    [-3, -10.017874927409903],
    [0, 0],
    [0.5, 0.5210953054937474],
  ],
  tails: [
    [-700, -5.0711602736750225e303],
    [-1e-300, -1e-300],
    [1e-9, 1e-9],
    [20, 242582597.70489514],
  ],
  source: 'd sinh x = cosh x dx',
  taylor: (x, y, order) => hyperbolic(x, y, cosh(x[0] as Tensor), order),
});

export const coshRow = /* @__PURE__ */ unary({
  name: 'cosh',
  forward: coshOf,
  derivative: (x) => sinh(x),
  values: [
    [-3, 10.067661995777765],
    [0, 1],
    [0.5, 1.1276259652063807],
  ],
  tails: [
    [-700, 5.0711602736750225e303],
    [1e-300, 1],
    [20, 242582597.70489514],
  ],
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
