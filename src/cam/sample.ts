import type { Plan } from '../autodiff/diagonal/diagonalResult.ts';
import { diagonalEach } from '../autodiff/diagonal/each.ts';
import type { Score } from '../autodiff/diagonal/score.ts';
import type { Layout } from '../autodiff/places/layout.ts';
import { toMaps } from '../model/graph/layout.ts';
import type { SplitRun } from '../model/split.ts';
import { type DriveOptions, drain, drive, type Steps } from '../tensor/drive.ts';
import { castTo, contiguous, type Tensor } from '../tensor/tensor.ts';
import type { EvidenceSample } from './accumulateEvidence.ts';
import type { Collected } from './collect.ts';
import { type ClassPair, logitOf } from './contrast.ts';
import { rankOf } from './diagnostics.ts';
import type { Reading } from './question.ts';
import { probabilities } from './score.ts';

interface Sampler {
  readonly order: 1 | 3;
  readonly score: Score;
  readonly pair: ClassPair;
  readonly reading: Reading;
  readonly layout: Layout;
  readonly onPlan: Sampling['onPlan'];
  readonly prune: number | undefined;
}

type Sample<N extends number> = N extends 1 ? Omit<EvidenceSample, 'd2' | 'd3'> : EvidenceSample;

/** Each image's score, its diagonal derivatives [K, H, W] in float64 up to the order, and what the network said; in steps. */
function* samplesOf<N extends 1 | 3>(
  run: SplitRun,
  { order, score, pair, reading, layout, onPlan, prune }: Sampler & { readonly order: N },
): Steps<Sample<N>[]> {
  const { ending, rows, ranked } = reading;
  const { classIndex } = pair;
  function* heads(a: Tensor): Steps<Tensor> {
    const z = yield* run.headsSteps(a);
    return rows === undefined ? z : rows(z);
  }
  const results = yield* diagonalEach(heads, castTo(run.activation, 'float64'), {
    ...{ order, score, prune },
    onPlan: onPlan && ((plan) => onPlan(plan, score)),
  });
  return results.map(({ y, logScale, logits: row, derivatives, zero, pruned }) => {
    const z = contiguous(ranked === undefined ? row : ranked(row));
    const [d1, d2, d3] = derivatives.map((each) => toMaps(each, layout));
    return {
      logit: contiguous(logitOf(z, pair)).data[0],
      probability: probabilities(z, ending)[classIndex],
      rank: rankOf(z.data, classIndex),
      ...{ y, logScale, d1, zero, ...(pruned && { pruned }) },
      ...(order === 3 && { d2, d3 }),
    } as Sample<N>;
  });
}

export interface Sampling extends DriveOptions {
  /** Which evidence they belong to: that over noisy inputs, or the clean input's. */
  readonly noisy: boolean;
  /** Of the layer. */
  readonly layout: Layout;
  /** Largest error of each sample's derivatives, as a share of the largest; see `diagonal`. */
  readonly prune?: number | undefined;
  /** Told of the plan of each image's derivatives, where it has one. */
  readonly onPlan?: ((plan: Plan, score: Score) => void) | undefined;
}

/** Adds what images say to the evidence that they belong to, for each class. */
export async function addSamples(
  collected: readonly Collected[],
  run: SplitRun,
  { noisy, layout, prune, signal, threads, onProgress, onPlan }: Sampling,
): Promise<void> {
  const jobs = collected.flatMap(({ pair, reading, layer }) =>
    [...layer.values()]
      .filter((evidence) => evidence.noisy === noisy)
      .map((evidence) => ({
        evidence,
        sampler: { score: evidence.score, pair, reading, layout, onPlan, prune },
      })),
  );
  for (const [at, { evidence, sampler }] of jobs.entries()) {
    const tell = (done: number) => onProgress?.((at + done) / jobs.length);
    const running = { signal, threads, onProgress: tell };
    if (evidence.order === 3) {
      const samples = await drive(samplesOf(run, { ...sampler, order: 3 }), running);
      for (const sample of samples) evidence.accumulator.add(sample);
      continue;
    }
    const [sample] = await drive(samplesOf(run, { ...sampler, order: 1 }), running);
    const later = () => drain(samplesOf(run, { ...sampler, onPlan: undefined, order: 3 }))[0];
    evidence.accumulator.add({ ...sample, later });
  }
}
