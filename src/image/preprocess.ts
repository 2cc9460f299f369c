import type { Preprocessing } from '../model/data/format.ts';
import { parsePreprocessing } from '../model/file/parsePreprocessing.ts';
import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import { beyond, limits } from '../tensor/limits.ts';
import { formatShape } from '../tensor/shape.ts';
import { fromData, type Tensor } from '../tensor/tensor.ts';
import type { Picture, Rectangle } from './picture.ts';
import { bumps, type Plane, resample, resampleNearest, type Target } from './resample.ts';
import { wantNumbers, wantPicture } from './wanted.ts';

export type { Rectangle } from './picture.ts';

/** What the network takes: channels and lengths in pixels. */
export interface InputSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A picture as a network takes it. */
export interface Preprocessed {
  /** float32 [1, C, H, W]. */
  readonly input: Tensor;
  /** The part of the original picture that the network saw. */
  readonly crop: Rectangle;
}

export const presetNames = ['imagenet', 'unit', 'bytes'] as const;

/** The preprocessings that have a name. */
export type PresetName = (typeof presetNames)[number];

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
/** The means of the three channels, for networks of one. */
const IMAGENET_GRAY = { mean: [0.449], std: [0.226] };

const SIZE = ['channels', 'height', 'width'] as const;

/**
 * The preprocessing that a name stands for, for the network's input. `imagenet`: (RGB/255 − mean) / std, shorter side
 * to 256/224 of the input's, centre crop. `unit`: RGB/255, resized to the input. `bytes`: 0 … 255, resized to the
 * input. One channel means gray. An input that is not square is always filled by the whole picture.
 * @throws InputError for another name, and an input of neither one nor three channels.
 * @example
 * presetFor('bytes', { channels: 3, height: 8, width: 8 }).scale // 1
 */
export function presetFor(name: PresetName, size: InputSize): Preprocessing {
  wantNumbers(size, SIZE, 'the size', 'choose a preprocessing');
  const { channels: count, height, width } = size;
  if (!presetNames.includes(name)) {
    throw new InputError(
      `Cannot use the preprocessing ${describe(name)}: the names are ${presetNames.join(', ')}`,
    );
  }
  if (count !== 1 && count !== 3) {
    throw new InputError(
      `Cannot use the preprocessing ${name}: it is for inputs of 1 or 3 channels, got ${count}`,
    );
  }
  const channels = count === 1 ? 'gray' : 'RGB';
  const all = (value: number) => new Array<number>(count).fill(value);
  const whole = { resize: { width, height } };
  if (name !== 'imagenet') {
    return { channels, scale: name === 'unit' ? 1 / 255 : 1, mean: all(0), std: all(1), ...whole };
  }
  const cropped = {
    resize: { shorterSide: Math.round((height * 256) / 224) },
    crop: [height, width],
  } as const;
  const { mean, std } = count === 1 ? IMAGENET_GRAY : IMAGENET;
  return { channels, scale: 1 / 255, mean, std, ...(height === width ? cropped : whole) };
}

/** What each channel takes of red, green and blue; gray is the luma of ITU-R BT.601. */
const mixes: Readonly<Record<Preprocessing['channels'], readonly (readonly [number, number, number])[]>> = {
  RGB: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  BGR: [
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ],
  gray: [[0.299, 0.587, 0.114]],
};

/** One channel 0 … 255 of the picture over white. */
function planeOf({ width, height, data }: Picture, [red, green, blue]: readonly number[]): Plane {
  const plane = new Float32Array(width * height);
  for (let i = 0, p = 0; i < plane.length; i++, p += 4) {
    const below255 = red * (data[p] - 255) + green * (data[p + 1] - 255) + blue * (data[p + 2] - 255);
    plane[i] = 255 + (below255 * data[p + 3]) / 255;
  }
  return { width, height, data: plane };
}

/** [width, height] after the resize; the longer side is rounded down, as torchvision's Resize does. */
function resizedTo({ width, height }: Picture, { resize, crop }: Preprocessing, size: InputSize): number[] {
  if (resize === undefined) return crop === undefined ? [size.width, size.height] : [width, height];
  if ('width' in resize) return [resize.width, resize.height];
  const { shorterSide } = resize;
  return width <= height
    ? [shorterSide, Math.floor((shorterSide * height) / width)]
    : [Math.floor((shorterSide * width) / height), shorterSide];
}

/** Half of a margin, to the even neighbour where it is not whole: Python's round, which torchvision's crop uses. */
function halfOf(margin: number): number {
  const half = Math.floor(margin / 2);
  return margin % 2 === 0 || half % 2 === 0 ? half : half + 1;
}

/** @throws InputError for an input of no pixels, or of more than can be. */
function checkSize(size: InputSize): void {
  wantNumbers(size, SIZE, 'the size', 'preprocess');
  const { channels, height, width } = size;
  const entries = channels * height * width;
  const what = `the network's input has shape ${formatShape([1, channels, height, width])}`;
  if (entries === 0)
    throw new InputError(`Cannot preprocess: ${what}, no pixels; give a network of pictures`);
  if (entries <= limits.entries.value) return;
  throw new InputError(`Cannot preprocess: ${what}: ${beyond(limits.entries, entries)}`);
}

/** @throws InputError for channels or sizes that do not fit the network's input. */
function check(preprocessing: Preprocessing, size: InputSize, [width, height]: readonly number[]): void {
  const { channels, crop = [size.height, size.width] } = preprocessing;
  if (mixes[channels].length !== size.channels) {
    const count = `${size.channels} channel${size.channels === 1 ? '' : 's'}`;
    throw new InputError(
      `Cannot preprocess: the network takes ${count}, the preprocessing gives ${channels}`,
    );
  }
  const wanted = `the network takes ${size.width} × ${size.height} pixels`;
  if (crop[0] !== size.height || crop[1] !== size.width) {
    throw new InputError(`Cannot preprocess: ${wanted}, the crop gives ${crop[1]} × ${crop[0]}; change it`);
  }
  if (crop[0] <= height && crop[1] <= width) return;
  throw new InputError(
    `Cannot preprocess: ${wanted}, the resized picture has only ${width} × ${height}; change the resize`,
  );
}

/**
 * A picture as the network's input: resize (antialiased bilinear, or as the filter says, half-pixel centres, in floats: torchvision's
 * antialias=True on tensors), centre crop to the input's size, then value = (pixel · scale − mean) / std. Alpha is laid
 * over white. Only what the crop keeps is resampled. A picture of the input's size is not resized; without resize and crop the picture is stretched to fit.
 * @throws InputError where the result cannot have the size that the network takes.
 * @example
 * const white = { width: 2, height: 2, data: new Uint8Array(16).fill(255) };
 * const size = { channels: 1, height: 2, width: 2 };
 * preprocess(white, presetFor('unit', size), size).input // [[[[1, 1], [1, 1]]]]
 */
export function preprocess(picture: Picture, given: Preprocessing, size: InputSize): Preprocessed {
  wantPicture(picture, 'preprocess');
  checkSize(size);
  const preprocessing = parsePreprocessing(given, 'the picture');
  const { channels, scale, mean, std, filter } = preprocessing;
  const fits = picture.width === size.width && picture.height === size.height;
  const [width, height] = fits ? [size.width, size.height] : resizedTo(picture, preprocessing, size);
  check(fits ? { ...preprocessing, crop: [size.height, size.width] } : preprocessing, size, [width, height]);
  const [x0, y0] = [halfOf(width - size.width), halfOf(height - size.height)];
  const resize = (plane: Plane, target: Target) =>
    filter === 'nearest'
      ? resampleNearest(plane, target)
      : resample(plane, target, bumps[filter ?? 'bilinear']);
  const window = { x: x0, y: y0, width: size.width, height: size.height };
  const area = size.height * size.width;
  const data = new Float32Array(size.channels * area);
  mixes[channels].forEach((mix, c) => {
    const plane = resize(planeOf(picture, mix), { width, height, window }).data;
    for (let i = 0; i < area; i++) data[c * area + i] = (plane[i] * scale - mean[c]) / std[c];
  });
  const [sx, sy] = [picture.width / width, picture.height / height];
  return {
    input: fromData(data, [1, size.channels, size.height, size.width]),
    crop: { x: x0 * sx, y: y0 * sy, width: size.width * sx, height: size.height * sy },
  };
}
