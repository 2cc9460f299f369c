import { contiguous, type Tensor } from '../tensor/tensor.ts';
import { colourOf, type Rgb } from './colormap.ts';
import type { Picture } from './picture.ts';
import type { Rectangle } from './preprocess.ts';
import { resample } from './resample.ts';

export interface OverlayOptions {
  /** The part of the picture that the network saw; all of it unless given. */
  readonly crop?: Rectangle | undefined;
  /** How much of the colour covers the photograph where the map is 1; it fades with the map. */
  readonly opacity?: number | undefined;
}

const LONGEST_SIDE = 2048;
const SHORTEST_SIDE = 256;

/** Drawn sizes: small pictures are enlarged to be seen, huge ones shrunk. */
export function displayScale({ width, height }: { width: number; height: number }): number {
  const longest = Math.max(width, height);
  if (longest > LONGEST_SIDE) return LONGEST_SIDE / longest;
  return longest < SHORTEST_SIDE ? Math.ceil(SHORTEST_SIDE / longest) : 1;
}

/** The picture over white at another size. */
export function resizePicture(picture: Picture, width: number, height: number): Picture {
  const size = width * height;
  const data = new Uint8Array(4 * size).fill(255);
  const count = picture.width * picture.height;
  for (let c = 0; c < 3; c++) {
    const plane = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      plane[i] = 255 + ((picture.data[4 * i + c] - 255) * picture.data[4 * i + 3]) / 255;
    }
    const resized = resample({ width: picture.width, height: picture.height, data: plane }, width, height);
    for (let i = 0; i < size; i++) data[4 * i + c] = Math.round(resized.data[i]);
  }
  return { width, height, data };
}

const clampTo = (value: number, high: number) => Math.min(high, Math.max(0, Math.round(value)));

/**
 * A map drawn over its photograph, at the photograph's size (64 … 255 pixels are enlarged, more than 2048 shrunk). The map
 * [H, W], 0 … 1, is upsampled bilinearly onto the crop that the network saw; what it did not see is dimmed. The photograph
 * turns gray under the colours so that both can be read.
 */
export function overlay(
  picture: Picture,
  map: Tensor,
  { crop, opacity = 0.72 }: OverlayOptions = {},
): Picture {
  const scale = displayScale(picture);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const base = resizePicture(picture, width, height);
  const seen = crop ?? { x: 0, y: 0, width: picture.width, height: picture.height };
  const x0 = clampTo(seen.x * scale, width - 1);
  const y0 = clampTo(seen.y * scale, height - 1);
  const x1 = Math.max(x0 + 1, clampTo((seen.x + seen.width) * scale, width));
  const y1 = Math.max(y0 + 1, clampTo((seen.y + seen.height) * scale, height));
  const [rows, columns] = map.shape;
  const values = Float64Array.from(contiguous(map).data);
  const { data: heat } = resample({ width: columns, height: rows, data: values }, x1 - x0, y1 - y0);
  const { data } = base;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      const inside = x >= x0 && x < x1 && y >= y0 && y < y1;
      const value = inside ? heat[(y - y0) * (x1 - x0) + x - x0] : 0;
      blend(data, at, inside ? colourOf(value) : undefined, opacity * (0.3 + 0.7 * value));
    }
  }
  return base;
}

/** One pixel: grayed and tinted, or dimmed where there is no map. */
function blend(data: Uint8Array, at: number, colour: Rgb | undefined, alpha: number): void {
  const luma = 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
  for (let c = 0; c < 3; c++) {
    if (colour === undefined) data[at + c] = Math.round(0.35 * data[at + c] + 0.65 * 235);
    else {
      const muted = 0.45 * data[at + c] + 0.55 * luma;
      data[at + c] = Math.round(muted * (1 - alpha) + colour[c] * alpha);
    }
  }
}

/** A rectangle's outline drawn on a picture, two pixels of white within two of black: seen on any ground. */
export function outline(picture: Picture, { x, y, width, height }: Rectangle): Picture {
  const data = picture.data.slice();
  const [x0, y0] = [clampTo(x, picture.width - 1), clampTo(y, picture.height - 1)];
  const [x1, y1] = [clampTo(x + width - 1, picture.width - 1), clampTo(y + height - 1, picture.height - 1)];
  for (let py = y0; py <= y1; py++) {
    for (let px = x0; px <= x1; px++) {
      const depth = Math.min(px - x0, x1 - px, py - y0, y1 - py);
      if (depth > 3) continue;
      data.fill(depth > 1 ? 0 : 255, 4 * (py * picture.width + px), 4 * (py * picture.width + px) + 3);
    }
  }
  return { ...picture, data };
}
