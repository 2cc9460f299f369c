import { createRandom } from '../src/tensor/random.ts';

export const SIDE = 224;

/** Seeded standard normal images [batch, 3, 224, 224]; image i is the same in every batch. */
export function createImages(batch: number, seed: number): Float32Array {
  const size = 3 * SIDE * SIDE;
  const images = new Float32Array(batch * size);
  for (let i = 0; i < batch; i++) {
    const random = createRandom(seed, i);
    for (let j = 0; j < size; j++) images[i * size + j] = random.normal();
  }
  return images;
}
