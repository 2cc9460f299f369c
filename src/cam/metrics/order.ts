import { createRandom } from '../../tensor/random.ts';
import type { Relevance } from './metric.ts';

/** The pixels from the brightest down; equal ones in an order that the seed draws, so that a constant map takes them at random. */
export function brightestFirst({ data }: Relevance, seed: number): Uint32Array {
  const random = createRandom(seed, data.length);
  const tie = Float64Array.from(data, () => random.uniform());
  return Uint32Array.from(data, (_, i) => i).sort((a, b) => data[b] - data[a] || tie[a] - tie[b]);
}
