import { type DiagonalResult, diagonal } from '../autodiff/diagonal/diagonal.ts';
import type { Score } from '../autodiff/diagonal/score.ts';
import { reshape } from '../autodiff/operations.ts';
import type { Logits } from '../model/logits.ts';
import type { SplitRun } from '../model/split.ts';
import { castTo, contiguous, type Tensor } from '../tensor/tensor.ts';
import type { EvidenceSample } from './accumulateEvidence.ts';
import { rankOf } from './diagnostics.ts';
import { probabilities } from './score.ts';

/** Which score of which class is looked at. */
export interface Sampler {
  readonly score: Score;
  readonly classIndex: number;
  readonly ending: Logits['ending'];
}

function zeroCertificate({ certificate }: DiagonalResult): EvidenceSample['zero'] {
  const { identicallyZero, reason } = certificate;
  return identicallyZero.length === 0 ? undefined : { orders: identicallyZero, reason };
}

/** One run's score, its diagonal derivatives [K, H, W] in float64, and what the network said. */
export function sampleAt(run: SplitRun, { score, classIndex, ending }: Sampler): EvidenceSample {
  const result = diagonal(run.head, castTo(run.activation, 'float64'), { score });
  const z = result.logits as Tensor;
  const logits = contiguous(z).data;
  const shape = run.activation.shape.slice(1);
  return {
    logit: logits[classIndex],
    probability: probabilities(z, ending)[classIndex],
    rank: rankOf(logits, classIndex),
    y: result.y,
    logScale: result.logScale,
    d1: reshape(result.d1, shape),
    d2: reshape(result.d2, shape),
    d3: reshape(result.d3, shape),
    zero: zeroCertificate(result),
  };
}
