import {
  constants,
  copyFileSync,
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Content, contentOf, contentOfFile } from './content.ts';
import { settle, settleBy, syncPath } from './settle.ts';

/** Where files are got by their content. */
export interface FileSource {
  /** What it is called in messages. */
  readonly shown: string;
  /** The bytes that such a name stands for, unchecked; undefined where there are none. */
  open(sha256: string): Promise<AsyncIterable<Uint8Array> | undefined>;
}

/** Files by their content, in the folder of results: what is in several sets is there once. */
export interface ContentFolder extends FileSource {
  /** Keeps a file of this machine. */
  keepFile(path: string, content: Content): void;
  keepBytes(bytes: Uint8Array): Content;
  /** Where the bytes of a name lie, if they do. */
  pathOf(sha256: string): string;
  /** Removes what writers that were lost have left of files that are there. */
  sweep(): void;
}

/** Whether two paths are of one file. */
function areOne(a: string, b: string): boolean {
  const [one, other] = [statSync(a), statSync(b)];
  return one.ino === other.ino && one.dev === other.dev;
}

/**
 * Whether a name has the bytes that it should. A file with other names outside may have been changed through them; one that is the
 * folder's alone was never.
 */
function isWhole(path: string, source: string, { sha256, size }: Content): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.size !== size) return false;
  return found.nlink === 1 || areOne(path, source) || contentOfFile(path).sha256 === sha256;
}

/** One more name for a file; false where there can be none. */
function link(source: string, path: string): boolean {
  try {
    linkSync(source, path);
    return true;
  } catch (error) {
    // Another disk, a file of another user, a file system without links.
    return (error as NodeJS.ErrnoException).code === 'EEXIST';
  }
}

function copyWhole(source: string, temporary: string): void {
  copyFileSync(source, temporary, constants.COPYFILE_FICLONE);
  syncPath(temporary);
}

/** Files by content in `folder`, which is made when something is kept. */
export function openContentFolder(folder: string): ContentFolder {
  const temporaries = join(folder, '.writing');
  const pathOf = (sha256: string) => join(folder, sha256.slice(0, 2), sha256);
  return {
    shown: folder,
    pathOf,
    keepFile(given, content) {
      // A link to a link would be one, too.
      const source = realpathSync(given);
      const path = pathOf(content.sha256);
      if (isWhole(path, source, content)) return;
      rmSync(path, { force: true });
      mkdirSync(join(path, '..'), { recursive: true });
      if (link(source, path)) return;
      mkdirSync(temporaries, { recursive: true });
      settleBy((temporary) => copyWhole(source, temporary), path, temporaries);
    },
    keepBytes(bytes) {
      const content = contentOf(bytes);
      mkdirSync(temporaries, { recursive: true });
      if (!existsSync(pathOf(content.sha256))) settle(pathOf(content.sha256), bytes, temporaries);
      return content;
    },
    async open(sha256) {
      try {
        const file = await open(pathOf(sha256));
        return createReadStream('', { fd: file });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    sweep() {
      if (!existsSync(temporaries)) return;
      for (const name of readdirSync(temporaries)) {
        if (existsSync(pathOf(name.slice(0, 64)))) rmSync(join(temporaries, name), { force: true });
      }
    },
  };
}
