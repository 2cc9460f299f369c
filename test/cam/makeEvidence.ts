import { type Evidence, type EvidenceParts, evidenceOf } from '../../src/cam/evidence.ts';
import { createRandom } from '../../src/tensor/random.ts';
import type { Shape } from '../../src/tensor/shape.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../src/tensor/tensor.ts';

/** Seeded values in (−1, 1) + centre that are multiples of 1/64: their products and sums are exact fractions. */
export function dyadic(shape: Shape, seed: number, centre = 0): Tensor {
  const random = createRandom(seed);
  const data = Float64Array.from({ length: sizeOf(shape) }, () => centre + (random.integer(127) - 63) / 64);
  return fromData(data, shape);
}

export function mapTensor(x: Tensor, f: (value: number, i: number) => number): Tensor {
  return fromData(Float64Array.from(x.data).map(f), x.shape);
}

/** Evidence from what matters to a test; the rest is filled in. */
export function evidence(
  parts: Pick<EvidenceParts, 'activation' | 'd1' | 'd2' | 'd3'> & Partial<EvidenceParts>,
): Evidence {
  return evidenceOf({ score: 'exp', classIndex: 0, y: 1, ...parts });
}

/** Evidence with nothing special about it. */
export function generalEvidence(shape: Shape, seed: number): Evidence {
  return evidence({
    activation: dyadic(shape, seed, 1),
    d1: dyadic(shape, seed + 1),
    d2: dyadic(shape, seed + 2),
    d3: dyadic(shape, seed + 3),
  });
}
