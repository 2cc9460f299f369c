import { expOf } from '../tensor/elementary/exponential.ts';
import { InputError } from '../tensor/errors.ts';
import { sizeOf } from '../tensor/shape.ts';
import { fromData, type NdarrayLike } from '../tensor/tensor.ts';
import {
  type Evidence,
  type EvidenceParts,
  evidenceOf,
  type SampleScore,
  type ZeroCertificate,
} from './evidence.ts';
import { finiteActivation, finiteDerivative } from './finite.ts';
import { createRunningMean } from './runningMean.ts';
import { isExponential, LARGEST_EXPONENT, type ScoreName } from './score.ts';

/** One sample's derivatives; true D_r = exp(logScale) · d_r, each sample with its own logScale. */
export interface EvidenceSample extends SampleScore {
  readonly y: number;
  readonly d1: NdarrayLike;
  readonly d2: NdarrayLike;
  readonly d3: NdarrayLike;
  readonly zero?: ZeroCertificate | undefined;
}

export type EvidenceFrame = Omit<EvidenceParts, 'y' | 'd1' | 'd2' | 'd3' | 'logScale' | 'zero' | 'samples'>;

export interface EvidenceAccumulator {
  /** Takes the next sample, in sample order. @throws ShapeError, InputError naming the sample. */
  add(sample: EvidenceSample): void;
  /** Evidence of the samples so far; more may follow. @throws InputError before the first. */
  evidence(): Evidence;
}

/** The common logScale of samples seen so far, told one by one. */
function commonLogScale(score: ScoreName): (logit: number, logScale: number) => number {
  let largest = Number.NEGATIVE_INFINITY;
  return (logit, logScale) => {
    if (isExponential(score)) {
      largest = Math.max(largest, logit);
      return Math.abs(largest) <= LARGEST_EXPONENT ? 0 : largest;
    }
    // a sample's own logScale is its log p_c where that is below −300 and 0 above: the largest is the rule
    largest = Math.max(largest, logScale);
    return largest;
  };
}

/** The orders that every sample certifies. */
function commonZero(a: ZeroCertificate | undefined, b: ZeroCertificate | undefined) {
  const orders = a?.orders.filter((order) => b?.orders.includes(order)) ?? [];
  return a === undefined || orders.length === 0 ? undefined : { orders, reason: a.reason };
}

/**
 * Means of Y, D1, D2, D3 over noisy samples, one pass: mean += (x − mean)/s in sample order, so that n identical
 * samples give the bits of one, and n = 50 extends n = 25.
 *
 * exp does not cancel under the mean: samples weigh exp(z_c,s). All are held at one common logScale: 0 if
 * |max_s z_c,s| ≤ 300, else that maximum (prob: 0 unless every log p_c,s < −300, then the largest). The rule is
 * applied to the samples seen so far, and the mean is multiplied by exp(old − new) when it moves. While it stays 0, as
 * it nearly always does, nothing is multiplied and the bits are those of the plain mean.
 *
 * Shapes: the frame's activation (of the clean image) and every sample's d1, d2, d3 are [K, H, W].
 * An order of derivative is certified zero when every sample certifies it.
 * @throws ShapeError, InputError for shapes that differ and for NaN or Infinity.
 * Source: Omeiza et al. 2019 (Smooth Grad-CAM++), eq. 7: the means of D1, D2 and D3.
 */
export function accumulateEvidence(frame: EvidenceFrame): EvidenceAccumulator {
  const activation = finiteActivation(frame.activation, 'accumulate evidence');
  const { shape } = activation;
  const means = [1, sizeOf(shape), sizeOf(shape), sizeOf(shape)].map(createRunningMean);
  const samples: SampleScore[] = [];
  const nextLogScale = commonLogScale(frame.score);
  let common = 0;
  let zero: ZeroCertificate | undefined;

  function add(sample: EvidenceSample): void {
    const action = `add sample ${samples.length}`;
    const { logit, probability, rank, y, logScale = 0 } = sample;
    for (const [name, value] of Object.entries({ logit, probability, rank, y, logScale })) {
      if (!Number.isFinite(value)) {
        throw new InputError(`Cannot ${action}: ${name} must be a finite number, got ${value}`);
      }
    }
    const derivatives = [sample.d1, sample.d2, sample.d3].map(
      (d, i) => finiteDerivative(d, `d${i + 1}`, shape, action).data,
    );
    const before = common;
    common = nextLogScale(logit, logScale);
    for (const [i, x] of [[y], ...derivatives].entries()) {
      if (common !== before && samples.length > 0) means[i].rescale(expOf(before - common));
      means[i].add(x, expOf(logScale - common));
    }
    zero = samples.length === 0 ? sample.zero : commonZero(zero, sample.zero);
    const { pruned } = sample;
    samples.push({ logit, probability, rank, y, logScale, ...(pruned && { pruned }) });
  }

  function evidence(): Evidence {
    if (samples.length === 0)
      throw new InputError('Cannot make evidence: no sample was added; add at least one');
    const [y, d1, d2, d3] = means.map((mean) => mean.values());
    return evidenceOf({
      ...frame,
      activation,
      y: y[0],
      d1: fromData(d1, shape),
      d2: fromData(d2, shape),
      d3: fromData(d3, shape),
      logScale: common,
      zero,
      samples: [...samples],
    });
  }

  return { add, evidence };
}
