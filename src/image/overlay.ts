import { InputError } from '../tensor/errors.ts';
import { checkOptions, type OptionKinds } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import { contiguous, type Tensor, toTensor } from '../tensor/tensor.ts';
import { type ColormapName, colouring, isDiverging } from './colormap.ts';
import { drawContours } from './contours.ts';
import { type Ground, type GroundOptions, groundOf } from './ground.ts';
import { mapLook } from './looks.ts';
import { outline } from './outline.ts';
import type { Picture, Rectangle } from './picture.ts';
import { type Plane, resample } from './resample.ts';
import { RECTANGLE, wantNumbers, wantPicture } from './wanted.ts';

/** How a map is drawn. */
export interface MapLook {
  /** `ember` unless given; `tide` for maps −1 … 1. */
  readonly colormap?: ColormapName | undefined;
  /** How much of the colour covers the photograph where the map is 1, 0.75 unless given; it fades with the map. */
  readonly opacity?: number | undefined;
  /**
   * Opacity where the map is 0, as a share of `opacity`: 0 unless given, so that the photograph shows through. Maps of single
   * pixels are lost on a photograph: see `pixelMapLook`.
   */
  readonly veil?: number | undefined;
  /** Values that lines are drawn at, none unless given: `contourLevels` are a quarter, a half and three quarters. */
  readonly contours?: readonly number[] | undefined;
}

/** Where and how a map is drawn over its photograph. */
export interface OverlayOptions extends GroundOptions, MapLook {}

/** The share of its own colour that the photograph keeps under the map. */
const SATURATION = 0.55;
/** What the network did not see: this share of the photograph without its colours, the rest is a light gray. */
const UNSEEN = 0.62;
const UNSEEN_GRAY = 235;

/** The map at the size of a picture, its edges at those of the part seen. @throws InputError for a map that is not [H, W]. */
export function spread(map: Tensor, { width, height }: Picture, seen: Rectangle): Plane {
  const given = toTensor(map, 'draw the map');
  if (given.shape.length !== 2 || given.shape.includes(0)) {
    throw new InputError(`Cannot draw the map: its shape must be [H, W], got ${formatShape(given.shape)}`);
  }
  const [rows, columns] = given.shape;
  const plane = { width: columns, height: rows, data: contiguous(given).data };
  return resample(plane, { width, height, place: seen });
}

/**
 * A map drawn over its photograph, at the photograph's size or that asked for (longer sides than 2048 pixels are made that long). The
 * map [H, W], 0 … 1, or −1 … 1 in diverging colours, is upsampled bilinearly onto the crop that the network saw; what it did not see is
 * dimmed. Colour covers the photograph as the map grows, and the photograph turns half gray under it, so that both can be read.
 * @throws InputError for a map that is not [H, W], an unknown colour map, a size that is not a whole number.
 * @example
 * const gray = { width: 4, height: 4, data: new Uint8Array(64).fill(128) };
 * overlay(gray, tensor([[0, 1]])).width // 4
 * overlay(gray, tensor([[0, 1]]), { size: 512, colormap: 'lagoon', contours: [0.5] }).width // 512
 */
export function overlay(picture: Picture, map: Tensor, options: OverlayOptions = {}): Picture {
  checkOverlay(picture, options);
  return drawOver(groundOf(picture, options), map, options);
}

const overlayKinds = {
  crop: 'record',
  size: 'number',
  colormap: 'text',
  opacity: 'number',
  veil: 'number',
  contours: 'numbers',
} as const satisfies OptionKinds & Record<keyof OverlayOptions, OptionKinds[string]>;

function checkOverlay(picture: Picture, options: OverlayOptions): void {
  const action = 'draw the map';
  wantPicture(picture, action);
  checkOptions(options, overlayKinds, action);
  if (options.crop !== undefined) wantNumbers(options.crop, RECTANGLE, 'the crop', action);
}

/** As `overlay`, on a photograph that is drawn on several times. It is left as it is. */
export function drawOver(ground: Ground, map: Tensor, look: MapLook = {}): Picture {
  const { colormap = 'ember', contours = [], ...given } = look;
  const { opacity = mapLook.opacity, veil = mapLook.veil } = given;
  const { seen, picture } = ground;
  const drawn = { ...picture, data: picture.data.slice() };
  const { width, height, data } = drawn;
  const heat = spread(map, picture, seen);
  const paint = colouring(colormap);
  const weight = isDiverging(colormap) ? Math.abs : (value: number) => value;
  const colour = new Uint8Array(3);
  const within = (at: number, from: number, length: number) => at + 0.5 >= from && at + 0.5 <= from + length;
  const isSeen = (x: number, y: number) => within(x, seen.x, seen.width) && within(y, seen.y, seen.height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!isSeen(x, y)) dim(data, 4 * i);
      else {
        const value = heat.data[i];
        paint(value, colour);
        tint(data, 4 * i, { colour, alpha: opacity * (veil + (1 - veil) * alphaOf(weight(value))) });
      }
    }
  }
  if (contours.length > 0) drawContours(drawn, heat, { levels: contours, isDrawn: isSeen });
  return isWhole(seen, picture) ? drawn : outline(drawn, seen);
}

/** Whether the network saw all of the picture, but for parts of pixels. */
const isWhole = ({ x, y, width, height }: Rectangle, picture: Picture) =>
  x < 0.5 && y < 0.5 && x + width > picture.width - 0.5 && y + height > picture.height - 0.5;

/** The part of the opacity that a value has: 0 at 0, 1 at 1, rising fast so that middling values show. */
export function alphaOf(value: number): number {
  const v = value > 0 ? Math.min(1, value) : 0;
  return v * (2 - v);
}

function tint(
  data: Uint8Array,
  at: number,
  { colour, alpha }: { readonly colour: Uint8Array; readonly alpha: number },
): void {
  const luma = lumaAt(data, at);
  for (let c = 0; c < 3; c++) {
    const muted = SATURATION * data[at + c] + (1 - SATURATION) * luma;
    data[at + c] = Math.round(muted + (colour[c] - muted) * alpha);
  }
}

const lumaAt = (data: Uint8Array, at: number) =>
  0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];

function dim(data: Uint8Array, at: number): void {
  data.fill(Math.round(UNSEEN * lumaAt(data, at) + (1 - UNSEEN) * UNSEEN_GRAY), at, at + 3);
}
