import { expOf } from '../tensor/elementary/exponential.ts';
import { InputError } from '../tensor/errors.ts';
import type { Evidence } from './evidence.ts';
import { isExponential } from './score.ts';

export type SampledEvidence = Pick<Evidence, 'score' | 'samples' | 'sigma'>;

/**
 * How many samples the mean rests on: (Σ_s e_s)² / Σ_s e_s² with e_s = exp(z_c,s) for the score exp, n for the others.
 *
 * Between 1 and n; 0 without samples. Taken relative to the largest logit, so that it never overflows.
 * Source: Kish 1965, Survey Sampling, section 11.7: the effective sample size of unequal weights.
 */
export function effectiveSampleSize({ score, samples }: Pick<Evidence, 'score' | 'samples'>): number {
  if (!isExponential(score) || samples.length === 0) return samples.length;
  const largest = samples.reduce((most, { logit }) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  let sum = 0;
  let squares = 0;
  for (const { logit } of samples) {
    const weight = expOf(logit - largest);
    sum += weight;
    squares += weight * weight;
  }
  return (sum * sum) / squares;
}

/** What merging classes can have changed in means over samples, in the evidence's own scale; undefined where none were merged. */
export function prunedOf({
  samples,
  logScale: common,
}: Pick<Evidence, 'samples' | 'logScale'>):
  | { readonly merged: readonly number[]; readonly bounds: readonly number[] }
  | undefined {
  const merged = samples.map(({ pruned }) => pruned?.merged ?? 0);
  if (merged.every((count) => count === 0)) return undefined;
  const bounds: number[] = [];
  for (const { pruned, logScale = 0 } of samples) {
    const share = expOf(logScale - common) / samples.length;
    for (const [r, bound] of (pruned?.bounds ?? []).entries()) bounds[r] = (bounds[r] ?? 0) + share * bound;
  }
  return { merged, bounds };
}

/**
 * The rank of class c among the logits, 1 for the predicted class; of equal logits the lower index comes first.
 * @throws InputError when c is not an index of the logits.
 */
export function rankOf(logits: ArrayLike<number>, classIndex: number): number {
  if (!Number.isInteger(classIndex) || classIndex < 0 || classIndex >= logits.length) {
    throw new InputError(
      `Cannot rank class ${classIndex}: the model has ${logits.length} classes, 0 … ${logits.length - 1}`,
    );
  }
  let rank = 1;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i] > logits[classIndex] || (logits[i] === logits[classIndex] && i < classIndex)) rank++;
  }
  return rank;
}

/** In how many samples the class is the predicted one. */
export function timesOnTop(samples: Evidence['samples']): number {
  return samples.filter(({ rank }) => rank === 1).length;
}

/** The rank in the middle of the samples, the lower of two. */
function medianRank(samples: Evidence['samples']): number {
  const ranks = samples.map(({ rank }) => rank).sort((a, b) => a - b);
  return ranks[Math.floor((ranks.length - 1) / 2)];
}

/**
 * What noise does to the place of the class: one that is predicted stays on top, another keeps its rank. Said where it does not, in half of the
 * samples or more.
 */
function rankWarning(samples: Evidence['samples'], cleanRank: number): string | undefined {
  const count = samples.length;
  if (cleanRank === 1) {
    const top = timesOnTop(samples);
    return 2 * top < count
      ? `The class is on top in only ${top} of ${count} noisy samples: the mean explains other predictions too; --sigma auto finds the noise that it survives.`
      : undefined;
  }
  const noisyRank = medianRank(samples);
  return noisyRank >= 2 * cleanRank
    ? `The class has rank ${cleanRank} in the clean picture and ${noisyRank} in half of the noisy samples or worse: the noise hides what is explained; try a smaller --sigma.`
    : undefined;
}

/**
 * What to doubt about noisy evidence, one sentence each: the class does not keep its rank in the clean image (on top in under half of the
 * samples, or twice as far down in half of them); the effective sample size is below 3. None for the clean image alone (σ = 0, one sample).
 */
export function sampleWarnings(evidence: SampledEvidence, cleanRank = 1): string[] {
  const { score, samples, sigma } = evidence;
  const count = samples.length;
  if (count === 0 || (count === 1 && sigma === 0)) return [];
  const rank = rankWarning(samples, cleanRank);
  const warnings = rank === undefined ? [] : [rank];
  const effective = effectiveSampleSize(evidence);
  if (effective < 3) {
    const why = isExponential(score)
      ? 'samples weigh exp(logit), so the few with the largest logits decide the map; '
      : '';
    warnings.push(
      `The effective sample size is ${effective.toFixed(1)} of ${count}: ${why}try more --samples or a smaller --sigma.`,
    );
  }
  return warnings;
}
