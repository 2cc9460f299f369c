import { diagonalEach } from '../autodiff/diagonal/each.ts';
import type { Score } from '../autodiff/diagonal/score.ts';
import type { Logits } from '../model/graph/logits.ts';
import type { SplitRun } from '../model/split.ts';
import { castTo, contiguous } from '../tensor/tensor.ts';
import type { EvidenceSample } from './accumulateEvidence.ts';
import type { Collected } from './collect.ts';
import { rankOf } from './diagnostics.ts';
import { probabilities } from './score.ts';

interface Sampler {
  readonly score: Score;
  readonly classIndex: number;
  readonly ending: Logits['ending'];
}

/** Each image's score, its diagonal derivatives [K, H, W] in float64, and what the network said. */
function samplesOf(run: SplitRun, { score, classIndex, ending }: Sampler): EvidenceSample[] {
  const results = diagonalEach(run.heads, castTo(run.activation, 'float64'), { score });
  return results.map(({ y, logScale, logits: z, derivatives: [d1, d2, d3], zero }) => {
    const logits = contiguous(z).data;
    return {
      logit: logits[classIndex],
      probability: probabilities(z, ending)[classIndex],
      rank: rankOf(logits, classIndex),
      ...{ y, logScale, d1, d2, d3, zero },
    };
  });
}

export interface Sampling {
  /** Which evidence they belong to: that over noisy inputs, or the clean input's. */
  readonly noisy: boolean;
  readonly ending: Logits['ending'];
  readonly signal?: AbortSignal | undefined;
}

/** Adds what images say to the evidence that they belong to, for each class. */
export function addSamples(
  collected: readonly Collected[],
  run: SplitRun,
  { noisy, ending, signal }: Sampling,
): void {
  for (const { classIndex, layer } of collected) {
    for (const evidence of layer.values()) {
      if (evidence.noisy !== noisy) continue;
      signal?.throwIfAborted();
      const { score, accumulator } = evidence;
      for (const sample of samplesOf(run, { score, classIndex, ending })) accumulator.add(sample);
    }
  }
}
