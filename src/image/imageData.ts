import { InputError } from '../tensor/errors.ts';
import { wantRecord } from '../tensor/options.ts';
import type { Picture } from './picture.ts';
import { wantPicture } from './wanted.ts';

/** What a canvas gives: 8-bit RGBA, row-major. A page's ImageData is one. */
export interface PixelData {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** A page's own ImageData where the types of pages are known, else what it holds. */
export type PageImageData = typeof globalThis extends { ImageData: { prototype: infer Data } }
  ? Data
  : PixelData & { readonly data: Uint8ClampedArray };

/** Its constructor, in a page. */
type MakeImageData = new (data: Uint8ClampedArray, width: number, height: number) => PageImageData;

/**
 * The picture on a canvas: a copy of what `context.getImageData(0, 0, width, height)` gives.
 * @throws InputError for pixels that are not 8-bit RGBA, and for another number of them than the sides say.
 * @example
 * const picture = pictureOf({ width: 1, height: 1, data: Uint8ClampedArray.of(255, 0, 0, 255) });
 * picture.data // [255, 0, 0, 255]
 */
export function pictureOf(pixels: PixelData): Picture {
  wantRecord(pixels, 'the pixels', 'take a picture');
  const { width, height, data } = pixels;
  const isBytes = data instanceof Uint8ClampedArray || data instanceof Uint8Array;
  if (isBytes && data.length === 4 * width * height && data.length > 0) {
    return { width, height, data: Uint8Array.from(data) };
  }
  const got = isBytes ? `${data.length} bytes for ${width} × ${height}` : 'other numbers';
  throw new InputError(
    `Cannot take the pixels: 4 bytes for each are wanted, RGBA, got ${got}; use getImageData with 8 bits a channel`,
  );
}

/**
 * A picture for a canvas: `context.putImageData(toImageData(picture), 0, 0)`. In a page it is an ImageData, elsewhere a record of the
 * same fields. The bytes are copied.
 * @example
 * toImageData({ width: 1, height: 1, data: Uint8Array.of(255, 0, 0, 255) }).data // [255, 0, 0, 255]
 */
export function toImageData(picture: Picture): PageImageData {
  wantPicture(picture, 'give the pixels');
  const { width, height, data } = picture;
  const bytes = Uint8ClampedArray.from(data);
  const { ImageData: Make } = globalThis as { ImageData?: MakeImageData };
  return Make === undefined
    ? ({ width, height, data: bytes } as PageImageData)
    : new Make(bytes, width, height);
}
