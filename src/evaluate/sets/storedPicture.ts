import { InputError } from '../../tensor/errors.ts';
import { isKey } from '../queue/job.ts';
import type { StoredFile } from '../store/content.ts';
import {
  type FilePicture,
  hashOfPicture,
  type Occurrences,
  type Outline,
  readFilePicture,
  withFiles,
} from './filePicture.ts';
import type { PictureSet, SetFile } from './set.ts';

/** A picture as it goes to other machines: its files by their content. One that cannot be read goes as why. */
export type StoredPicture = FilePicture<StoredFile> | { readonly name: string; readonly unreadable: string };

/** A picture by the content of its files, which `keep` hears of. */
export function storedPicture(
  picture: FilePicture<SetFile>,
  contentOf: (file: SetFile) => Omit<StoredFile, 'name'>,
): StoredPicture {
  try {
    return withFiles(picture, (file) => ({ name: file.name, ...contentOf(file) }));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { name: picture.name, unreadable: error.message };
  }
}

/** A set of one picture, whose bytes are at hand when it is read. */
export function storedSet(picture: StoredPicture, bytesOf: (file: StoredFile) => Uint8Array): PictureSet {
  const { name } = picture;
  function readable(): FilePicture<StoredFile> {
    if ('unreadable' in picture) throw new InputError(picture.unreadable);
    return picture;
  }
  return {
    ...{ name, count: 1 },
    nameOf: () => name,
    hashOf: () => hashOfPicture(readable(), ({ sha256 }) => sha256),
    read: () => readFilePicture(readable(), bytesOf),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((each) => Number.isFinite(each));

/** A file of a set as others have written it down. @throws InputError for anything else. */
export function parseStoredFile(value: unknown): StoredFile {
  if (isObject(value)) {
    const { name, sha256, size } = value;
    const isSize = Number.isSafeInteger(size) && (size as number) > 0;
    if (typeof name === 'string' && isKey(sha256) && isSize) return { name, sha256, size: size as number };
  }
  throw new InputError('a file must have a name, a sha256 of 64 hexadecimal digits and a size');
}

function parseOutline(value: unknown): Outline {
  if (Array.isArray(value) && value.every(isNumbers)) return value;
  if (isObject(value) && isNumbers(value.counts)) return value as unknown as Outline;
  throw new InputError('an outline must be lists of numbers, or have counts');
}

function parseOccurrences(value: unknown): Occurrences<StoredFile> {
  if (isObject(value)) {
    const { by, mask, numbers, outlines } = value;
    if (by === 'colours') return { by, ...(mask !== undefined && { mask: parseStoredFile(mask) }) };
    if (by === 'numbers' && isNumbers(numbers)) return { by, mask: parseStoredFile(mask), numbers };
    if (by === 'outlines' && Array.isArray(outlines)) return { by, outlines: outlines.map(parseOutline) };
  }
  throw new InputError('occurrences must be by colours, numbers or outlines');
}

/** A picture as others have written it down. @throws InputError for anything else. */
export function parseStoredPicture(value: unknown): StoredPicture {
  if (!isObject(value)) throw new InputError('a picture must be an object');
  const { name, label, file, occurrences, unreadable } = value;
  if (typeof name !== 'string') throw new InputError('a picture must have a name');
  if (typeof unreadable === 'string') return { name, unreadable };
  if (label !== undefined && typeof label !== 'string') throw new InputError('a label must be a text');
  return { name, label, file: parseStoredFile(file), occurrences: parseOccurrences(occurrences) };
}
