import { describe } from '../../tensor/describe.ts';
import { logOf } from '../../tensor/elementary/logarithm.ts';
import { InputError } from '../../tensor/errors.ts';
import { mapEntries, zipEntries } from '../../tensor/kernels/reference/map.ts';
import { contiguous, type Tensor } from '../../tensor/tensor.ts';
import { convolve, minus, plus } from '../coefficients.ts';
import type { Elementwise, Series } from '../primitive.ts';
import { seriesOf } from '../propagate.ts';
import { bySlope, integrate } from '../series.ts';
import { apply, concrete } from '../trace.ts';
import { add, mul, neg, sub } from './arithmetic.ts';
import { div, quotient } from './division.ts';
import { log } from './exponential.ts';
import { lift, type Operand } from './lift.ts';
import { alignOperands } from './operand.ts';
import { abs, where } from './piecewise.ts';
import { powerSeries } from './powerSeries.ts';
import { onesLike } from './shaping.ts';
import { applyUnary, unary } from './unary.ts';

export const sqrtRow = /* @__PURE__ */ unary({
  name: 'sqrt',
  forward: Math.sqrt,
  derivative: (_, y) => div(0.5, y),
  // y_k = (x_k − Σ_{j=1..k−1} y_j y_{k−j}) / (2 y_0)
  taylor: (x, y, order) => {
    const out: (Tensor | undefined)[] = [y];
    for (let k = 1; k <= order; k++) {
      const top = minus(x[k], convolve(out, out, k, 1, k - 1));
      out.push(top && div(top, mul(2, y)));
    }
    return out;
  },
  values: [
    [0.01, 0.1],
    [1, 1],
    [9, 3],
  ],
  tails: [
    [5e-324, 2.2227587494850775e-162],
    [1e-300, 1e-150],
    [2, Math.SQRT2],
    [1e300, 1e150],
  ],
  source: 'd √x = dx / (2 √x)',
});

export const reciprocalRow = /* @__PURE__ */ unary({
  name: 'reciprocal',
  forward: (x) => 1 / x,
  derivative: (_, y) => neg(mul(y, y)),
  // y_k = −y_0 Σ_{j=1..k} x_j y_{k−j}
  taylor: (x, y, order) => {
    const out: (Tensor | undefined)[] = [y];
    for (let k = 1; k <= order; k++) {
      const total = convolve(x, out, k, 1);
      out.push(total && neg(mul(y, total)));
    }
    return out;
  },
  values: [
    [-2, -0.5],
    [0.01, 100],
    [9, 0.1111111111111111],
  ],
  tails: [
    [-1e300, -1e-300],
    [1e-300, 9.999999999999999e299],
    [3, 0.3333333333333333],
  ],
  source: 'd (1/x) = −dx / x²',
});

export const softsignRow = /* @__PURE__ */ unary({
  name: 'softsign',
  forward: (x) => x / (1 + Math.abs(x)),
  // By the quotient rule it would be (1 − |y|)/(1 + |x|), which cancels far out.
  derivative: (x) => {
    const r = reciprocal(add(1, abs(x)));
    return mul(r, r);
  },
  values: [
    [-3, -0.75],
    [0.25, 0.2],
    [9, 0.9],
  ],
  tails: [
    [-1e300, -1],
    [1e-300, 1e-300],
  ],
  source: 'd x/(1 + |x|) = dx/(1 + |x|)²',
});

/** x^(a − less): the derivatives of x^a are powers whose exponent, a whole number less, is no double. */
interface Less {
  readonly less: number;
}

/** x^(a − less), the exponent not rounded. */
function lessPower(x: number, a: number, less: number): number {
  if (less === 0) return x ** a;
  const exponent = a - less;
  const y = x ** exponent;
  // What is missing from the rounded exponent: Knuth's two-sum.
  const back = exponent - a;
  const missing = a - (exponent - back) + (-less - back);
  return missing === 0 || y === 0 || !Number.isFinite(y) ? y : y + y * missing * logOf(Math.abs(x));
}

export const powerRow: Elementwise<Less & { exponent: number }> = {
  name: 'power',
  kind: 'elementwise',
  forward: ([x], { exponent, less }) => mapEntries(x, (a) => lessPower(a, exponent, less)),
  derivatives: [([x], _, { exponent, less }) => mul(exponent - less, fixedPower(x, exponent, less + 1))],
  taylor: ([x], y, order, { exponent, less }) =>
    powerSeries(x, y, order, {
      exponent: lift(exponent - less, 'raise to a power'),
      term: (m) => fixedPower(x[0] as Tensor, exponent, less + m),
    }),
  samples: [
    {
      inputs: [[0.5, 1, 2]],
      attributes: { exponent: 2.5, less: 0 },
      output: [0.1767766952966369, 1, 5.656854249492381],
    },
    {
      inputs: [[0.5, 1, 2]],
      attributes: { exponent: -0.75, less: 0 },
      output: [1.681792830507429, 1, 0.5946035575013605],
    },
    {
      inputs: [[0.01, 1, 2]],
      attributes: { exponent: 1 / 3, less: 1 },
      output: [21.54434690031884, 1, 0.6299605249474366],
    },
    {
      inputs: [[1e-100, 1e100]],
      attributes: { exponent: 2.5, less: 0 },
      output: [1e-250, 1.0000000000000001e250],
      valuesOnly: true,
    },
    {
      inputs: [[1e-300, 1e300]],
      attributes: { exponent: 1 / 3, less: 1 },
      output: [1.0000000000000127e200, 9.999999999999872e-201],
      valuesOnly: true,
    },
    {
      inputs: [[-2, 0]],
      attributes: { exponent: 65, less: 0 },
      output: [-(2 ** 65), 0],
      valuesOnly: true,
    },
  ],
  source: 'd x^a = a x^(a−1) dx',
};

/** x^(a − less), but 1 where only a factor 0 meets it. */
function fixedPower(x: Tensor, exponent: number, less: number): Tensor {
  const gone = exponent >= 0 && exponent < less && Number.isInteger(exponent);
  return gone ? onesLike(x) : apply(powerRow, [x], { exponent, less });
}

/** Where `at` holds for corresponding entries of x and y; undefined where it holds for none. */
function findPairs(x: Tensor, y: Tensor, at: (x: number, y: number) => boolean): Tensor | undefined {
  const found = zipEntries(concrete(x), concrete(y), (a, b) => (at(a, b) ? 1 : 0), 'raise');
  return contiguous(found).data.some((each) => each === 1) ? found : undefined;
}

/** Where a whole power has lost all its factors, so that a factor 0 meets x^(−m), which must not make 0 · ∞ of it. */
const vanishes = (x: Tensor, y: Tensor, less: number): Tensor | undefined =>
  findPairs(x, y, (a, b) => b >= 0 && b < less && Number.isInteger(b) && !Number.isFinite(a ** (b - less)));

/** x^(y − less), but 1 where only a factor 0 meets it. */
function varyingPower(x: Tensor, y: Tensor, less: number): Tensor {
  const gone = vanishes(x, y, less);
  return apply(powRow, alignOperands([x, gone === undefined ? y : where(gone, less, y)], 'raise'), { less });
}

/** Where x is 0 and its exponent positive: 0 whatever the exponent, although log x is −∞. */
const restsAtZero = (x: Tensor, y: Tensor, less: number): Tensor | undefined =>
  findPairs(x, y, (a, b) => a === 0 && b - less > 0);

/** z = x^(y − less) = exp(w), w = (y − less) log x; at 0 the exponent does not matter. */
function varyingSeries(
  x: Series,
  y: Series,
  order: number,
  { z, less, fixed }: { z: Tensor; less: number; fixed: () => Series },
): Series {
  const [x0, y0] = [x[0] as Tensor, y[0] as Tensor];
  const resting = restsAtZero(x0, y0, less);
  const base: Series = [resting === undefined ? x0 : where(resting, 1, x0), ...x.slice(1, order + 1)];
  const logs = seriesOf(log, base);
  const exponent: Series = [less === 0 ? y0 : sub(y0, less), ...y.slice(1)];
  // w' = e' log x + (e/x) x': e log x would overflow before w does, where e and x are both tiny.
  const first = div(exponent[0] as Tensor, base[0] as Tensor);
  const ratio = quotient(exponent, base, { first, order });
  const w: (Tensor | undefined)[] = [mul(exponent[0] as Tensor, logs[0] as Tensor)];
  for (let k = 1; k <= order; k++) {
    w.push(plus(integrate(exponent, logs, k), integrate(base, ratio, k)));
  }
  const varying = bySlope(w, z, order, (k, out) => out[k]);
  if (resting === undefined) return varying;
  const atZero = fixed();
  return varying.map((c, k) => (k === 0 ? z : where(resting, atZero[k] ?? 0, c ?? 0)));
}

export const powRow: Elementwise<Less> = {
  name: 'pow',
  kind: 'elementwise',
  forward: ([x, y], { less }) => zipEntries(x, y, (a, b) => lessPower(a, b, less), 'raise'),
  derivatives: [
    ([x, y], _, { less }) => mul(less === 0 ? y : sub(y, less), varyingPower(x, y, less + 1)),
    ([x, y], z, { less }) => {
      const resting = restsAtZero(x, y, less);
      return mul(z, log(resting === undefined ? x : where(resting, 1, x)));
    },
  ],
  taylor: ([x, y], z, order, { less }) => {
    const y0 = y[0] as Tensor;
    const fixed = () =>
      powerSeries(x, z, order, {
        exponent: less === 0 ? y0 : sub(y0, less),
        term: (m) => varyingPower(x[0] as Tensor, y0, less + m),
      });
    const isFixed = y.slice(1).every((c) => c === undefined);
    return isFixed ? fixed() : varyingSeries(x, y, order, { z, less, fixed });
  },
  samples: [
    {
      inputs: [
        [0.5, 1, 2],
        [2, -0.5, 1.5],
      ],
      attributes: { less: 0 },
      output: [0.25, 1, 2.8284271247461903],
    },
    {
      inputs: [
        [0.01, 1, 2],
        [1 / 3, 2, 1],
      ],
      attributes: { less: 1 },
      output: [21.54434690031884, 1, 1],
    },
    {
      inputs: [
        [0, 0, -2, 1e-300],
        [0, 2, 3, 0.5],
      ],
      attributes: { less: 0 },
      output: [1, 0, -8, 1e-150],
      valuesOnly: true,
    },
  ],
  source: 'd x^y = y x^(y−1) dx + x^y log x dy',
};

/** Beyond it the rounding of one product after another would be felt. */
const LARGEST_MULTIPLIED = 64;

/**
 * √x; NaN below 0.
 * @example
 * derivatives(sqrt, 4) // [2, 0.25]
 */
export const sqrt = (x: Operand): Tensor => applyUnary(sqrtRow, x);
/**
 * 1/x.
 * @example
 * derivatives(reciprocal, 2, { order: 2 }) // [0.5, -0.25, 0.25]
 */
export const reciprocal = (x: Operand): Tensor => applyUnary(reciprocalRow, x);
/**
 * x/(1 + |x|); its second derivative jumps at 0, where it is taken as 0.
 * @example
 * derivatives(softsign, 1) // [0.5, 0.25]
 */
export const softsign = (x: Operand): Tensor => applyUnary(softsignRow, x);

/**
 * x^a for a fixed exponent. Whole exponents up to 64 multiply; derivatives of every whole power hold at 0 and below, and those
 * of other powers are infinite at 0 where their exponent is negative.
 * @throws InputError when the exponent is not a finite number.
 * @example
 * derivatives((x) => power(x, 3), 0, { order: 3 }) // [0, 0, 0, 6]
 */
export function power(given: Operand, exponent: number): Tensor {
  const x = lift(given, 'raise to a power');
  if (!Number.isFinite(exponent))
    throw new InputError(
      `Cannot raise to a power: the exponent must be a finite number, got ${describe(exponent)}`,
    );
  if (exponent === 0.5) return sqrt(x);
  if (exponent === -1) return reciprocal(x);
  if (!Number.isInteger(exponent) || exponent < 0 || exponent > LARGEST_MULTIPLIED) {
    return fixedPower(x, exponent, 0);
  }
  let result: Tensor | undefined;
  let square = x;
  for (let bits = exponent; bits > 0; bits >>= 1) {
    if (bits & 1) result = result === undefined ? square : mul(result, square);
    if (bits > 1) square = mul(square, square);
  }
  return result ?? onesLike(x);
}

/**
 * x² by multiplication.
 * @example
 * square(tensor([3, -4])) // [9, 16]
 */
export const square = (x: Operand): Tensor => mul(x, x);

/**
 * x^y entry by entry, both may vary: y x^(y−1) by x, which is 0 where y = 0, and x^y log x by y, which is 0 where x = 0 < y.
 * For a fixed exponent `power` is faster.
 * @example
 * pow(tensor([2, 3]), tensor([3, 2])) // [8, 9]
 */
export function pow(x: Operand, y: Operand): Tensor {
  return apply(powRow, alignOperands([x, y], 'raise'), { less: 0 });
}
