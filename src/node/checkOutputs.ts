import { readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../tensor/errors.ts';

/** Bytes of a file's name that file systems take. */
const LONGEST_NAME = 255;

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path); // It is not there yet.
  }
}

/** Where a file's name stands, links to its folder followed. */
const placeOf = (path: string) => join(realPath(dirname(path)), basename(path));

function foldersIn(folder: string): Set<string> {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  } catch {
    return new Set(); // It is not there yet.
  }
}

/**
 * Checks the names of files to be written in a folder before any work is done.
 * @throws InputError where one would replace a file that is read, stand in a folder's place, or is longer than file systems take.
 */
export function checkOutputs(folder: string, names: Iterable<string>, inputs: Iterable<string>): void {
  const read = new Set<string>();
  for (const path of inputs) for (const place of [placeOf(path), realPath(path)]) read.add(place);
  const real = realPath(folder);
  const folders = foldersIn(folder);
  for (const name of names) {
    const wrong = (why: string) => new InputError(`Cannot write ${join(folder, name)}: ${why}`);
    const length = Buffer.byteLength(name);
    if (length > LONGEST_NAME) {
      throw wrong(`its name has ${length} bytes, and ${LONGEST_NAME} are the most; choose a shorter one`);
    }
    if (folders.has(name))
      throw wrong('a folder stands there; remove it, or choose another folder for the results');
    if (read.has(join(real, name))) throw wrong('it is an input; choose another name or folder');
  }
}
