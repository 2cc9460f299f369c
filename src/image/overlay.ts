import { InputError } from '../tensor/errors.ts';
import { formatShape } from '../tensor/shape.ts';
import { contiguous, type Tensor } from '../tensor/tensor.ts';
import { type ColormapName, colourOf, type Rgb } from './colormap.ts';
import type { Picture, Rectangle } from './picture.ts';
import { resample } from './resample.ts';
import { displayScale, resizePicture } from './resizePicture.ts';

export { outline } from './outline.ts';
export { displayScale, resizePicture } from './resizePicture.ts';

/** Where and how a map is drawn over its photograph. */
export interface OverlayOptions {
  /** The part of the picture that the network saw; all of it unless given. */
  readonly crop?: Rectangle | undefined;
  readonly colormap?: ColormapName | undefined;
  /** How much of the colour covers the photograph where the map is 1; it fades with the map. */
  readonly opacity?: number | undefined;
  /**
   * Opacity where the map is 0, as a share of `opacity`: 0 unless given, so that the photograph shows through. Maps of single
   * pixels are lost on a photograph: see `pixelMapLook`.
   */
  readonly veil?: number | undefined;
}

/** The look of maps of single pixels, as SmoothGrad's: the photograph is dark behind them. */
export const pixelMapLook = { opacity: 0.85, veil: 0.9 } as const;

/** The share of its own colour that the photograph keeps under the map. */
const SATURATION = 0.55;
/** What the network did not see: this share of the photograph, the rest is a light gray. */
const UNSEEN = 0.35;
const UNSEEN_GRAY = 235;

/**
 * A map drawn over its photograph, at the photograph's size (longer sides than 2048 pixels are made that long). The map
 * [H, W], 0 … 1, is upsampled bilinearly onto the crop that the network saw; what it did not see is dimmed. Colour
 * covers the photograph as the map grows, and the photograph turns half gray under it, so that both can be read.
 * @throws InputError for a map that is not [H, W].
 * @example
 * const gray = { width: 4, height: 4, data: new Uint8Array(64).fill(128) };
 * overlay(gray, tensor([[0, 1]])).width // 4
 */
export function overlay(
  picture: Picture,
  map: Tensor,
  { crop, colormap = 'ember', opacity = 0.75, veil = 0 }: OverlayOptions = {},
): Picture {
  if (map.shape.length !== 2 || map.shape.includes(0)) {
    throw new InputError(`Cannot draw the map: its shape must be [H, W], got ${formatShape(map.shape)}`);
  }
  const scale = displayScale(picture);
  const base = resizePicture(picture, ...scaledSize(picture, scale));
  const { width, height, data } = base;
  const seen = scaled(crop ?? { x: 0, y: 0, width: picture.width, height: picture.height }, scale);
  const [rows, columns] = map.shape;
  const plane = { width: columns, height: rows, data: contiguous(map).data };
  const heat = resample(plane, { width, height, place: seen }).data;
  const within = (at: number, from: number, length: number) => at + 0.5 >= from && at + 0.5 <= from + length;
  for (let y = 0; y < height; y++) {
    const rowSeen = within(y, seen.y, seen.height);
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!rowSeen || !within(x, seen.x, seen.width)) dim(data, 4 * i);
      else tint(data, 4 * i, colourOf(heat[i], colormap), opacity * (veil + (1 - veil) * alphaOf(heat[i])));
    }
  }
  return base;
}

/** The part of the opacity that a value has: 0 at 0, 1 at 1, rising fast so that middling values show. */
function alphaOf(value: number): number {
  const v = value > 0 ? Math.min(1, value) : 0;
  return v * (2 - v);
}

function tint(data: Uint8Array, at: number, colour: Rgb, alpha: number): void {
  const luma = 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
  for (let c = 0; c < 3; c++) {
    const muted = SATURATION * data[at + c] + (1 - SATURATION) * luma;
    data[at + c] = Math.round(muted + (colour[c] - muted) * alpha);
  }
}

function dim(data: Uint8Array, at: number): void {
  for (let c = 0; c < 3; c++) {
    data[at + c] = Math.round(UNSEEN * data[at + c] + (1 - UNSEEN) * UNSEEN_GRAY);
  }
}

function scaled({ x, y, width, height }: Rectangle, scale: number): Rectangle {
  return { x: x * scale, y: y * scale, width: width * scale, height: height * scale };
}

function scaledSize({ width, height }: Picture, scale: number): [number, number] {
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}
