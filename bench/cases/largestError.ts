import type { Arrays } from '../contenders/contender.ts';

/** Outputs further apart are no outputs of one computation: their times are not compared. */
export const TOLERANCE = 1e-3;

/** max |given − reference| ÷ max |reference|, the worst of several arrays; Infinity where they do not match. */
export function largestError(given: Arrays, reference: Arrays): number {
  if (given.length !== reference.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (const [which, wanted] of reference.entries()) {
    const got = given[which];
    if (got.length !== wanted.length) return Number.POSITIVE_INFINITY;
    let difference = 0;
    let largest = 0;
    for (let i = 0; i < wanted.length; i++) {
      const here = Math.abs(got[i] - wanted[i]);
      if (Number.isNaN(here)) return Number.POSITIVE_INFINITY;
      difference = Math.max(difference, here);
      largest = Math.max(largest, Math.abs(wanted[i]));
    }
    if (difference > 0) worst = Math.max(worst, difference / largest);
  }
  return worst;
}
