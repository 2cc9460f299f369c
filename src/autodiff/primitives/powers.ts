import { describe } from '../../tensor/describe.ts';
import { InputError } from '../../tensor/errors.ts';
import { mapEntries, zipEntries } from '../../tensor/kernels/map.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Elementwise } from '../primitive.ts';
import { bySlope, convolve, minus, plus, scaled, times } from '../series.ts';
import { seriesOf } from '../taylor.ts';
import { apply } from '../trace.ts';
import { div, mul, neg, sub } from './arithmetic.ts';
import { log } from './exponential.ts';
import { alignOperands, lift, type Operand } from './operand.ts';
import { onesLike } from './shaping.ts';
import { applyUnary, unary } from './unary.ts';

export const sqrtRow = unary({
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
  samples: [[0.01, 1, 9]],
  source: 'd √x = dx / (2 √x)',
});

export const reciprocalRow = unary({
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
  samples: [[-2, 0.01, 9]],
  source: 'd (1/x) = −dx / x²',
});

export const powerRow: Elementwise<{ exponent: number }> = {
  name: 'power',
  kind: 'elementwise',
  forward: ([x], { exponent }) => mapEntries(x, (a) => a ** exponent),
  derivatives: [([x], _, { exponent }) => mul(exponent, power(x, exponent - 1))],
  // k x_0 y_k = Σ_{j=1..k} (a j − (k − j)) x_j y_{k−j}
  taylor: ([x], y, order, { exponent }) => {
    const out: (Tensor | undefined)[] = [y];
    for (let k = 1; k <= order; k++) {
      let total: Tensor | undefined;
      for (let j = 1; j <= k; j++) {
        total = plus(total, scaled(times(x[j], out[k - j]), (exponent * j - (k - j)) / k));
      }
      out.push(total && div(total, x[0] as Tensor));
    }
    return out;
  },
  samples: [
    { inputs: [[0.5, 1, 2]], attributes: { exponent: 2.5 } },
    { inputs: [[0.5, 1, 2]], attributes: { exponent: -0.75 } },
  ],
  source: 'd x^a = a x^(a−1) dx',
};

export const powRow: Elementwise = {
  name: 'pow',
  kind: 'elementwise',
  forward: ([x, y]) => zipEntries(x, y, (a, b) => a ** b, 'raise'),
  derivatives: [([x, y]) => mul(y, pow(x, sub(y, 1))), ([x], z) => mul(z, log(x))],
  // z = exp(w), w = y log x
  taylor: ([x, y], z, order) => {
    const logs = seriesOf(log, x.slice(0, order + 1));
    const w = Array.from({ length: order + 1 }, (_, k) => convolve(y, logs, k));
    return bySlope(w, z, order, (k, out) => out[k]);
  },
  samples: [
    {
      inputs: [
        [0.5, 1, 2],
        [2, -0.5, 1.5],
      ],
      attributes: {},
    },
  ],
  source: 'd x^y = y x^(y−1) dx + x^y log x dy',
};

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
 * x^a for a fixed exponent. Integer powers multiply, so that their derivatives hold at 0 and below; other powers divide
 * by x and have a pole at 0.
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
  if (!Number.isInteger(exponent) || Math.abs(exponent) > LARGEST_MULTIPLIED) {
    return apply(powerRow, [x], { exponent });
  }
  if (exponent < 0) return reciprocal(power(x, -exponent));
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
 * x^y entry by entry, both may vary; derivatives are those of exp(y log x). For a fixed exponent use `power`.
 * @example
 * pow(tensor([2, 3]), tensor([3, 2])) // [8, 9]
 */
export function pow(x: Operand, y: Operand): Tensor {
  return apply(powRow, alignOperands([x, y], 'raise'), {});
}
