/**
 * Numbers of about 106 bits, as sums high + low of two doubles, |low| well below |high|.
 * Source: Dekker 1971, "A floating-point technique for extending the available precision".
 */
export interface Wide {
  readonly high: number;
  readonly low: number;
}

/** The two parts of many, each in an array of its own. */
export const highs = (many: readonly Wide[]): Float64Array => Float64Array.from(many, ({ high }) => high);
export const lows = (many: readonly Wide[]): Float64Array => Float64Array.from(many, ({ low }) => low);

/** a + b without error. */
export function twoSum(a: number, b: number): Wide {
  const high = a + b;
  const part = high - a;
  return { high, low: a - (high - part) + (b - part) };
}

/** 2²⁷ + 1: splits 53 bits into two halves. */
const SPLITTER = 134217729;

/** a · b without error, for a and b below 2⁹⁹⁶. */
export function twoProduct(a: number, b: number): Wide {
  const high = a * b;
  const [aScaled, bScaled] = [SPLITTER * a, SPLITTER * b];
  const aHigh = aScaled - (aScaled - a);
  const bHigh = bScaled - (bScaled - b);
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return { high, low: aLow * bLow - (high - aHigh * bHigh - aLow * bHigh - aHigh * bLow) };
}

/** a / b, rounded once. */
export function divide(a: Wide, b: Wide): number {
  const quotient = a.high / b.high;
  const product = twoProduct(quotient, b.high);
  return quotient + (a.high - product.high - product.low + (a.low - quotient * b.low)) / b.high;
}
