import type { Picture } from './picture.ts';
import { resample } from './resample.ts';
import { wantPicture, wantSides } from './wanted.ts';

/** Pixels of the longer side of drawn pictures, unless others are asked for: those of larger photographs are made so long. */
export const LONGEST_SIDE = 2048;

/** The scale that pictures are drawn at: what makes the longer side `size` pixels; without it 1, or what makes that side 2048. */
export function displayScale({ width, height }: Pick<Picture, 'width' | 'height'>, size?: number): number {
  const longest = Math.max(width, height);
  return size === undefined ? Math.min(1, LONGEST_SIDE / longest) : size / longest;
}

/**
 * The picture over white at another size: bilinear, antialiased where it becomes smaller.
 * @example
 * const gray = { width: 4, height: 4, data: new Uint8Array(64).fill(128) };
 * resizePicture(gray, 2, 2).data.length // 16
 */
export function resizePicture(picture: Picture, width: number, height: number): Picture {
  const action = 'resize the picture';
  wantPicture(picture, action);
  wantSides(Object.entries({ width, height }), action);
  const size = width * height;
  const data = new Uint8Array(4 * size).fill(255);
  const plane = new Float32Array(picture.width * picture.height);
  for (let c = 0; c < 3; c++) {
    for (let i = 0, p = c; i < plane.length; i++, p += 4) {
      plane[i] = 255 + ((picture.data[p] - 255) * picture.data[p + 3 - c]) / 255;
    }
    const source = { width: picture.width, height: picture.height, data: plane };
    const resized = resample(source, { width, height }).data;
    for (let i = 0; i < size; i++) data[4 * i + c] = Math.round(resized[i]);
  }
  return { width, height, data };
}
