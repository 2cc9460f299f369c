import type { Picture } from '../../image/picture.ts';
import { InputError } from '../../tensor/errors.ts';
import { limits } from '../../tensor/limits.ts';
import { checkOptions, wantBytes } from '../../tensor/options.ts';
import { decodeJpeg } from './decodeJpeg.ts';
import { decodePng } from './decodePng.ts';
import { hugePicture, UnreadablePicture } from './unreadablePicture.ts';

export { encodePng } from './encodePng.ts';

/** Kinds of files by what stands at their beginning: [name, offset, bytes]. */
const kinds: readonly (readonly [name: string, offset: number, signature: string])[] = [
  ['PNG', 0, '\x89PNG\r\n\x1a\n'],
  ['JPEG', 0, '\xff\xd8\xff'],
  ['GIF', 0, 'GIF8'],
  ['WebP', 8, 'WEBP'],
  ['AVIF', 4, 'ftypavif'],
  ['HEIC', 4, 'ftyp'],
  ['TIFF', 0, 'II*\0'],
  ['TIFF', 0, 'MM\0*'],
  ['BMP', 0, 'BM'],
  ['PDF', 0, '%PDF'],
];

/** What kind of picture or page a file is, as it begins; undefined where that says nothing. */
export function pictureKind(bytes: Uint8Array): string | undefined {
  const matches = (offset: number, signature: string) =>
    Array.from(signature).every((letter, i) => bytes[offset + i] === letter.charCodeAt(0));
  return kinds.find(([, offset, signature]) => matches(offset, signature))?.[0];
}

function decode(bytes: Uint8Array, maxPixels: number): Picture {
  const kind = pictureKind(bytes);
  if (kind === 'PNG') return decodePng(bytes, maxPixels);
  if (kind === 'JPEG') return decodeJpeg(bytes, maxPixels);
  if (bytes.length === 0) throw new UnreadablePicture('the file is empty', 'give a PNG or JPEG picture');
  if (kind === undefined) throw new UnreadablePicture('it is neither PNG nor JPEG', 'give one of them');
  throw new UnreadablePicture(`it is a ${kind} file`, 'convert it to PNG or JPEG');
}

/** Bounds on a picture that is decoded. */
export interface DecodeOptions {
  /** The most pixels that a picture may have: 50 million unless given. */
  readonly maxPixels?: number | undefined;
}

/**
 * The picture in a PNG or JPEG file, told apart by its content, upright as its EXIF orientation says, with its alpha.
 * Its size is checked before the memory for it is taken.
 * @throws InputError for an empty, damaged, huge or other file, naming it.
 * @example
 * const picture = decodePicture(encodePng({ width: 1, height: 1, data: Uint8Array.of(0, 0, 0, 255) }), 'dot.png');
 * picture.width // 1
 */
export function decodePicture(bytes: Uint8Array, name = 'the picture', options: DecodeOptions = {}): Picture {
  wantBytes(bytes, 'read a picture');
  checkOptions(options, { maxPixels: 'number' }, 'read a picture');
  const { maxPixels = limits.pixels.value } = options;
  if (!(maxPixels > 0)) {
    throw new InputError(`Cannot read ${name}: maxPixels must be a number above 0, got ${maxPixels}`);
  }
  try {
    return decode(bytes, maxPixels);
  } catch (error) {
    // The only lengths out of range are those of memory: all others are checked.
    const why = error instanceof RangeError ? hugePicture() : error;
    if (!(why instanceof UnreadablePicture)) throw error;
    throw new InputError(`Cannot read ${name}: ${why.message}; ${why.wayOut}`);
  }
}
