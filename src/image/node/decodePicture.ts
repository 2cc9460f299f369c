import { InputError } from '../../tensor/errors.ts';
import type { Picture } from '../picture.ts';
import { decodeJpeg } from './decodeJpeg.ts';
import { decodePng } from './decodePng.ts';
import { UnreadablePicture } from './unreadablePicture.ts';

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

function kindOf(bytes: Uint8Array): string | undefined {
  const matches = (offset: number, signature: string) =>
    Array.from(signature).every((letter, i) => bytes[offset + i] === letter.charCodeAt(0));
  return kinds.find(([, offset, signature]) => matches(offset, signature))?.[0];
}

function decode(bytes: Uint8Array): Picture {
  const kind = kindOf(bytes);
  if (kind === 'PNG') return decodePng(bytes);
  if (kind === 'JPEG') return decodeJpeg(bytes);
  if (bytes.length === 0) throw new UnreadablePicture('the file is empty', 'give a PNG or JPEG picture');
  if (kind === undefined) throw new UnreadablePicture('it is neither PNG nor JPEG', 'give one of them');
  throw new UnreadablePicture(`it is a ${kind} file`, 'convert it to PNG or JPEG');
}

/**
 * The picture in a PNG or JPEG file, told apart by its content, upright as its EXIF orientation says, with its alpha.
 * @throws InputError for an empty, damaged, huge or other file, naming it.
 */
export function decodePicture(bytes: Uint8Array, name: string): Picture {
  try {
    return decode(bytes);
  } catch (error) {
    if (!(error instanceof UnreadablePicture)) throw error;
    throw new InputError(`Cannot read ${name}: ${error.message}; ${error.wayOut}`);
  }
}
