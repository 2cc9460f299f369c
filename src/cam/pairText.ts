import type { ClassPair, Contrast } from './contrast.ts';
import type { Explanation } from './explanation.ts';
import { describeClass } from './matchClass.ts';
import type { ScoreName } from './score.ts';

/** "242-282", as names of files have it. */
export const pairName = ({ of, against }: Contrast): string => `${of}-${against}`;

/** "242 boxer", or "242 boxer against 282 tiger cat" */
export function describePair(
  { classIndex, against }: ClassPair,
  labels: readonly string[] | undefined,
): string {
  const own = describeClass(classIndex, labels?.[classIndex]);
  return against === undefined ? own : `${own} against ${describeClass(against, labels?.[against])}`;
}

/** What an explanation says of its class, and of the one that it is held against. */
type Explained = Pick<Explanation, 'explained' | 'against'> & {
  readonly choices: Pick<Explanation['choices'], 'expression'>;
};

export const pairOfExplanation = ({
  explained,
  against,
}: Pick<Explanation, 'explained' | 'against'>): ClassPair => ({
  classIndex: explained.classIndex,
  against: against?.classIndex,
});

/** "242 boxer", or "242 boxer against 282 tiger cat"; an expression as it was written. */
export function describeExplained({ explained, against, choices }: Explained): string {
  if (choices.expression !== undefined) return choices.expression;
  const own = describeClass(explained.classIndex, explained.label);
  return against === undefined ? own : `${own} against ${describeClass(against.classIndex, against.label)}`;
}

const subscript = (index: number) =>
  Array.from(String(index), (digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]).join('');

/** What each score is of d, the difference of two logits. */
const ofDifference: Readonly<Record<ScoreName, (d: string) => string>> = {
  exp: (d) => `exp(${d})`,
  prob: (d) => `σ(${d})`,
  logprob: (d) => `log σ(${d})`,
  logit: (d) => d,
  custom: () => 'custom',
};

/** A score for reading: its name; of a class against another as a formula, exp(z₂₄₂ − z₂₈₂). */
export function scoreText(score: string, { classIndex, against }: ClassPair): string {
  if (against === undefined) return score;
  return ofDifference[score as ScoreName](`z${subscript(classIndex)} − z${subscript(against)}`);
}
