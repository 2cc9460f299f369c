/**
 * The exponential and its kin by + − × ÷ alone: those of engines differ in the last place, these have the same bits
 * everywhere, and less than 0.7 units in the last place of error.
 */
import { divide, highs, lows, twoProduct, twoSum, type Wide } from './doubleDouble.ts';

/** ln 2, its first 32 bits and the rest: products of the first with whole numbers up to 2²⁰ are exact. */
export const LN2_HIGH = 0.6931471803691238;
export const LN2_LOW = 1.9082149292705877e-10;

/** e^x = 2^k · 2^(j/32) · e^r. */
const STEPS = 32;

/** 2^(1/32) */
const STEP: Wide = { high: 1.0218971486541166, low: 5.109225028973444e-17 };

/** 2^(j/32), each from the one before. */
const steps = /* @__PURE__ */ (() => {
  const found: Wide[] = [{ high: 1, low: 0 }];
  for (let j = 1; j < STEPS; j++) {
    const { high, low } = found[j - 1];
    const product = twoProduct(high, STEP.high);
    found.push(twoSum(product.high, product.low + (high * STEP.low + low * STEP.high)));
  }
  return found;
})();
const STEP_HIGH = /* @__PURE__ */ highs(steps);
const STEP_LOW = /* @__PURE__ */ lows(steps);

const LEAST = -1074;

/** 2^k, k from −1074 to 1023. */
const POWERS = /* @__PURE__ */ (() => {
  const powers = new Float64Array(1024 - LEAST);
  powers[0] = Number.MIN_VALUE;
  for (let i = 1; i < powers.length; i++) powers[i] = 2 * powers[i - 1];
  return powers;
})();

export const powerOfTwo = (k: number) => POWERS[k - LEAST];

/** x · 2^k, k down to −1076 and up to 1024. */
function scale(x: number, k: number): number {
  if (k > 1023) return x * 2 * powerOfTwo(k - 1);
  return k >= -1021 ? x * powerOfTwo(k) : x * powerOfTwo(k + 64) * powerOfTwo(-64);
}

/** e^r − 1 for |r| ≤ ln 2 / 64. */
const small = (r: number): number =>
  r + r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720)))));

/** n of e^x = 2^(n/32) e^r. */
const stepsOf = (x: number): number => Math.floor(x * (STEPS / Math.LN2) + 0.5);
const restOf = (x: number, n: number): number => x - n * (LN2_HIGH / STEPS) - n * (LN2_LOW / STEPS);

/** Beyond these e^x is no double. */
const LARGEST = 709.782712893384;
const SMALLEST = -745.1332191019412;

/** e^x. */
export function expOf(x: number): number {
  if (!(x <= LARGEST && x >= SMALLEST)) return x > 0 ? Number.POSITIVE_INFINITY : Math.max(x, 0);
  const n = stepsOf(x);
  const j = n & (STEPS - 1);
  const high = STEP_HIGH[j];
  return scale(high + (STEP_LOW[j] + high * small(restOf(x, n))), n >> 5);
}

/** e^x · 2^shift as a sum, |low| < high / 64, for −746 < x < 710. */
function parts(x: number, shift: number): Wide {
  const n = stepsOf(x);
  const j = n & (STEPS - 1);
  const high = STEP_HIGH[j];
  const power = (n >> 5) + shift;
  return { high: scale(high, power), low: scale(STEP_LOW[j] + high * small(restOf(x, n)), power) };
}

/** Below, e^x − 1 = sinh x = tanh x = x. */
const TINY = 2 ** -54;

/** Σ xⁿ/n! from n = 2, divided by x². */
const tail = (x: number): number =>
  1 / 2 +
  x *
    (1 / 6 +
      x *
        (1 / 24 +
          x *
            (1 / 120 +
              x * (1 / 720 + x * (1 / 5040 + x * (1 / 40320 + x * (1 / 362880 + x * (1 / 3628800))))))));

/** e^x − 1. */
export function expm1Of(x: number): number {
  if (Math.abs(x) < TINY) return x;
  if (Math.abs(x) < 0.1) return x + x * x * tail(x);
  if (x > 60) return expOf(x);
  if (!(x >= -60)) return x < 0 ? -1 : x;
  const { high, low } = parts(x, 0);
  const whole = high - 1;
  const lost = high > 1 ? high - whole - 1 : high - (whole + 1);
  return whole + (lost + low);
}

/** (e^x − e^−x)/2. */
export function sinhOf(x: number): number {
  const size = Math.abs(x);
  const square = x * x;
  if (size < TINY) return x;
  if (size < 0.2)
    return (
      x +
      x *
        square *
        (1 / 6 + square * (1 / 120 + square * (1 / 5040 + square * (1 / 362880 + square * (1 / 39916800)))))
    );
  if (size > 20) return Math.sign(x) * halfExp(size);
  const back = parts(-size, -1);
  const first = parts(size, -1);
  const whole = first.high - back.high;
  const lost = first.high - whole - back.high;
  return Math.sign(x) * (whole + (lost + (first.low - back.low)));
}

/** (e^x + e^−x)/2. */
export function coshOf(x: number): number {
  const size = Math.abs(x);
  if (size > 20) return halfExp(size);
  if (Number.isNaN(x)) return x;
  const back = parts(-size, -1);
  const first = parts(size, -1);
  const whole = first.high + back.high;
  const lost = first.high - whole + back.high;
  return whole + (lost + (first.low + back.low));
}

/** e^x / 2 where e^x may be beyond the largest double. */
function halfExp(x: number): number {
  if (x > LARGEST + 1) return Number.POSITIVE_INFINITY;
  const { high, low } = parts(x, -2);
  return 2 * (high + low);
}

/** (e^2x − 1)/(e^2x + 1). */
export function tanhOf(x: number): number {
  const size = Math.abs(x);
  const square = x * x;
  if (size < TINY) return x;
  if (size < 0.05)
    return (
      x -
      x *
        square *
        (1 / 3 - square * (2 / 15 - square * (17 / 315 - square * (62 / 2835 - square * (1382 / 155925)))))
    );
  if (!(size <= 20)) return size > 0 ? Math.sign(x) : x;
  const { high, low } = parts(2 * size, 0);
  const first = high + low;
  const rest = low - (first - high);
  const top = twoSum(first, -1);
  const bottom = twoSum(first, 1);
  return (
    Math.sign(x) *
    divide({ high: top.high, low: top.low + rest }, { high: bottom.high, low: bottom.low + rest })
  );
}
