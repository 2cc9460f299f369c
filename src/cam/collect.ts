import type { Score } from '../autodiff/diagonal/score.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { accumulateEvidence, type EvidenceAccumulator } from './accumulateEvidence.ts';
import { accumulateSlopes, type SlopeAccumulator } from './accumulateSlopes.ts';
import type { Choices, Chosen } from './choices.ts';
import type { ClassPair } from './contrast.ts';
import type { LayerMethod, Method, NetworkMethod } from './method.ts';
import type { MethodRows } from './methods.ts';
import type { Reading } from './question.ts';
import { createScore, type ScoreName } from './score.ts';
import { accumulateGradients, type GradientAccumulator } from './smoothGrad.ts';

/** Evidence of one score, from the clean input or over noisy ones: collected once for all methods that read it. */
export type LayerEvidence = {
  readonly score: Score;
  readonly noisy: boolean;
} & (
  | { readonly order: 3; readonly accumulator: EvidenceAccumulator }
  // Read at the clean input alone.
  | { readonly order: 1; readonly accumulator: SlopeAccumulator }
);

/** What is collected for one class. */
export interface Collected {
  readonly pair: ClassPair;
  /** How the head's entries are read for it. */
  readonly reading: Reading;
  /** By need; see `needOf`. */
  readonly layer: ReadonlyMap<string, LayerEvidence>;
  /** Over the noisy inputs, where a method reads it. */
  readonly inputGradient: GradientAccumulator | undefined;
}

/** A method that reads evidence of the layer. */
export type EvidenceMethod = LayerMethod | NetworkMethod;

const readsEvidence = (method: Method): method is EvidenceMethod => method.of !== 'input';

/** The score that a method's derivatives are of: the caller's own is everyone's. */
export function scoreFor(
  { score }: Pick<EvidenceMethod, 'score'>,
  choices: Pick<Choices, 'score'>,
): ScoreName {
  return score === 'logit' && choices.score !== 'custom' ? 'logit' : choices.score;
}

/** Whether a method's evidence is over noisy inputs: not where noise is known to change nothing. */
export const isNoisy = (
  { noisy, smooths }: EvidenceMethod,
  { noiseless }: Pick<Choices, 'noiseless'>,
): boolean => noisy && (smooths === undefined || noiseless === undefined);

/** Methods with the same need share their evidence. */
export const needOf = (method: EvidenceMethod, choices: Pick<Choices, 'score' | 'noiseless'>): string =>
  `${scoreFor(method, choices)} ${isNoisy(method, choices) ? 'noisy' : 'clean'}`;

const layerMethods = (rows: MethodRows): EvidenceMethod[] =>
  Object.values(rows).filter((method): method is EvidenceMethod => readsEvidence(method));

/** Whether a method among them reads noisy inputs through the layer, and whether one reads their input gradients. */
export const wantsNoisy = (choices: Pick<Chosen, 'rows' | 'noiseless'>) => ({
  maps: layerMethods(choices.rows).some((method) => isNoisy(method, choices)),
  gradients: Object.values(choices.rows).some(({ of }) => of === 'input'),
});

export interface Frame {
  /** A of the clean image, [K, H, W]. */
  readonly activation: Tensor;
  readonly choices: Chosen;
  readonly reading: Reading;
}

/** Empty evidence for one class: one accumulator for each need of the methods. */
export function collectFor(pair: ClassPair, { activation, choices, reading }: Frame): Collected {
  const layer = new Map<string, LayerEvidence>();
  const wanted = layerMethods(choices.rows);
  for (const method of wanted) {
    const key = needOf(method, choices);
    if (layer.has(key)) continue;
    const noisy = isNoisy(method, choices);
    const name = scoreFor(method, choices);
    const isRead = (each: EvidenceMethod) => needOf(each, choices) === key && each.order === 3;
    const order = noisy || choices.derivatives === 'all' || wanted.some(isRead) ? 3 : 1;
    const { seed, sigma, noiseStd } = noisy ? choices : { seed: choices.seed, sigma: 0, noiseStd: 0 };
    const frame = { activation, ...pair, seed, sigma, noiseStd, score: name };
    layer.set(key, {
      noisy,
      ...(order === 3
        ? { order, accumulator: accumulateEvidence(frame) }
        : { order, accumulator: accumulateSlopes(frame) }),
      score:
        name === 'custom' ? (reading.score as Score) : createScore(name, { ...pair, ending: reading.ending }),
    });
  }
  const { gradients } = wantsNoisy(choices);
  return { pair, reading, layer, inputGradient: gradients ? accumulateGradients() : undefined };
}

/** How often derivatives of a score are taken, over all classes and their images. */
export function timesOf(
  score: string,
  all: readonly Collected[],
  { samples }: Pick<Choices, 'samples'>,
): number {
  const own = all.flatMap(({ layer }) => [...layer.values()]).filter((each) => each.score.name === score);
  return own.reduce((times, { noisy }) => times + (noisy ? samples : 1), 0);
}

/** Whether no entry of the layer reaches a class's score at the clean input. */
export const isClosed = ({ layer }: Collected): boolean =>
  [...layer.values()].some(
    ({ noisy, accumulator }) => !noisy && accumulator.evidence().d1.data.every((slope) => slope === 0),
  );
