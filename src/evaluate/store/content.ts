import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { sha256Of } from '../../node/digestBytes.ts';
import { unreadable } from '../../node/readInputFile.ts';
import { InputError } from '../../tensor/errors.ts';

/** Bytes by what they are: a name that no others have, and their number. */
export interface Content {
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly size: number;
}

/** A file of a set: what it is called there, and what it holds. */
export interface StoredFile extends Content {
  /** For a file that is laid out, its place: folders have a / between. */
  readonly name: string;
}

/** Content that cannot be had, or is not what its name says: others may have more luck. */
export class ContentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ContentError';
  }
}

const PIECE = 2 ** 20; // bytes

/** What a file holds, of any size; `what` stands for it in messages. @throws InputError for one that cannot be read, or is empty. */
export function contentOfFile(path: string, what = path): Content {
  const hash = createHash('sha256');
  const piece = new Uint8Array(PIECE);
  let size = 0;
  try {
    const file = openSync(path, 'r');
    try {
      for (let count = -1; count !== 0; size += count) {
        count = readSync(file, piece, 0, PIECE, null);
        hash.update(piece.subarray(0, count));
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(error, what);
  }
  if (size === 0) throw new InputError(`Cannot read ${what}: the file is empty`);
  return { sha256: hash.digest('hex'), size };
}

export const contentOf = (bytes: Uint8Array): Content => ({ sha256: sha256Of(bytes), size: bytes.length });
