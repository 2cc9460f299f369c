import type { Picture } from './picture.ts';

/** For each EXIF orientation: whether the sides swap, then whether x and y run backwards in the stored picture. */
const turns: ReadonlyMap<number, readonly [swap: boolean, flipX: boolean, flipY: boolean]> = new Map([
  [2, [false, true, false]],
  [3, [false, true, true]],
  [4, [false, false, true]],
  [5, [true, false, false]],
  [6, [true, false, true]],
  [7, [true, true, true]],
  [8, [true, true, false]],
]);

/** The picture upright: orientation 1 … 8 as EXIF numbers them; 1 and unknown numbers leave it as it is. */
export function orient(picture: Picture, orientation: number): Picture {
  const turn = turns.get(orientation);
  if (turn === undefined) return picture;
  const [swap, flipX, flipY] = turn;
  const { width: w, height: h } = picture;
  const [width, height] = swap ? [h, w] : [w, h];
  const { buffer, byteOffset } = picture.data.byteOffset % 4 === 0 ? picture.data : picture.data.slice();
  const from = new Uint32Array(buffer, byteOffset, w * h);
  const out = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = swap ? [y, x] : [x, y];
      out[y * width + x] = from[(flipY ? h - 1 - v : v) * w + (flipX ? w - 1 - u : u)];
    }
  }
  return { width, height, data: new Uint8Array(out.buffer) };
}
