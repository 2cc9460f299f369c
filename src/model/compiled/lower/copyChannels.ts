import { type Step, step } from '../../../tensor/kernels/wasm/steps.ts';
import { type DeviceValue, padded, pixelsOf } from './values.ts';

const CHUNK_FLOATS = 65536;

/** Somewhere among the channels of a value: an address of its first pixel's, and the bytes from pixel to pixel. */
export interface Place {
  readonly address: number;
  readonly pixelBytes: number;
}

/** Copies all channels of `part`'s shape, their padding included, in every pixel. */
export function copyStep(part: DeviceValue, from: Place, to: Place): Step {
  const pixels = pixelsOf(part);
  const channels = padded(part.channels);
  const block = Math.max(1, Math.floor(CHUNK_FLOATS / channels));
  return step('copyChannels', Math.ceil(pixels / block), {
    input: from.address,
    output: to.address,
    pixels,
    bytes: channels * 4,
    inputPixelBytes: from.pixelBytes,
    outputPixelBytes: to.pixelBytes,
    block,
  });
}
