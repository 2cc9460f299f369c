import { PNG } from 'pngjs';
import { orient } from '../orient.ts';
import type { Picture } from '../picture.ts';
import { exifOrientation } from './exifOrientation.ts';
import { checkPixels, damagedPicture } from './unreadablePicture.ts';

const SIGNATURE_LENGTH = 8;

/** The content of the first chunk of that type. */
function findChunk(png: Uint8Array, type: string): Uint8Array | undefined {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  let at = SIGNATURE_LENGTH;
  while (at + 8 <= png.length) {
    const length = view.getUint32(at);
    const found = Buffer.from(png.subarray(at + 4, at + 8)).toString('latin1');
    if (found === type) return png.subarray(at + 8, at + 8 + length);
    at += length + 12;
  }
  return undefined;
}

/**
 * A PNG file of any colour type and depth as an upright picture; 16 bits are rounded to 8.
 * @throws UnreadablePicture
 */
export function decodePng(png: Uint8Array): Picture {
  const header = findChunk(png, 'IHDR');
  if (header === undefined || header.length < 13) throw damagedPicture();
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  checkPixels(view.getUint32(0), view.getUint32(4));
  if (findChunk(png, 'IEND') === undefined) throw damagedPicture();
  let decoded: Picture;
  try {
    decoded = PNG.sync.read(Buffer.from(png.buffer, png.byteOffset, png.length));
  } catch {
    throw damagedPicture();
  }
  const { width, height, data } = decoded;
  return orient({ width, height, data: Uint8Array.from(data) }, exifOrientation(findChunk(png, 'eXIf')));
}
