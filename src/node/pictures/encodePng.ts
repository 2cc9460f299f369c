import { zlibSync } from 'fflate';
import type { Picture } from '../../image/picture.ts';
import { wantPicture } from '../../image/wanted.ts';
import { PNG_SIGNATURE, pngChunk, pngHeader } from './pngChunk.ts';

const RGB = 2;
const RGBA = 6;

/** The neighbour that left + above − aboveLeft comes nearest to. Source: PNG specification, 9.4. */
function paeth(left: number, above: number, aboveLeft: number): number {
  const guess = left + above - aboveLeft;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - aboveLeft)];
  return a <= b && a <= c ? left : b <= c ? above : aboveLeft;
}

/** Rows with filter Paeth in front of each: photographs shrink best under it. */
function filteredRows({ width, height, data }: Picture, channels: number): Uint8Array {
  const length = width * channels;
  const out = new Uint8Array((length + 1) * height);
  let above = new Uint8Array(length);
  for (let y = 0; y < height; y++) {
    const row = new Uint8Array(length);
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) row[x * channels + c] = data[4 * (y * width + x) + c];
    }
    const start = y * (length + 1);
    out[start] = 4;
    for (let i = 0; i < length; i++) {
      const before = i - channels;
      const [left, corner] = before < 0 ? [0, 0] : [row[before], above[before]];
      out[start + 1 + i] = row[i] - paeth(left, above[i], corner);
    }
    above = row;
  }
  return out;
}

/**
 * A picture as a PNG file, RGB or, where a pixel is not opaque, RGBA. The bytes are the same on every machine: they are
 * packed by fflate, where Node's zlib differs by version and processor.
 * @example
 * const picture = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0, 255) };
 * decodePicture(encodePng(picture), 'red.png').data // [255, 0, 0, 255]
 */
export function encodePng(picture: Picture): Uint8Array {
  wantPicture(picture, 'write the picture');
  const { width, height, data } = picture;
  let opaque = true;
  for (let i = 3; opaque && i < data.length; i += 4) opaque = data[i] === 255;
  const header = pngHeader({ width, height, depth: 8, colour: opaque ? RGB : RGBA, interlaced: false });
  const packed = zlibSync(filteredRows(picture, opaque ? 3 : 4), { level: 6 });
  const parts = [
    PNG_SIGNATURE,
    pngChunk('IHDR', header),
    pngChunk('IDAT', packed),
    pngChunk('IEND', new Uint8Array()),
  ];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
