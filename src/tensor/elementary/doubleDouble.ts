/**
 * Numbers of about 106 bits, as sums high + low of two doubles, |low| at most half a unit in high's last place. For tables that are made
 * once. Source: Dekker 1971, "A floating-point technique for extending the available precision".
 */
export interface Wide {
  readonly high: number;
  readonly low: number;
}

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

const wide = (high: number): Wide => ({ high, low: 0 });

export function addWide(a: Wide, b: Wide): Wide {
  const sum = twoSum(a.high, b.high);
  return twoSum(sum.high, sum.low + (a.low + b.low));
}

function multiplyWide(a: Wide, b: Wide): Wide {
  const product = twoProduct(a.high, b.high);
  return twoSum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

/** a / b of two doubles: Newton's step on what is missing. */
export function divideWide(a: number, b: number): Wide {
  const high = a / b;
  const product = twoProduct(high, b);
  return twoSum(high, (a - product.high - product.low) / b);
}

/** Terms after which |x| ≤ 1/4 adds nothing. */
const TERMS = 30;

/** e^x for |x| < 1, as a series. */
export function wideExp(x: Wide): Wide {
  let sum = wide(1);
  for (let k = TERMS; k >= 1; k--)
    sum = addWide(wide(1), multiplyWide(multiplyWide(x, divideWide(1, k)), sum));
  return sum;
}

/** ln x for x near 1: 2 atanh((x − 1)/(x + 1)), as a series; x − 1 and x + 1 must be exact. */
export function wideLog(x: number): Wide {
  const t = divideWide(x - 1, x + 1);
  const square = multiplyWide(t, t);
  let sum = wide(0);
  for (let k = 2 * TERMS + 1; k >= 1; k -= 2) sum = addWide(divideWide(1, k), multiplyWide(square, sum));
  return multiplyWide(multiplyWide(wide(2), t), sum);
}

/** Σ (−1)^k x^(2k + first)/(2k + first)! for |x| ≤ 1: sin x from 1 on, cos x from 0 on. */
export function wideSine(x: number, first: 0 | 1): Wide {
  const square = twoProduct(x, x);
  let sum = wide(1);
  for (let n = TERMS + first; n > first; n -= 2) {
    sum = addWide(wide(1), multiplyWide(multiplyWide(square, divideWide(-1, n * (n - 1))), sum));
  }
  return first === 1 ? multiplyWide(wide(x), sum) : sum;
}

/** arctan x for |x| < 1/50. */
export function wideArctangent(x: Wide): Wide {
  const square = multiplyWide(x, x);
  let sum = wide(0);
  for (let k = TERMS + 1; k >= 1; k -= 2)
    sum = addWide(divideWide(1, k), multiplyWide(multiplyWide(wide(-1), square), sum));
  return multiplyWide(x, sum);
}

/** a / b, rounded once. */
export function divide(a: Wide, b: Wide): number {
  const quotient = a.high / b.high;
  const product = twoProduct(quotient, b.high);
  return quotient + (a.high - product.high - product.low + (a.low - quotient * b.low)) / b.high;
}
