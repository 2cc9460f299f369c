import { readFileSync } from 'node:fs';
import { InputError } from '../../tensor/errors.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  EISDIR: 'it is a folder',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB',
};

/** What the system says about a file that cannot be read; `what` stands for it. */
export function unreadable(error: unknown, what: string): InputError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new InputError(`Cannot read ${what}: ${reasons[code] ?? message}`);
}

/**
 * The bytes of a file that the caller named; `what` stands for it in messages.
 * @throws InputError for a file that is missing, a folder, not readable, or empty.
 */
export function readInputFile(path: string, what = path): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw unreadable(error, what);
  }
  if (bytes.length === 0) throw new InputError(`Cannot read ${what}: the file is empty`);
  return bytes;
}

/** A text file. @throws InputError as `readInputFile`, and for bytes that are not UTF-8 text. */
export function readInputText(path: string): string {
  const bytes = readInputFile(path);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Bytes that are no UTF-8: said below, as for a NUL.
  }
  throw new InputError(`Cannot read ${path}: it is not a text file`);
}

/** A JSON file. @throws InputError as `readInputText`, and for text that is not JSON. */
export function readInputJson(path: string): unknown {
  const text = readInputText(path);
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError(`Cannot read ${path}: it is not JSON, or it is cut short`);
  }
}
