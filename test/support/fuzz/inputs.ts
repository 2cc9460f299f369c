import { createRandom } from '../../../src/tensor/random.ts';
import type { FuzzReader } from './reader.ts';

/** A number of 20 bits for a name, so that no two readers share their random numbers. */
function numberOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return hash & 0xfffff;
}

/**
 * Inputs of a reader by number: the same bytes for the same seed and number in every process, so that none has to be sent. The first
 * ones are the reader's own seeds as they are.
 */
export function inputsOf(reader: FuzzReader, seed: number): (index: number) => Uint8Array {
  const seeds = reader.seeds();
  const stream = numberOf(reader.name) * 2 ** 32;
  return (index) => {
    if (index < seeds.length) return seeds[index];
    const random = createRandom(seed, stream + index);
    return reader.mutate(random, seeds[random.integer(seeds.length)]);
  };
}
