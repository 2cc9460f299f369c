import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { InputError } from '../tensor/errors.ts';
import { clearDeadStages, stageName, stagesIn } from './stageName.ts';

/** Text, bytes, or bytes in pieces. */
export type FileContent = string | Uint8Array | readonly Uint8Array[];

export function piecesOf(content: FileContent): readonly (string | Uint8Array)[] {
  return Array.isArray(content) ? content : [content as string | Uint8Array];
}

/** Files on their way into a folder: what is committed together appears together. */
export interface Stage {
  /** Where files lie until they have their names; removed in the end with whatever else is in it. */
  readonly temporary: string;
  /** Writes a file under a temporary name. */
  write(name: string, content: FileContent): void;
  /** Counts a file that was written to its place in `temporary`, line by line, among those written. */
  keep(name: string): void;
  /**
   * Gives the files written since the last commit their names, in the order written; they are on the disk by then. The last of several
   * tells of the others: its predecessor is taken away before the first of them is replaced.
   */
  commit(): void;
  /** Removes what was written and not committed; if nothing was, the folders made for it too. */
  close(): void;
}

/** The folders that making `folder` would make, outermost first. */
function missingFolders(folder: string): string[] {
  const missing: string[] = [];
  for (let at = resolve(folder); !existsSync(at); at = dirname(at)) missing.unshift(at);
  return missing;
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false; // Not there, or below a file.
  }
}

/** @throws InputError for a folder that cannot be: without a name, where a file stands, or behind a link that leads nowhere. */
function checkFolder(folder: string): void {
  if (folder === '')
    throw new InputError('Cannot write to "": it names no folder; give its name, or . for this one');
  let at = resolve(folder);
  for (; !existsSync(at); at = dirname(at)) {
    if (!isLink(at)) continue;
    throw new InputError(
      `Cannot write to ${folder}: ${at} is a link to what is not there; make that, or remove the link`,
    );
  }
  if (!statSync(at).isDirectory()) throw new InputError(`Cannot write to ${folder}: ${at} is a file`);
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process that begins now may have made it.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Puts on the disk which files a folder has. */
function syncFolder(folder: string): void {
  let handle: number;
  try {
    handle = openSync(folder, 'r');
  } catch {
    return; // Some systems open no folders; they write their names down by themselves.
  }
  try {
    fsyncSync(handle);
  } catch {
    // The same, said later.
  } finally {
    closeSync(handle);
  }
}

function writePieces(path: string, pieces: Iterable<string | Uint8Array>): void {
  const file = openSync(path, 'wx');
  try {
    for (const piece of pieces) writeFileSync(file, piece);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** What replaces a file at once: whenever the machine stops, it is the old one or the new one, whole. */
export interface Replacement {
  place(): void;
}

/** Writes new content under a temporary name, so that nothing but the name is to be changed later. */
export function prepareFile(
  path: string,
  pieces: Iterable<string | Uint8Array>,
  temporary: string,
): Replacement {
  rmSync(temporary, { force: true });
  writePieces(temporary, pieces);
  return {
    place() {
      renameSync(temporary, path);
      syncFolder(dirname(path));
    },
  };
}

/** Removes a file, and has it gone from the disk. */
export function removeFile(path: string): void {
  if (!existsSync(path)) return;
  rmSync(path);
  syncFolder(dirname(path));
}

/** Folders that this process has cleared of what others left. */
const cleared = new Set<string>();

/** @throws InputError where there cannot be such a folder; system errors where it cannot be made. */
export function openStage(folder: string): Stage {
  checkFolder(folder);
  const made = missingFolders(folder);
  const temporary = join(folder, stageName());
  let names: string[] = [];
  let used = false;

  function close(): void {
    process.off('exit', close);
    rmSync(temporary, { recursive: true, force: true });
    if (used) return;
    for (const each of [...made].reverse()) {
      try {
        rmdirSync(each);
      } catch {
        return; // Others have put files there.
      }
    }
  }

  // An interrupted command exits wherever it is.
  process.on('exit', close);
  try {
    // One by one: Node's recursive mkdir never returns where a folder cannot be made at all, as in /proc.
    for (const each of made) makeFolder(each);
    mkdirSync(temporary);
    if (!cleared.has(resolve(folder))) clearDeadStages(folder);
    cleared.add(resolve(folder));
  } catch (error) {
    close();
    throw error;
  }
  return {
    temporary,
    write(name, content) {
      writePieces(join(temporary, name), piecesOf(content));
      names.push(name);
    },
    keep(name) {
      names.push(name);
    },
    commit() {
      if (!used) for (const each of made) syncFolder(dirname(each));
      used = true;
      if (names.length > 1) removeFile(join(folder, names[names.length - 1]));
      for (const name of names) renameSync(join(temporary, name), join(folder, name));
      names = [];
      syncFolder(folder);
    },
    close,
  };
}

/** Milliseconds between two looks at whether others are done, at least. */
const PAUSE = 100;

/**
 * A stage on a folder that no other process is writing to, once that is so; `onWait` hears for whom it waits. Each process makes its
 * stage before it looks for others, so of two that meet at least one sees the other, and steps back.
 */
export async function openStageAlone(
  folder: string,
  { onWait, signal }: { onWait(pid: number): void; signal: AbortSignal | undefined },
): Promise<Stage> {
  for (let waits = 0; ; waits++) {
    const stage = openStage(folder);
    const other = stagesIn(folder).find(({ pid, alive }) => alive && pid !== process.pid);
    if (other === undefined) return stage;
    stage.close();
    if (waits === 0) onWait(other.pid);
    await setTimeout(PAUSE * (1 + Math.random()), undefined, { signal });
  }
}

/** Runs `work` with a stage on the folder; the files appear when it succeeds. */
export async function staged<T>(folder: string, work: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = openStage(folder);
  try {
    const result = await work(stage);
    stage.commit();
    return result;
  } finally {
    stage.close();
  }
}
