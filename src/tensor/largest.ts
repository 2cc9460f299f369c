/** The largest of many values, `least` where there are none: a loop, since arguments of a call are limited in number. */
export function largestOf(values: Iterable<number>, least = Number.NEGATIVE_INFINITY): number {
  let most = least;
  for (const value of values) most = Math.max(most, value);
  return most;
}

/** The smallest of many values, as `largestOf`. */
export function leastOf(values: Iterable<number>, most = Number.POSITIVE_INFINITY): number {
  let least = most;
  for (const value of values) least = Math.min(least, value);
  return least;
}

/** Where the largest value is; the first of several, and −1 where there are none. NaN is never it. */
export function indexOfLargest(values: ArrayLike<number>): number {
  let at = -1;
  for (let i = 0; i < values.length; i++) {
    if (at < 0 ? !Number.isNaN(values[i]) : values[i] > values[at]) at = i;
  }
  return at;
}
