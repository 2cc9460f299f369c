import {
  accumulateEvidence,
  type EvidenceAccumulator,
  type EvidenceFrame,
  type EvidenceSample,
} from './accumulateEvidence.ts';
import type { Evidence } from './evidence.ts';

/** What the clean input says where methods read its first derivatives alone. */
export interface SlopeSample extends Omit<EvidenceSample, 'd2' | 'd3' | 'zero'> {
  /** The same with its second and third derivatives, which are taken now. */
  later(): EvidenceSample;
}

/** Evidence of the clean input whose second and third derivatives, and what is certain of them, are found when they are asked for, once. */
export interface SlopeAccumulator extends Pick<EvidenceAccumulator, 'evidence'> {
  add(sample: SlopeSample): void;
}

/** Evidence for methods that read D1 alone: one VJP instead of diagonals of order 3. */
export function accumulateSlopes(frame: EvidenceFrame): SlopeAccumulator {
  let first: Evidence | undefined;
  let later: (() => EvidenceSample) | undefined;
  let whole: Evidence | undefined;
  const of = (sample: EvidenceSample): Evidence => {
    const accumulator = accumulateEvidence(frame);
    accumulator.add(sample);
    return accumulator.evidence();
  };
  const all = (): Evidence => {
    if (later === undefined) throw new Error('Internal: no sample was added');
    whole ??= of(later());
    return whole;
  };
  return {
    add(sample) {
      const { d1 } = sample;
      // D1 stands in for the others until they are asked for: nobody sees it.
      first = of({ ...sample, d2: d1, d3: d1 });
      later = sample.later;
    },
    evidence() {
      if (first === undefined) throw new Error('Internal: no sample was added');
      return Object.defineProperties(
        { ...first },
        {
          d2: { enumerable: true, get: () => all().d2 },
          d3: { enumerable: true, get: () => all().d3 },
          zero: { enumerable: true, get: () => all().zero },
        },
      );
    },
  };
}
