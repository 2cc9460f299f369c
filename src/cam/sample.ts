import type { Plan } from '../autodiff/diagonal/diagonalResult.ts';
import { diagonalEach } from '../autodiff/diagonal/each.ts';
import type { Score } from '../autodiff/diagonal/score.ts';
import type { Layout } from '../autodiff/places/layout.ts';
import { toMaps } from '../model/graph/layout.ts';
import type { Logits } from '../model/graph/logits.ts';
import type { SplitRun } from '../model/split.ts';
import { type DriveOptions, drive, type Steps } from '../tensor/drive.ts';
import { castTo, contiguous } from '../tensor/tensor.ts';
import type { EvidenceSample } from './accumulateEvidence.ts';
import type { Collected } from './collect.ts';
import { type ClassPair, logitOf } from './contrast.ts';
import { rankOf } from './diagnostics.ts';
import { probabilities } from './score.ts';

interface Sampler {
  readonly score: Score;
  readonly pair: ClassPair;
  readonly ending: Logits['ending'];
  readonly layout: Layout;
  readonly onPlan: Sampling['onPlan'];
}

/** Each image's score, its diagonal derivatives [K, H, W] in float64, and what the network said; in steps. */
function* samplesOf(
  run: SplitRun,
  { score, pair, ending, layout, onPlan }: Sampler,
): Steps<EvidenceSample[]> {
  const results = yield* diagonalEach(run.headsSteps, castTo(run.activation, 'float64'), {
    score,
    onPlan: onPlan && ((plan) => onPlan(plan, score)),
  });
  const { classIndex } = pair;
  return results.map(({ y, logScale, logits: z, derivatives, zero }) => {
    const logits = contiguous(z).data;
    const [d1, d2, d3] = derivatives.map((each) => toMaps(each, layout));
    return {
      logit: contiguous(logitOf(z, pair)).data[0],
      probability: probabilities(z, ending)[classIndex],
      rank: rankOf(logits, classIndex),
      ...{ y, logScale, d1, d2, d3, zero },
    };
  });
}

export interface Sampling extends DriveOptions {
  /** Which evidence they belong to: that over noisy inputs, or the clean input's. */
  readonly noisy: boolean;
  readonly ending: Logits['ending'];
  /** Of the layer. */
  readonly layout: Layout;
  /** Told of the plan of each image's derivatives, where it has one. */
  readonly onPlan?: ((plan: Plan, score: Score) => void) | undefined;
}

/** Adds what images say to the evidence that they belong to, for each class. */
export async function addSamples(
  collected: readonly Collected[],
  run: SplitRun,
  { noisy, ending, layout, signal, onProgress, onPlan }: Sampling,
): Promise<void> {
  const jobs = collected.flatMap(({ pair, layer }) =>
    [...layer.values()]
      .filter((evidence) => evidence.noisy === noisy)
      .map(({ score, accumulator }) => ({ accumulator, sampler: { score, pair, ending, layout, onPlan } })),
  );
  for (const [at, { accumulator, sampler }] of jobs.entries()) {
    const running = { signal, onProgress: (done: number) => onProgress?.((at + done) / jobs.length) };
    for (const sample of await drive(samplesOf(run, sampler), running)) accumulator.add(sample);
  }
}
