import type { Preprocessing } from '../model/format.ts';
import { InputError } from '../tensor/errors.ts';
import { fromData, type Tensor } from '../tensor/tensor.ts';
import type { Picture } from './picture.ts';
import { type Plane, resample, resampleNearest } from './resample.ts';

/** What the network takes: channels and lengths in pixels. */
export interface InputSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A rectangle in pixels of a picture; fractions are allowed. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Preprocessed {
  /** float32 [1, C, H, W]. */
  readonly input: Tensor;
  /** The part of the original picture that the network saw. */
  readonly crop: Rectangle;
}

export const presetNames = ['imagenet', 'unit', 'bytes'] as const;
export type PresetName = (typeof presetNames)[number];

const IMAGENET_MEAN = [0.485, 0.456, 0.406];
const IMAGENET_STD = [0.229, 0.224, 0.225];

/**
 * `imagenet`: RGB/255, ImageNet mean and std, shorter side to 256/224 of the input, centre crop. `unit`: RGB/255, resized to
 * the input. `bytes`: 0 … 255, resized to the input. One channel means gray.
 */
export function presetFor(name: PresetName, { channels, height, width }: InputSize): Preprocessing {
  const gray = channels === 1;
  const all = (value: number) => new Array<number>(channels).fill(value);
  const plain = {
    channels: gray ? 'gray' : 'RGB',
    mean: all(0),
    std: all(1),
    resize: { width, height },
  } as const;
  if (name === 'unit') return { ...plain, scale: 1 / 255 };
  if (name === 'bytes') return { ...plain, scale: 1 };
  return {
    channels: gray ? 'gray' : 'RGB',
    scale: 1 / 255,
    mean: gray ? [0.449] : IMAGENET_MEAN,
    std: gray ? [0.226] : IMAGENET_STD,
    resize: { shorterSide: Math.round((Math.min(height, width) * 256) / 224) },
    crop: [height, width],
  };
}

/** Channels 0 … 255 over white, as the network orders them. Gray is the luma of ITU-R 601. */
function planesOf({ width, height, data }: Picture, channels: Preprocessing['channels']): Plane[] {
  const size = width * height;
  const rgb = [0, 1, 2].map((c) => {
    const plane = new Float32Array(size);
    for (let i = 0; i < size; i++) plane[i] = 255 + ((data[4 * i + c] - 255) * data[4 * i + 3]) / 255;
    return plane;
  });
  if (channels === 'gray') {
    const luma = rgb[0].map((r, i) => 0.299 * r + 0.587 * rgb[1][i] + 0.114 * rgb[2][i]);
    return [{ width, height, data: luma }];
  }
  const ordered = channels === 'BGR' ? [rgb[2], rgb[1], rgb[0]] : rgb;
  return ordered.map((plane) => ({ width, height, data: plane }));
}

function resizedSide({ width, height }: Picture, resize: Preprocessing['resize']): [number, number] {
  if (resize === undefined) return [width, height];
  if ('width' in resize) return [resize.width, resize.height];
  const { shorterSide } = resize;
  // The longer side is rounded down, as torchvision's Resize does.
  return width <= height
    ? [shorterSide, Math.trunc((shorterSide * height) / width)]
    : [Math.trunc((shorterSide * width) / height), shorterSide];
}

function cropPlane(
  { width, data }: Plane,
  x0: number,
  y0: number,
  [height, w]: readonly [number, number],
): Float64Array {
  const out = new Float64Array(height * w);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < w; x++) out[y * w + x] = data[(y + y0) * width + x + x0];
  return out;
}

/**
 * A picture as the network's input: resize (antialiased bilinear, half-pixel centres, in floats), centre crop, then
 * value = (pixel · scale − mean) / std. A picture that already has the input's size is not resized.
 * @throws InputError when the result does not have the size that the network takes.
 */
export function preprocess(picture: Picture, preprocessing: Preprocessing, size: InputSize): Preprocessed {
  const { channels, scale, mean, std, resize, crop, filter } = preprocessing;
  const fits = picture.width === size.width && picture.height === size.height;
  const [width, height] = fits ? [picture.width, picture.height] : resizedSide(picture, resize);
  const [cropHeight, cropWidth] = fits || crop === undefined ? [height, width] : crop;
  if (cropHeight !== size.height || cropWidth !== size.width || cropHeight > height || cropWidth > width) {
    throw new InputError(
      `Cannot preprocess: the network takes ${size.width} × ${size.height} pixels, the preprocessing gives ${cropWidth} × ${cropHeight} of ${width} × ${height}; set resize and crop`,
    );
  }
  const count = channels === 'gray' ? 1 : 3;
  if (count !== size.channels) {
    throw new InputError(
      `Cannot preprocess: the network takes ${size.channels} channels, the preprocessing gives ${channels}`,
    );
  }
  const x0 = Math.round((width - cropWidth) / 2);
  const y0 = Math.round((height - cropHeight) / 2);
  const data = new Float32Array(count * cropHeight * cropWidth);
  planesOf(picture, channels).forEach((plane, c) => {
    const resized = (filter === 'nearest' ? resampleNearest : resample)(plane, width, height);
    const values = cropPlane(resized, x0, y0, [cropHeight, cropWidth]);
    const at = c * values.length;
    for (let i = 0; i < values.length; i++) data[at + i] = (values[i] * scale - mean[c]) / std[c];
  });
  const [sx, sy] = [picture.width / width, picture.height / height];
  return {
    input: fromData(data, [1, count, cropHeight, cropWidth]),
    crop: { x: x0 * sx, y: y0 * sy, width: cropWidth * sx, height: cropHeight * sy },
  };
}
