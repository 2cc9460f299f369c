import type { Split } from '../model/split.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Batch size: beyond 8 images, sharing each read of the weights saves no more time. */
const LARGEST_BATCH = 8;
/** Where gradients are wanted, activations of all layers are kept: so many pixels at a time. */
const GRADIENT_PIXELS = 4 * 224 * 224;

/** Images that go through a network together. */
export function batchFor(split: Split, image: Tensor, gradients: boolean): number {
  if (!split.isBatchable) return 1;
  if (!gradients) return LARGEST_BATCH;
  const pixels = image.shape[2] * image.shape[3];
  return Math.max(1, Math.min(LARGEST_BATCH, Math.floor(GRADIENT_PIXELS / pixels)));
}
