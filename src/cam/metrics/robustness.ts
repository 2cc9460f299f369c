import { largestOf, leastOf } from '../../tensor/largest.ts';
import { createRandom } from '../../tensor/random.ts';
import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import type { PassMetric, Probe, Relevance } from './metric.ts';
import { rankCorrelation } from './ranks.ts';

const SAMPLES = 5;
/** Relative to the input's range. */
const RADIUS = 0.05;

/** Pictures with noise from −r to r in every entry. */
function* near({ input, seed }: Probe): Generator<Tensor> {
  const { data, shape } = contiguous(input);
  const radius = RADIUS * (largestOf(data) - leastOf(data));
  for (let sample = 0; sample < SAMPLES; sample++) {
    const random = createRandom(seed, sample);
    yield fromData(
      Float32Array.from(data, (value) => value + radius * (2 * random.uniform() - 1)),
      shape,
    );
  }
}

/** Values divided by their Euclidean norm. */
function unit({ data }: Relevance): Float64Array {
  const norm = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
  return data.map((value) => value / norm);
}

const farthest = Math.SQRT2;

function distance(a: Relevance, b: Relevance | undefined): number {
  if (b === undefined) return farthest;
  const [x, y] = [unit(a), unit(b)];
  return Math.min(farthest, Math.sqrt(x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0)));
}

async function over(probe: Probe, each: (other: Relevance | undefined) => number): Promise<number[]> {
  const found: number[] = [];
  for (const input of near(probe)) found.push(each(await probe.mapOf(input)));
  return found;
}

/**
 * Max-sensitivity: the largest distance of the map from the maps of 5 pictures with uniform noise of ±0.05 of the input's range, all divided by their Euclidean norms: 0 to √2.
 *
 * Source: Yeh et al. 2019, definition 4. captum has a radius of 0.02 and divides by the norm of the clean map, Quantus 0.2.
 */
export const maxSensitivity: PassMetric = {
  title: 'max-sensitivity',
  needs: 'passes',
  better: 'less',
  worst: farthest,
  isDefault: false,
  definition:
    'Largest distance of the map, at norm 1, from the maps of 5 pictures with noise of ±0.05 of the range.',
  measure: async (map, probe) =>
    (await over(probe, (other) => distance(map, other))).reduce((most, value) => Math.max(most, value), 0),
};

/** Stability: mean rank correlation of the map with the maps of the same noisy pictures; an empty one counts as −1. */
export const stability: PassMetric = {
  title: 'stability',
  needs: 'passes',
  better: 'more',
  worst: -1,
  isDefault: false,
  definition:
    'Mean rank correlation of the map with the maps of 5 pictures with noise of ±0.05 of the range.',
  measure: async (map, probe) =>
    (await over(probe, (other) => (other === undefined ? -1 : rankCorrelation(map.data, other.data)))).reduce(
      (sum, value) => sum + value / SAMPLES,
      0,
    ),
};
