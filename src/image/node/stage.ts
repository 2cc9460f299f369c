import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../../tensor/errors.ts';

/** Text, bytes, or bytes in pieces. */
export type FileContent = string | Uint8Array | readonly Uint8Array[];

/** Files on their way into a folder: all of them appear at the end, or none. */
export interface Stage {
  /** Writes a file under a temporary name. */
  write(name: string, content: FileContent): void;
  /** Gives all files their names, in the order written. */
  commit(): void;
  /** Removes what was written, and the folders made for it. Nothing after `commit`. */
  discard(): void;
}

/** The folders that making `folder` would make, outermost first. */
function missingFolders(folder: string): string[] {
  const missing: string[] = [];
  for (let at = resolve(folder); !existsSync(at); at = dirname(at)) missing.unshift(at);
  return missing;
}

function checkFolder(folder: string): void {
  let at = resolve(folder);
  while (!existsSync(at)) at = dirname(at);
  if (!statSync(at).isDirectory()) throw new InputError(`Cannot write to ${folder}: ${at} is a file`);
}

function writePieces(path: string, pieces: readonly (string | Uint8Array)[]): void {
  const file = openSync(path, 'wx');
  try {
    for (const piece of pieces) writeFileSync(file, piece);
  } finally {
    closeSync(file);
  }
}

/** @throws InputError where a file stands in the folder's place; system errors where it cannot be made. */
export function openStage(folder: string): Stage {
  checkFolder(folder);
  const made = missingFolders(folder);
  const temporary = join(folder, `.jetgrad-${randomBytes(6).toString('hex')}`);
  const names: string[] = [];
  let open = true;

  function discard(): void {
    if (!open) return;
    open = false;
    rmSync(temporary, { recursive: true, force: true });
    for (const each of [...made].reverse()) {
      try {
        rmdirSync(each);
      } catch {
        return; // Others have put files there.
      }
    }
  }

  try {
    // One by one: Node's recursive mkdir never returns where a folder cannot be made at all, as in /proc.
    for (const each of [...made, temporary]) mkdirSync(each);
  } catch (error) {
    discard();
    throw error;
  }
  return {
    write(name, content) {
      writePieces(join(temporary, name), Array.isArray(content) ? content : [content]);
      names.push(name);
    },
    commit() {
      for (const name of names) renameSync(join(temporary, name), join(folder, name));
      open = false;
      rmdirSync(temporary);
    },
    discard,
  };
}

/** Runs `work` with a stage on the folder; the files appear when it succeeds. */
export async function staged<T>(folder: string, work: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = openStage(folder);
  try {
    const result = await work(stage);
    stage.commit();
    return result;
  } finally {
    stage.discard();
  }
}
