import { describe } from '../../tensor/describe.ts';
import { expOf } from '../../tensor/elementary/exponential.ts';
import { logOf } from '../../tensor/elementary/logarithm.ts';
import { InputError, ShapeError } from '../../tensor/errors.ts';
import { checkOptions } from '../../tensor/options.ts';
import { createRandom } from '../../tensor/random.ts';
import { contiguous, type TensorLike, toTensor } from '../../tensor/tensor.ts';

/** How one list of values differs from another, picture by picture. */
export interface PairedDifference {
  /** Pictures that both have a value for. */
  readonly count: number;
  /** Mean of a − b. */
  readonly mean: number;
  /** The interval in which 95 % of the means of resampled pictures lie. */
  readonly low: number;
  readonly high: number;
  /** How often a > b, a = b and a < b. */
  readonly above: number;
  readonly equal: number;
  readonly below: number;
  /** Two-sided p of the sign test. */
  readonly p: number;
}

/** log(k!) for k = 0 … n */
function logFactorials(n: number): Float64Array {
  const logs = new Float64Array(n + 1);
  for (let k = 2; k <= n; k++) logs[k] = logs[k - 1] + logOf(k);
  return logs;
}

/**
 * Two-sided p of the sign test: how probable it is that of above + below fair coins at least as many fall on one side, min(1, 2 Σ_{k ≤ min} C(n, k) / 2ⁿ). 1 without any; ties are
 * to be left out.
 *
 * Source: Arbuthnott 1710; Conover 1999, section 3.4.
 * @example
 * signTest(5, 0) // 0.0625
 */
export function signTest(above: number, below: number): number {
  for (const count of [above, below]) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    throw new InputError(`Cannot test signs: counts are whole numbers from 0, got ${describe(count)}`);
  }
  const n = above + below;
  const logs = logFactorials(n);
  let sum = 0;
  for (let k = 0; k <= Math.min(above, below); k++) {
    sum += expOf(logs[n] - logs[k] - logs[n - k] - n * logOf(2));
  }
  return Math.min(1, 2 * sum);
}

const RESAMPLES = 1000;
/** Places below n one after another, a good deal faster than `Random`: its words are drawn by a shift register of 32 bits. Source: Marsaglia 2003, "Xorshift RNGs". */
function placesBelow(n: number, seed: number): () => number {
  let state = 1 + createRandom(seed, n).integer(2 ** 32 - 1);
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * n);
  };
}

/** Shares of the resampled means that lie below the interval, and above. */
const TAIL = 0.025;

/**
 * The mean of a − b over the pictures that have both values (NaN where one has none), with its 95 % interval by the seeded percentile bootstrap, 1000 resamples of as many pictures, and the
 * sign test. NaN for the mean and its interval where no picture has both.
 *
 * Source: Efron and Tibshirani 1993, chapter 13.
 * @throws ShapeError where the lists differ in length.
 * @example
 * const { mean, above, equal, p } = pairedDifference([1, 2, 3], [0, 2, 1]);
 * mean // 1
 * [above, equal, p] // [2, 1, 0.5]
 */
export function pairedDifference(
  first: TensorLike,
  second: TensorLike,
  options: { readonly seed?: number | undefined } = {},
): PairedDifference {
  const action = 'compare';
  checkOptions(options, { seed: 'count' }, action);
  const [a, b] = [first, second].map((values) => contiguous(toTensor(values, action)).data);
  if (a.length !== b.length) {
    throw new ShapeError(
      `Cannot compare: as many values are wanted of both, got ${a.length} and ${b.length}; give NaN where there is none`,
    );
  }
  const differences = Float64Array.from(a, (value, i) => value - b[i]).filter(
    (value) => !Number.isNaN(value),
  );
  const count = differences.length;
  const sum = differences.reduce((total, value) => total + value, 0);
  const above = differences.filter((value) => value > 0).length;
  const below = differences.filter((value) => value < 0).length;
  const place = placesBelow(count, options.seed ?? 0);
  const means = Float64Array.from({ length: count === 0 ? 0 : RESAMPLES }, () => {
    let resampled = 0;
    for (let i = 0; i < count; i++) resampled += differences[place()];
    return resampled / count;
  }).sort();
  return {
    count,
    mean: count === 0 ? Number.NaN : sum / count,
    low: means[Math.floor(TAIL * RESAMPLES)] ?? Number.NaN,
    high: means[RESAMPLES - 1 - Math.floor(TAIL * RESAMPLES)] ?? Number.NaN,
    above,
    equal: count - above - below,
    below,
    p: signTest(above, below),
  };
}
