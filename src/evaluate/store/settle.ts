import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

const isThere = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EEXIST';

function writeWhole(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'wx');
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Puts on the disk what a file or a folder has. */
export function syncPath(path: string): void {
  try {
    const handle = openSync(path, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Some systems open no folders; they write their names down by themselves.
  }
}

/** Gives a file its name unless another has it; whether it did. */
function claim(temporary: string, path: string): boolean {
  try {
    // Unlike a rename, a link never replaces.
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    // Some file systems have no links.
    if (existsSync(path)) return false;
    renameSync(temporary, path);
    return true;
  }
}

let written = 0;

/**
 * Makes a file that is there whole or not at all, for all machines that share the folder; false where there is one of that name already.
 * It is written in `temporaries`, under a name that begins with its own.
 */
export function settleBy(write: (temporary: string) => void, path: string, temporaries: string): boolean {
  const parent = dirname(path);
  mkdirSync(parent, { recursive: true });
  const temporary = join(temporaries, `${basename(path)}.${hostname()}-${process.pid}-${written++}`);
  try {
    write(temporary);
    const isOwn = claim(temporary, path);
    syncPath(parent);
    return isOwn;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** The same for content that is at hand. */
export const settle = (path: string, content: string | Uint8Array, temporaries: string): boolean =>
  settleBy((temporary) => writeWhole(temporary, content), path, temporaries);
