import type { Picture } from '../../src/image/picture.ts';

/** A picture of one colour. */
export function plain(width: number, height: number, rgba: readonly number[]): Picture {
  const data = new Uint8Array(4 * width * height);
  for (let i = 0; i < data.length; i += 4) data.set(rgba, i);
  return { width, height, data };
}

export const pixel = ({ width, data }: Picture, x: number, y: number) => [
  ...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4),
];
