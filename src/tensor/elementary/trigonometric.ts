/** Sine, cosine, tangent and arctangent by + − × ÷ alone: the same bits everywhere, and less than 0.7 units in the last place of error. */
import { divide, twoProduct, twoSum, type Wide } from './doubleDouble.ts';
import { ARC_HIGH, ARC_LOW, COSINE_HIGH, COSINE_LOW, oddSeries, SINE_HIGH, SINE_LOW } from './tables.ts';

const HALF_PI_LOW = 6.123233995736766e-17;

/** π/2 in pieces of 33 bits, the last of 53: products of a piece with whole numbers up to 2²⁰ are exact. */
const QUARTER = [
  1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32,
] as const;
const MOST_QUARTERS = 2 ** 20;

/** How many quarter turns x is, modulo 4, and what is left: at most π/4. */
interface Turn extends Wide {
  readonly quarters: number;
}

/** Bits behind the point of π/2 for arguments without bound. */
const BITS = 1280n;

let halfPi: bigint | undefined;

/** Of |x| ≥ 2²⁰, a whole number times a power of two: exactly, in whole numbers. Source: Machin, π/4 = 4 arctan 1/5 − arctan 1/239. */
function largeTurn(x: number): Turn {
  const arctan = (n: bigint) => oddSeries(-1n, [1n, n], BITS);
  halfPi ??= 2n * (4n * arctan(5n) - arctan(239n));
  const scaled =
    BigInt(x * (Math.abs(x) < 2 ** 60 ? 2 ** 40 : 1)) << (Math.abs(x) < 2 ** 60 ? BITS - 40n : BITS);
  let quarters = scaled / halfPi;
  let rest = scaled - quarters * halfPi;
  if (2n * rest > halfPi || 2n * rest < -halfPi) {
    const step = rest > 0n ? 1n : -1n;
    quarters += step;
    rest -= step * halfPi;
  }
  const kept = rest >> (BITS - 200n);
  const high = Number(kept);
  const low = Number(kept - BigInt(high));
  return { quarters: Number(quarters & 3n), high: high * 2 ** -200, low: low * 2 ** -200 };
}

function turnOf(x: number): Turn {
  if (Math.abs(x) > MOST_QUARTERS) return largeTurn(x);
  const n = Math.floor(x * (2 / Math.PI) + 0.5);
  const first = twoSum(x - n * QUARTER[0], -n * QUARTER[1]);
  const second = twoSum(first.high, -n * QUARTER[2]);
  const rest = twoSum(second.high, second.low + (first.low - n * QUARTER[3]));
  return { quarters: n & 3, high: rest.high, low: rest.low };
}

/** sin x − x and cos x − 1 for |x| ≤ 1/5. */
const sineTail = (x: number, square: number): number =>
  x *
  square *
  (-1 / 6 + square * (1 / 120 + square * (-1 / 5040 + square * (1 / 362880 + square * (-1 / 39916800)))));
const cosineTail = (square: number): number =>
  square *
  (-1 / 2 + square * (1 / 24 + square * (-1 / 720 + square * (1 / 40320 + square * (-1 / 3628800)))));

/** Below, the series are enough; above, sin and cos turn on from those of j/16. */
const SMALL = 0.2;
const CELLS = 16;

/** sin and cos of what is left of a turn, by the other: which of the two is asked for is the quarter's. */
function partsOf({ high, low }: Wide, isCosine: boolean): Wide {
  const size = Math.abs(high);
  const rest = high < 0 ? -low : low;
  const j = size < SMALL ? 0 : Math.floor(size * CELLS + 0.5);
  const b = size - j / CELLS;
  const square = b * b;
  const sine = sineTail(b, square) + rest;
  const cosine = cosineTail(square) - b * rest;
  if (isCosine) {
    const first = COSINE_HIGH[j];
    return twoSum(first, COSINE_LOW[j] + first * cosine - SINE_HIGH[j] * (b + sine));
  }
  const turn = high < 0 ? -1 : 1;
  if (j === 0) return twoSum(turn * size, turn * sine);
  const first = SINE_HIGH[j];
  return twoSum(turn * first, turn * (SINE_LOW[j] + first * cosine + COSINE_HIGH[j] * (b + sine)));
}

/** sin(x + quarter · π/2) */
function sineAt(x: number, quarter: number): number {
  if (!(Math.abs(x) < Number.POSITIVE_INFINITY)) return Number.NaN;
  const turn = turnOf(x);
  const quarters = (turn.quarters + quarter) & 3;
  const { high } = partsOf(turn, (quarters & 1) === 1);
  return quarters > 1 ? -high : high;
}

/** Below, sin x = tan x = atan x = x. */
const TINY = 2 ** -27;

export const sinOf = (x: number): number => (Math.abs(x) < TINY ? x : sineAt(x, 0));

export const cosOf = (x: number): number => sineAt(x, 1);

export function tanOf(x: number): number {
  if (!(Math.abs(x) >= TINY && Math.abs(x) < Number.POSITIVE_INFINITY))
    return Math.abs(x) < TINY ? x : Number.NaN;
  const turn = turnOf(x);
  const isOdd = (turn.quarters & 1) === 1;
  const [top, bottom] = [partsOf(turn, isOdd), partsOf(turn, !isOdd)];
  const quotient = divide(top, bottom);
  return isOdd ? -quotient : quotient;
}

const ARC_CELLS = 32;

/** arctan x − x for |x| ≤ 1/5. */
function arcTail(x: number): number {
  const square = x * x;
  let sum = 0;
  for (let k = 25; k >= 3; k -= 2) sum = 1 / k - square * sum;
  return -x * square * sum;
}

export function atanOf(x: number): number {
  const size = Math.abs(x);
  if (size < TINY || Number.isNaN(x)) return x;
  if (size < SMALL) return x + arcTail(x);
  const isLarge = size > 1;
  const j = Math.floor((isLarge ? 1 / size : size) * ARC_CELLS + 0.5);
  const c = j / ARC_CELLS;
  const [high, low] = [ARC_HIGH[j], ARC_LOW[j]];
  if (!isLarge) {
    const d = (size - c) / (1 + c * size);
    return Math.sign(x) * (high + (low + (d + arcTail(d))));
  }
  const product = j === 0 ? { high: 0, low: 0 } : twoProduct(c, size);
  const d = j === 0 ? 1 / size : (1 - product.high - product.low) / (size + c);
  const first = twoSum(Math.PI / 2, -high);
  return Math.sign(x) * (first.high + (first.low + (HALF_PI_LOW - low - (d + arcTail(d)))));
}
