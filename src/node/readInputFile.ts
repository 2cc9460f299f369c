import { readFileSync } from 'node:fs';
import { InputError } from '../tensor/errors.ts';
import { beyond, limits } from '../tensor/limits.ts';
import { PlatformError } from './withoutWebAssembly.ts';

/** Names the standard input. */
export const STDIN = '-';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  EISDIR: 'it is a folder',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB',
};

/** What is short on the machine, by the system's code for it: no fault of the file. */
const shortages: Readonly<Record<string, string>> = {
  EMFILE: 'too many files are open; close some, or raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine; close some',
  ENOMEM: 'there is no memory left',
};

/** What the system says about a file that cannot be read; `what` stands for it. */
export function unreadable(error: unknown, what: string): InputError | PlatformError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (Object.hasOwn(shortages, code)) return new PlatformError(`Cannot read ${what}: ${shortages[code]}`);
  return new InputError(`Cannot read ${what}: ${reasons[code] ?? message}`);
}

/**
 * The bytes of a file that the caller named, of the standard input for `-`; `what` stands for it in messages.
 * @throws InputError for a file that is missing, a folder, not readable, or empty.
 */
export function readInputFile(path: string, what = path === STDIN ? 'the standard input' : path): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path === STDIN ? 0 : path);
  } catch (error) {
    throw unreadable(error, what);
  }
  if (bytes.length === 0) throw new InputError(`Cannot read ${what}: the file is empty`);
  return bytes;
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Bytes that are no UTF-8: said below, as for a NUL.
  }
  throw new InputError(`Cannot read ${path}: it is not a text file`);
}

/** A text file. @throws InputError as `readInputFile`, and for bytes that are not UTF-8 text. */
export function readInputText(path: string): string {
  return textOf(readInputFile(path), path);
}

/** The value in a small JSON file. @throws InputError for a large one, bytes that are not UTF-8 text, and text that is not JSON. */
export function parseSmallJson(bytes: Uint8Array, path: string): unknown {
  const { length } = bytes;
  if (length > limits.smallJson.value)
    throw new InputError(`Cannot read ${path}: ${beyond(limits.smallJson, length)}`);
  const text = textOf(bytes, path);
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError(`Cannot read ${path}: it is not JSON, or it is cut short`);
  }
}

/** A small JSON file: preprocessing. @throws InputError as `readInputFile` and `parseSmallJson`. */
export function readSmallJson(path: string): unknown {
  return parseSmallJson(readInputFile(path), path);
}
