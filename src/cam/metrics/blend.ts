import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import type { Probe, Relevance } from './metric.ts';
import { normalizedOf } from './relevance.ts';

/** share · picture + (1 − share) · background, pixel by pixel: pictures [1, C, H, W] of the same shape, shares row-major [H·W]. */
export function blend(input: Tensor, background: Tensor, share: ArrayLike<number>): Tensor {
  const { data, shape } = contiguous(input);
  const behind = contiguous(background).data;
  const out = Float32Array.from(data);
  for (let i = 0; i < data.length; i++) {
    const own = share[i % share.length];
    out[i] = own * data[i] + (1 - own) * behind[i];
  }
  return fromData(out, shape);
}

/** A picture of one value in each channel. */
export function flatPicture({ shape }: Tensor, values: ArrayLike<number>): Tensor {
  const [, channels, height, width] = shape;
  const size = height * width;
  const data = Float32Array.from({ length: channels * size }, (_, i) => values[Math.floor(i / size)]);
  return fromData(data, shape);
}

/** What the map lets through of the picture, grey where it does not: the map is divided by its maximum at the input's size. */
export const maskedPicture = (map: Relevance, { input, grey }: Probe): Tensor =>
  blend(input, flatPicture(input, grey), normalizedOf(map));
