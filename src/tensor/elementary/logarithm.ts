/** The logarithm by + − × ÷ alone: the same bits everywhere, and less than 0.55 units in the last place of error. */
import { LN2_HIGH, LN2_LOW, powerOfTwo } from './exponential.ts';
import { FIRST_CELL, INVERSES, LOG_HIGH, LOG_LOW } from './tables.ts';

/** ln x = k ln 2 − ln R + ln(1 + r), x = 2^k m: R, near 1/m, has ten bits, and r = m R − 1 is small. */
const CELLS = 64;

const double = /* @__PURE__ */ new Float64Array(1);
const words = /* @__PURE__ */ new Int32Array(double.buffer);

/** (ln(1 + r) − r)/r² for |r| < 0.012. */
const tail = (r: number): number =>
  -1 / 2 + r * (1 / 3 + r * (-1 / 4 + r * (1 / 5 + r * (-1 / 6 + r * (1 / 7 + r * (-1 / 8 + r * (1 / 9)))))));

/** ln((x + rest) / 2^shift) for normal x and a rest below its last place. */
function logarithm(x: number, rest: number, shift = 0): number {
  double[0] = x;
  let k = (words[1] >> 20) - 1023;
  let m = x * powerOfTwo(-k);
  if (m > Math.SQRT2) {
    m /= 2;
    k++;
  }
  const i = ((m * CELLS + 0.5) | 0) - FIRST_CELL;
  const inverse = INVERSES[i];
  const rough = Math.fround(m);
  const exact = rough * inverse - 1;
  const fine = (m - rough) * inverse;
  const r = exact + fine;
  k -= shift;
  const whole = k * LN2_HIGH;
  const sum = whole + LOG_HIGH[i];
  const part = sum - whole;
  const total = sum + r;
  const step = total - sum;
  let lost = whole - (sum - part) + (LOG_HIGH[i] - part);
  lost += sum - (total - step) + (r - step);
  lost += exact - r + fine;
  if (rest !== 0) lost += rest / x;
  return total + (lost + (k * LN2_LOW + LOG_LOW[i] + r * r * tail(r)));
}

/** ln x. */
export function logOf(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY))
    return x === 0 ? Number.NEGATIVE_INFINITY : x > 0 ? x : Number.NaN;
  return x < 2 ** -1022 ? logarithm(x * 2 ** 64, 0, 64) : logarithm(x, 0);
}

/** ln(1 + x). */
export function log1pOf(x: number): number {
  if (Math.abs(x) < 2 ** -54) return x;
  if (Math.abs(x) < 1 / 128) return x + x * x * tail(x);
  if (!(x > -1 && x < 2 ** 60)) return x < 0 ? (x === -1 ? Number.NEGATIVE_INFINITY : Number.NaN) : logOf(x);
  const sum = 1 + x;
  return logarithm(sum, x < 1 ? x - (sum - 1) : 1 - (sum - x));
}
