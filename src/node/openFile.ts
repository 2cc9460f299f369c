import { closeSync, constants, fstatSync, openSync, read, readSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { InputError } from '../tensor/errors.ts';
import { beyond, limits } from '../tensor/limits.ts';
import { unreadable } from './readInputFile.ts';

/** A file that is read anywhere, any number of times. */
export interface OpenFile {
  readonly path: string;
  /** Undefined while it is not held open: it is opened again for each reading. */
  readonly handle: { fd: number | undefined };
  readonly size: number;
  /** When it was last written, as far as is known. */
  readonly modified: number;
  /** The file itself, whatever stands at its path. */
  readonly identity: string;
  /** What stands for it in messages. */
  readonly what: string;
  /** Its bytes, if it can be read only once: a pipe. */
  readonly whole: Uint8Array | undefined;
}

const MOST = 2 ** 30; // bytes that the system is asked for at once
const QUIET = 10; // seconds in which a pipe may be silent
const PAUSE = 20; // milliseconds
const PIECE = 2 ** 18; // bytes
const readAsync = promisify(read);

/** To open a pipe waits for no one who writes. Windows has no such flag, and no such pipes. */
const READING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Opens, looks, and closes again where what there is cannot be used. */
function opened<T>(path: string, what: string, look: (fd: number) => T): T {
  let fd: number | undefined;
  try {
    fd = openSync(path, READING);
    return look(fd);
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    throw error instanceof InputError ? error : unreadable(error, what);
  }
}

function describeFile(fd: number) {
  const { size, mtimeMs, dev, ino } = fstatSync(fd);
  return { size, modified: mtimeMs, identity: `${dev} ${ino}` };
}

/** @throws InputError for a file that is missing, not readable, empty, or no regular file. */
export function openFile(path: string, what: string): OpenFile {
  return opened(path, what, (fd) => {
    const stats = fstatSync(fd);
    if (stats.isDirectory()) throw new InputError(`Cannot read ${what}: it is a folder`);
    if (!stats.isFile()) throw new InputError(`Cannot read ${what}: it is not a regular file`);
    if (stats.size === 0) throw new InputError(`Cannot read ${what}: the file is empty`);
    return { path, handle: { fd }, what, whole: undefined, ...describeFile(fd) };
  });
}

/** What comes through a pipe until it ends. @throws InputError where nothing comes for long. */
async function readPipe(fd: number, what: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const piece = new Uint8Array(PIECE);
  let size = 0;
  for (let heard = performance.now(); ; ) {
    let count: number | undefined;
    try {
      count = (await readAsync(fd, piece, 0, PIECE, null)).bytesRead;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw unreadable(error, what);
    }
    if (count === 0 && size > 0) return Buffer.concat(pieces);
    if (count === undefined || count === 0) {
      // Nothing yet; without bytes before, an end is a pipe that nobody has begun to write.
      if (performance.now() - heard > QUIET * 1000) {
        throw new InputError(`Cannot read ${what}: nothing came through the pipe for ${QUIET} seconds`);
      }
      await new Promise((resume) => setTimeout(resume, PAUSE));
      continue;
    }
    heard = performance.now();
    pieces.push(piece.slice(0, count));
    size += count;
    if (size > limits.modelFile.value) {
      throw new InputError(`Cannot read ${what}: ${beyond(limits.modelFile, `more than ${size}`)}`);
    }
  }
}

/** A file as `openFile` opens it, or what comes through a pipe. @throws InputError as both. */
export async function openFileOrPipe(path: string): Promise<OpenFile> {
  const pipe = opened(path, path, (fd) => (fstatSync(fd).isFIFO() ? fd : closeSync(fd)));
  if (pipe === undefined) return openFile(path, path);
  try {
    const whole = await readPipe(pipe, path);
    const handle = { fd: undefined };
    return { path, handle, size: whole.length, modified: 0, identity: '', what: path, whole };
  } finally {
    closeSync(pipe);
  }
}

/** The path of a file in a folder or below it. @throws InputError where a link leads elsewhere. */
export function pathWithin(folder: string, name: string, what: string): string {
  try {
    const path = realpathSync(join(folder, name));
    const inner = relative(realpathSync(folder), path);
    if (!isAbsolute(inner) && inner !== '..' && !inner.startsWith(`..${sep}`)) return path;
  } catch (error) {
    throw unreadable(error, what);
  }
  throw new InputError(
    `Cannot read ${what}: it is a link to another folder; put the file itself into the model's own folder`,
  );
}

const changed = ({ what }: OpenFile, when: string) =>
  new InputError(`Cannot read ${what}: it was changed ${when}; load the model again`);
const AFTER = 'after the model was loaded from it';

const endsEarly = (what: string) =>
  new InputError(`Cannot read ${what}: it became shorter while it was read`);

/** Works with a handle on the file: that which is held, or one for the time being. */
function withHandle<T>(file: OpenFile, use: (fd: number) => T): T {
  const { path, handle, what, identity } = file;
  if (handle.fd !== undefined) return use(handle.fd);
  return opened(path, what, (fd) => {
    if (describeFile(fd).identity !== identity) throw changed(file, AFTER);
    const result = use(fd);
    closeSync(fd);
    return result;
  });
}

/** Fills `into` with the file's bytes from an offset on. @throws InputError where they are not there. */
export function readNow(file: OpenFile, into: Uint8Array, offset: number): void {
  const { what } = file;
  withHandle(file, (fd) => {
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
  });
}

/** The same by another thread, of a file that is held open. */
export async function readLater({ handle, what }: OpenFile, into: Uint8Array, offset: number): Promise<void> {
  const fd = handle.fd as number;
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
export function checkUnchanged(file: OpenFile, when = AFTER): void {
  withHandle(file, (fd) => {
    const now = describeFile(fd);
    if (now.size !== file.size || now.modified !== file.modified) throw changed(file, when);
  });
}

export function closeFile({ handle }: OpenFile): void {
  if (handle.fd !== undefined) closeSync(handle.fd);
  handle.fd = undefined;
}

/** So many files of models that were loaded are held open: those that were removed meanwhile can still be read. */
const MOST_HELD = 8;
const held = new Set<OpenFile['handle']>();

function letGo(handle: OpenFile['handle']): void {
  held.delete(handle);
  if (handle.fd !== undefined) closeSync(handle.fd);
  handle.fd = undefined;
}

const forgotten = new FinalizationRegistry(letGo);

/** Holds the file open until nothing can read it any more, or others want to be held. */
export function holdFile(file: OpenFile): void {
  held.add(file.handle);
  forgotten.register(file, file.handle);
  for (const first of held) {
    if (held.size <= MOST_HELD) break;
    letGo(first);
  }
}
