import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sha256Of } from '../digestBytes.ts';
import { type Entry, sumsOf } from './manifestText.ts';

/** What an explanation was made from. */
export interface Made {
  /** The picture's path. */
  readonly image: string;
  /** The arguments: see runKey. */
  readonly run: string;
  /** Of the picture's bytes. */
  readonly sha256: string;
}

function isWhole(path: string, sha256: unknown): boolean {
  try {
    return sha256Of(readFileSync(path)) === sha256;
  } catch {
    return false;
  }
}

/** Of the groups of a picture, that which these arguments made from these bytes, if every file is still what it was. */
export function keptAs(
  { image, run, sha256 }: Made,
  groups: readonly Entry[][],
  folder: string,
): Entry[] | undefined {
  const holds = (entry: Entry) => {
    const sums = sumsOf(entry);
    const same =
      entry.run === run && sums.image === sha256 && basename(String(entry.image)) === basename(image);
    const all = same && entry.replaced === undefined;
    return all && [...sums.files].every(([file, sum]) => isWhole(join(folder, file), sum));
  };
  return groups.find((entries) => entries.every(holds));
}

/** All files of the entries are there. */
export function isThere(entries: readonly Entry[], folder: string): boolean {
  return entries.every((entry) =>
    [...sumsOf(entry).files.keys()].every((file) => existsSync(join(folder, file))),
  );
}

/**
 * What is left of the entries of a run when another takes the place of some of their files: those that have files left. `replaced` names
 * the files that are the other's by now; they are never taken for what the arguments of the run give.
 */
export function withoutFiles(entries: readonly Entry[], files: ReadonlySet<string>): Entry[] {
  const isLeft = (file: unknown) => typeof file !== 'string' || !files.has(file);
  const lists = entries.map((entry) => (Array.isArray(entry.files) ? entry.files : []));
  const replaced = lists.flat().filter((file) => !isLeft(file));
  return entries.flatMap((entry, i) => {
    const left = lists[i].filter(isLeft);
    if (left.length === 0) return [];
    const { image, files: sums } = sumsOf(entry);
    const kept = Object.fromEntries([...sums].filter(([file]) => isLeft(file)));
    const before = Array.isArray(entry.replaced) ? entry.replaced : [];
    return {
      ...entry,
      files: left,
      replaced: [...new Set([...before, ...replaced])],
      sha256: { image, files: kept },
    };
  });
}
