import exif from 'exif-reader';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { InputError } from '../../tensor/errors.ts';
import { orient } from '../orient.ts';
import type { Picture } from '../picture.ts';

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];
const JPEG_SIGNATURE = [0xff, 0xd8, 0xff];
const MEGABYTES = 1024;
const MEGAPIXELS = 150;

const startsWith = (bytes: Uint8Array, signature: readonly number[]) =>
  signature.every((byte, i) => bytes[i] === byte);

function decodePng(bytes: Uint8Array): Picture {
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return { width, height, data };
}

/** How the camera was held, 1 … 8; 1 where the file does not say. */
function orientationOf(buffer: Buffer | undefined): number {
  if (buffer === undefined) return 1;
  try {
    // exif-reader wants the block with its "Exif" head.
    const head = Buffer.from('Exif\0\0', 'latin1');
    const block =
      buffer.subarray(0, 4).toString('latin1') === 'Exif' ? buffer : Buffer.concat([head, buffer]);
    return exif(block).Image?.Orientation ?? 1;
  } catch {
    return 1;
  }
}

function decodeJpeg(bytes: Uint8Array): Picture {
  const options = {
    useTArray: true,
    tolerantDecoding: false,
    maxMemoryUsageInMB: MEGABYTES,
    maxResolutionInMP: MEGAPIXELS,
  } as const;
  const decoded = jpeg.decode(bytes, options);
  const { width, height, data } = decoded as { width: number; height: number; data: Uint8Array };
  const { exifBuffer } = decoded as { exifBuffer?: Buffer };
  return orient({ width, height, data }, orientationOf(exifBuffer));
}

/**
 * A PNG or JPEG file, told apart by its content, upright as its EXIF orientation says.
 * @throws InputError for an empty, damaged or other file, naming it.
 */
export function decodePicture(bytes: Uint8Array, name: string): Picture {
  if (bytes.length === 0)
    throw new InputError(`Cannot read ${name}: the file is empty; give a PNG or JPEG picture`);
  const decode = startsWith(bytes, PNG_SIGNATURE)
    ? decodePng
    : startsWith(bytes, JPEG_SIGNATURE)
      ? decodeJpeg
      : undefined;
  if (decode === undefined)
    throw new InputError(`Cannot read ${name}: it is neither PNG nor JPEG; convert it to one of them`);
  try {
    return decode(bytes);
  } catch (error) {
    const why = String(error instanceof Error ? error.message : error)
      .split('\n')[0]
      .replace(/\.$/, '');
    throw new InputError(
      `Cannot read ${name}: the picture is damaged or cut short (${why}); give a complete file`,
    );
  }
}

/** A picture as a PNG file. */
export function encodePng({ width, height, data }: Picture): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.length);
  return PNG.sync.write(png);
}
