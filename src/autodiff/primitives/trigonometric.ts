import { atanOf, cosOf, sinOf, tanOf } from '../../tensor/elementary/trigonometric.ts';
import { mapEntries } from '../../tensor/kernels/reference/map.ts';
import { contiguous, type Tensor } from '../../tensor/tensor.ts';
import { convolve, plus, scaled, times } from '../coefficients.ts';
import type { Elementwise, Series } from '../primitive.ts';
import { bySlope, integrate } from '../series.ts';
import { concrete } from '../trace.ts';
import { add, mul, neg, sub } from './arithmetic.ts';
import { div } from './division.ts';
import type { Operand } from './lift.ts';
import { reciprocal } from './powers.ts';
import { applyUnary, type UnaryRow, unary } from './unary.ts';

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

export const sinRow = /* @__PURE__ */ unary({
  name: 'sin',
  forward: sinOf,
  derivative: (x) => cos(x),
  taylor: (x, y, order) => circular(x, y, cos(x[0] as Tensor), order),
  values: [
    [-2, -0.9092974268256817],
    [0, 0],
    [1, 0.8414709848078965],
  ],
  tails: [
    [-1e-300, -1e-300],
    [Math.PI, 1.2246467991473532e-16],
    [355, -3.014435335948845e-5],
    [1e22, -0.8522008497671888],
    [1e300, -0.8178819121159085],
  ],
  source: 'd sin x = cos x dx',
});

export const cosRow = /* @__PURE__ */ unary({
  name: 'cos',
  forward: cosOf,
  derivative: (x) => neg(sin(x)),
  taylor: (x, y, order) => circular(x, y, neg(sin(x[0] as Tensor)), order),
  values: [
    [-2, -0.4161468365471424],
    [0, 1],
    [1, 0.5403023058681398],
  ],
  tails: [
    [1e-9, 1],
    [1.5707963267948966, 6.123233995736766e-17],
    [355, -0.999999999545659],
    [1e22, 0.523214785395139],
    [1e300, -0.5753861119575491],
  ],
  source: 'd cos x = −sin x dx',
});

export const tanRow = /* @__PURE__ */ unary({
  name: 'tan',
  forward: tanOf,
  derivative: (_, y) => add(1, mul(y, y)),
  // d_0 = 1 + y_0², d_k = Σ_j y_j y_{k−j}
  taylor: (x, y, order) =>
    bySlope(x, y, order, (k, out) => (k === 0 ? add(1, mul(y, y)) : convolve(out, out, k))),
  values: [
    [-1, -1.5574077246549023],
    [0, 0],
    [1.2, 2.5721516221263188],
  ],
  tails: [
    [-1e-300, -1e-300],
    [1.5707963267948966, 1.633123935319537e16],
    [Math.PI, -1.2246467991473532e-16],
    [1e22, -1.6287782256068988],
  ],
  source: 'd tan x = (1 + tan² x) dx',
});

export const atanRow = /* @__PURE__ */ unary({
  name: 'atan',
  forward: atanOf,
  derivative: (x) => reciprocal(add(1, mul(x, x))),
  values: [
    [-3, -1.2490457723982544],
    [0, 0],
    [0.5, 0.4636476090008061],
  ],
  tails: [
    [-1e300, -1.5707963267948966],
    [1e-300, 1e-300],
    [1e-9, 1e-9],
    [1000000, 1.5707953267948966],
  ],
  source: 'd arctan x = dx / (1 + x²)',
});

interface Slope {
  readonly name: string;
  readonly forward: (x: number) => number;
  /** one² · (c ± x²), given one · x: `one` is 1 unless x² would overflow. */
  readonly radicand: (x: Tensor, one: Tensor | number) => Tensor;
  /** The sign of x² in it. */
  readonly sign: 1 | -1;
  /** v = (c ± x²)^exponent. */
  readonly exponent: -0.5 | -1;
  readonly values: UnaryRow['values'];
  readonly tails: UnaryRow['values'];
}

/** A power of two by which x may be squared; undefined where every x may be as it is. */
function squarable(x: Tensor): Tensor | undefined {
  const unit = mapEntries(concrete(x), (value) => (Math.abs(value) > 2 ** 500 ? 2 ** -512 : 1));
  return contiguous(unit).data.some((each) => each !== 1) ? unit : undefined;
}

/**
 * A row of v = (c ± x²)^exponent. A composition would square x, which overflows, or differentiate (1 − x)(1 + x), which cancels
 * near 0.
 */
function inverseSlope({ name, forward, radicand, sign, exponent, values, tails }: Slope): Elementwise {
  const ratio = exponent === -1 ? (v: Tensor) => v : (v: Tensor) => mul(v, v);
  return unary({
    name,
    forward,
    derivative: (x, v) => mul(mul(2 * exponent * sign, mul(x, v)), ratio(v)),
    // k v_k = Σ_{j=1..k} (exponent j − (k − j)) q_j v_{k−j}, q_j = ±(x²)_j/(c ± x²)
    taylor: (x, v, order) => {
      const one = squarable(x[0] as Tensor);
      const unit = one === undefined ? x : x.map((c) => times(c, one));
      const divisor = radicand(unit[0] as Tensor, one ?? 1);
      const q: (Tensor | undefined)[] = [undefined];
      const out: (Tensor | undefined)[] = [v];
      for (let k = 1; k <= order; k++) {
        const square = scaled(convolve(unit, unit, k), sign);
        q.push(square && div(square, divisor));
        let total: Tensor | undefined;
        for (let j = 1; j <= k; j++) {
          total = plus(total, scaled(times(q[j], out[k - j]), exponent * j - (k - j)));
        }
        out.push(total && div(total, k));
      }
      return out;
    },
    values,
    tails,
    operation: false,
    source: "v = r^a: v' = a r^(a−1) r', r = c ± x²",
  });
}

const oneMinusSquare = (x: Tensor): Tensor => mul(sub(1, x), add(1, x));

export const asinSlopeRow = /* @__PURE__ */ inverseSlope({
  name: 'asinSlope',
  forward: (x) => 1 / Math.sqrt((1 - x) * (1 + x)),
  radicand: oneMinusSquare,
  sign: -1,
  exponent: -0.5,
  values: [
    [-0.9, 2.294157338705618],
    [0, 1],
    [1e-9, 1],
    [0.5, 1.1547005383792515],
  ],
  tails: [[0.999999999999, 707114.6025256454]],
});

export const asinhSlopeRow = /* @__PURE__ */ inverseSlope({
  name: 'asinhSlope',
  // The 1 is lost beside x² long before x² overflows.
  forward: (x) => (Math.abs(x) < 2 ** 30 ? 1 / Math.sqrt(1 + x * x) : 1 / Math.abs(x)),
  radicand: (x, one) => add(mul(x, x), typeof one === 'number' ? one : mul(one, one)),
  sign: 1,
  exponent: -0.5,
  values: [
    [-3, 0.31622776601683794],
    [0, 1],
    [1e-9, 1],
    [0.5, 0.8944271909999159],
  ],
  tails: [[1e300, 1e-300]],
});

export const acoshSlopeRow = /* @__PURE__ */ inverseSlope({
  name: 'acoshSlope',
  forward: (x) => 1 / (Math.sqrt(x - 1) * Math.sqrt(x + 1)),
  radicand: (x, one) => mul(sub(x, one), add(x, one)),
  sign: 1,
  exponent: -0.5,
  values: [
    [1.5, 0.8944271909999159],
    [3, 0.3535533905932738],
  ],
  tails: [
    [1.0000000001, 70710.67519157329],
    [1e300, 1e-300],
  ],
});

export const atanhSlopeRow = /* @__PURE__ */ inverseSlope({
  name: 'atanhSlope',
  forward: (x) => 1 / ((1 - x) * (1 + x)),
  radicand: oneMinusSquare,
  sign: -1,
  exponent: -1,
  values: [
    [-0.9, 5.263157894736843],
    [0, 1],
    [1e-9, 1],
    [0.5, 1.3333333333333333],
  ],
  tails: [[0.999999999999, 500011061105.0014]],
});

export const asinRow = /* @__PURE__ */ unary({
  name: 'asin',
  forward: Math.asin,
  derivative: (x) => applyUnary(asinSlopeRow, x),
  values: [
    [-0.9, -1.1197695149986342],
    [0, 0],
    [0.5, 0.5235987755982989],
  ],
  tails: [
    [-1, -1.5707963267948966],
    [1e-300, 1e-300],
    [1e-9, 1e-9],
    [0.999999999999, 1.5707949125969767],
  ],
  source: 'd arcsin x = dx / √(1 − x²)',
});

export const acosRow = /* @__PURE__ */ unary({
  name: 'acos',
  forward: Math.acos,
  derivative: (x) => neg(applyUnary(asinSlopeRow, x)),
  values: [
    [-0.9, 2.6905658417935308],
    [0, 1.5707963267948966],
    [0.5, 1.0471975511965979],
  ],
  tails: [
    [-1, Math.PI],
    [1e-9, 1.5707963257948967],
    [0.999999999999, 1.4141979198683931e-6],
  ],
  source: 'd arccos x = −dx / √(1 − x²)',
});

export const asinhRow = /* @__PURE__ */ unary({
  name: 'asinh',
  forward: Math.asinh,
  derivative: (x) => applyUnary(asinhSlopeRow, x),
  values: [
    [-3, -1.8184464592320668],
    [0, 0],
    [0.5, 0.48121182505960347],
  ],
  tails: [
    [-1e300, -691.4686750787737],
    [1e-300, 1e-300],
    [1e-9, 1e-9],
    [1000000000, 21.416413017506358],
  ],
  source: 'd arsinh x = dx / √(1 + x²)',
});

export const acoshRow = /* @__PURE__ */ unary({
  name: 'acosh',
  forward: Math.acosh,
  derivative: (x) => applyUnary(acoshSlopeRow, x),
  values: [
    [1.5, 0.9624236501192069],
    [3, 1.762747174039086],
  ],
  tails: [
    [1.0000000001, 1.4142136208675862e-5],
    [1000000000, 21.416413017506358],
    [1e300, 691.4686750787737],
  ],
  source: 'd arcosh x = dx / √(x² − 1)',
});

export const atanhRow = /* @__PURE__ */ unary({
  name: 'atanh',
  forward: Math.atanh,
  derivative: (x) => applyUnary(atanhSlopeRow, x),
  values: [
    [-0.9, -1.4722194895832204],
    [0, 0],
    [0.5, 0.5493061443340549],
  ],
  tails: [
    [1e-300, 1e-300],
    [1e-9, 1e-9],
    [0.999999999999, 14.162095209226402],
  ],
  source: 'd artanh x = dx / (1 − x²)',
});

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
