import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sha256Of } from '../../node/digestBytes.ts';
import { InputError } from '../../tensor/errors.ts';
import { limits } from '../../tensor/limits.ts';
import { WorkerEndError } from '../queue/resultStore.ts';
import { type Content, contentOfFile, type StoredFile } from './content.ts';
import type { FileSource } from './contentFolder.ts';
import { changed, type Fetcher, openFetcher, type Wanted } from './fetcher.ts';

/** Files of a store on this machine: each is fetched once, by whichever process wants it first, and checked whenever it is read. */
export interface FileCache {
  /** @throws ContentError where the store lacks it, or has something else. */
  read(file: Content): Promise<Uint8Array>;
  /** What a name stands for whose size is not known. @throws ContentError as `read`. */
  readList(sha256: string): Promise<Uint8Array>;
  /** A folder that has the files by their names; `name` is one of 64 hexadecimal digits that stands for all of them. */
  layOut(name: string, files: readonly StoredFile[]): Promise<string>;
}

/** Times that a file is got where it is removed, or found changed, as soon as it is there. */
const ATTEMPTS = 3;

/** What a look at a file gives, if the file is there. */
function lookAt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof InputError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const isEmpty = (path: string) => statSync(path, { throwIfNoEntry: false })?.size === 0;

/** One more name for a file of the cache. */
function place(path: string, other: string): void {
  mkdirSync(dirname(other), { recursive: true });
  try {
    linkSync(path, other);
  } catch {
    // Some file systems have no links.
    copyFileSync(path, other);
  }
}

/** Work in a folder that may be emptied meanwhile: it is begun anew then. Where this machine cannot keep files, no other job would do. */
const kept =
  <Args extends readonly unknown[], T>(folder: string, work: (...args: Args) => Promise<T>) =>
  async (...args: Args): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(...args);
      } catch (error) {
        const { syscall, code, message } = error as NodeJS.ErrnoException;
        if (syscall === undefined) throw error;
        if (code === 'ENOENT' && attempt < ATTEMPTS) continue;
        throw new WorkerEndError(`Cannot keep files of sets in ${folder}: ${message}; give another --cache`);
      }
    }
  };

/** Removing a folder that others read from takes names alone: what is open stays. */
const remove = (path: string) => rmSync(path, { recursive: true, force: true });

/** What a look gives at a file that has the right bytes, which is got where it is not there or was changed. */
async function checked<T>(
  wanted: Wanted,
  { pathOf, fetch }: Fetcher,
  look: (path: string) => { readonly sha256: string; readonly value: T },
): Promise<T> {
  const path = pathOf(wanted.sha256);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = lookAt(() => look(path));
    if (found?.sha256 === wanted.sha256) return found.value;
    if (found !== undefined || isEmpty(path)) rmSync(path, { force: true });
    await fetch(wanted);
  }
  throw changed(wanted, dirname(path));
}

const bytesOf = (wanted: Wanted, fetcher: Fetcher): Promise<Uint8Array> =>
  checked(wanted, fetcher, (path) => {
    const value = readFileSync(path);
    return { sha256: sha256Of(value), value };
  });

const isLaidOut = (laid: string, files: readonly StoredFile[]): boolean =>
  files.every(({ name, sha256 }) => lookAt(() => contentOfFile(join(laid, name)))?.sha256 === sha256);

/** Lays files out under a temporary name first: a folder is there whole or not at all. */
async function layOut(laid: string, files: readonly StoredFile[], fetcher: Fetcher): Promise<string> {
  if (existsSync(laid) && isLaidOut(laid, files)) return laid;
  const part = join(fetcher.temporary, basename(laid));
  mkdirSync(part, { recursive: true });
  for (const { name, sha256, size } of files) {
    await checked({ sha256, size, limit: limits.setFile }, fetcher, (path) => {
      const content = contentOfFile(path);
      place(path, join(part, name));
      return { ...content, value: undefined };
    });
  }
  mkdirSync(dirname(laid), { recursive: true });
  remove(laid);
  try {
    renameSync(part, laid);
  } catch (error) {
    // Another process was faster.
    remove(part);
    if (!isLaidOut(laid, files)) throw error;
  }
  return laid;
}

/**
 * The files of `source` on this machine, in `folder`, which any number of processes share, and which may be emptied at any time.
 * @throws InputError where there cannot be such a folder.
 */
export function openFileCache(folder: string, source: FileSource): FileCache {
  const fetcher = openFetcher(folder, source);
  return {
    read: kept(folder, ({ sha256, size }: Content) =>
      bytesOf({ sha256, size, limit: limits.setFile }, fetcher),
    ),
    readList: kept(folder, (sha256: string) => bytesOf({ sha256, limit: limits.setList }, fetcher)),
    layOut: kept(folder, (name: string, files: readonly StoredFile[]) =>
      layOut(join(folder, 'sets', name), files, fetcher),
    ),
  };
}
