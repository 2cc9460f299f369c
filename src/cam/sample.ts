import { diagonalEach } from '../autodiff/diagonal/each.ts';
import type { Score } from '../autodiff/diagonal/score.ts';
import type { Logits } from '../model/logits.ts';
import type { SplitRun } from '../model/split.ts';
import { castTo, contiguous } from '../tensor/tensor.ts';
import type { EvidenceSample } from './accumulateEvidence.ts';
import { rankOf } from './diagnostics.ts';
import { probabilities } from './score.ts';

/** Which score of which class is looked at. */
export interface Sampler {
  readonly score: Score;
  readonly classIndex: number;
  readonly ending: Logits['ending'];
}

/** Each image's score, its diagonal derivatives [K, H, W] in float64, and what the network said. */
export function samplesAt(run: SplitRun, { score, classIndex, ending }: Sampler): EvidenceSample[] {
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
