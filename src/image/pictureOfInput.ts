import type { Preprocessing } from '../model/data/format.ts';
import { parsePreprocessing } from '../model/file/parsePreprocessing.ts';
import { InputError } from '../tensor/errors.ts';
import { wantRecord } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import { contiguous, type Tensor, toTensor } from '../tensor/tensor.ts';
import type { Picture } from './picture.ts';

/** Of each colour, the channel that holds it. */
const places: Readonly<Record<Preprocessing['channels'], readonly [number, number, number]>> = {
  RGB: [0, 1, 2],
  BGR: [2, 1, 0],
  gray: [0, 0, 0],
};

/**
 * What the network saw, pixel by pixel: `preprocess` undone, pixel = (value · std + mean) / scale, of an input [1, C, H, W].
 * @example
 * const white = { width: 2, height: 2, data: new Uint8Array(16).fill(255) };
 * const size = { channels: 3, height: 2, width: 2 };
 * const preprocessing = presetFor('imagenet', size);
 * pictureOfInput(preprocess(white, preprocessing, size).input, preprocessing).data.slice(0, 4) // [255, 255, 255, 255]
 */
export function pictureOfInput(
  input: Tensor,
  preprocessing: Pick<Preprocessing, 'channels' | 'scale' | 'mean' | 'std'>,
): Picture {
  const action = 'undo the preprocessing';
  wantRecord(preprocessing, 'the preprocessing', action);
  const { channels, scale, mean, std } = parsePreprocessing({ ...preprocessing }, 'the input');
  const given = contiguous(toTensor(input, action));
  const [height, width] = given.shape.slice(-2);
  if (given.shape.length < 3 || given.data.length !== (channels === 'gray' ? 1 : 3) * height * width) {
    throw new InputError(
      `Cannot ${action}: an input [1, C, H, W] of ${channels} is wanted, got ${formatShape(given.shape)}`,
    );
  }
  const values = given.data;
  const area = height * width;
  const data = new Uint8Array(4 * area).fill(255);
  places[channels].forEach((channel, c) => {
    for (let i = 0; i < area; i++) {
      const pixel = (values[channel * area + i] * std[channel] + mean[channel]) / scale;
      data[4 * i + c] = Math.round(Math.min(255, Math.max(0, pixel)));
    }
  });
  return { width, height, data };
}
