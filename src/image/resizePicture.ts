import type { Picture } from './picture.ts';
import { resample } from './resample.ts';

const LONGEST_SIDE = 2048;

/** The scale that pictures are drawn at: 1, or what makes the longer side 2048 pixels. */
export function displayScale({ width, height }: Pick<Picture, 'width' | 'height'>): number {
  return Math.min(1, LONGEST_SIDE / Math.max(width, height));
}

/** The picture over white at another size, antialiased. */
export function resizePicture(picture: Picture, width: number, height: number): Picture {
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
