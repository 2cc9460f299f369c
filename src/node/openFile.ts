import { closeSync, fstatSync, openSync, read, readFileSync, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { InputError } from '../tensor/errors.ts';
import { unreadable } from './readInputFile.ts';

/** A file that is open for reading. */
export interface OpenFile {
  readonly fd: number;
  readonly size: number;
  /** When it was last written, as far as is known. */
  readonly modified: number;
  /** What stands for it in messages. */
  readonly what: string;
  /** Its bytes, if it can be read only once: a pipe. */
  readonly whole: Uint8Array | undefined;
}

const MOST = 2 ** 30; // bytes that the system is asked for at once
const readAsync = promisify(read);

/** @throws InputError for a file that is missing, a folder, not readable, or empty. */
export function openFile(path: string, what: string): OpenFile {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const stats = fstatSync(fd);
    const whole = stats.isFile() ? undefined : readFileSync(fd);
    const size = whole?.length ?? stats.size;
    if (size === 0) throw new InputError(`Cannot read ${what}: the file is empty`);
    return { fd, size, modified: stats.mtimeMs, what, whole };
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    throw error instanceof InputError ? error : unreadable(error, what);
  }
}

const endsEarly = (what: string) =>
  new InputError(`Cannot read ${what}: it became shorter while it was read`);

/** Fills `into` with the file's bytes from an offset on. @throws InputError where they are not there. */
export function readNow({ fd, what }: OpenFile, into: Uint8Array, offset: number): void {
  for (let at = 0; at < into.length; ) {
    let count: number;
    try {
      count = readSync(fd, into, at, Math.min(MOST, into.length - at), offset + at);
    } catch (error) {
      throw unreadable(error, what);
    }
    if (count === 0) throw endsEarly(what);
    at += count;
  }
}

/** The same by another thread. */
export async function readLater({ fd, what }: OpenFile, into: Uint8Array, offset: number): Promise<void> {
  for (let at = 0; at < into.length; ) {
    let count: number;
    try {
      count = (await readAsync(fd, into, at, Math.min(MOST, into.length - at), offset + at)).bytesRead;
    } catch (error) {
      throw unreadable(error, what);
    }
    if (count === 0) throw endsEarly(what);
    at += count;
  }
}

/** @throws InputError for a file that is not what it was when it was opened. */
export function checkUnchanged({ fd, size, modified, what }: OpenFile): void {
  const now = fstatSync(fd);
  if (now.size === size && now.mtimeMs === modified) return;
  throw new InputError(
    `Cannot read ${what}: it was changed after the model was loaded from it; load the model again`,
  );
}

export function closeFile({ fd }: OpenFile): void {
  closeSync(fd);
}

const forgotten = new FinalizationRegistry(closeSync);

/** Closes the file when nothing can read it any more. */
export function closeWhenForgotten(file: OpenFile): void {
  forgotten.register(file, file.fd);
}
