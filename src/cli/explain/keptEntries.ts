import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Entry } from './manifestText.ts';
import { sha256Of } from './prepareImages.ts';

/** What an explanation was made from. */
export interface Made {
  /** The picture's path. */
  readonly image: string;
  /** The arguments: see runKey. */
  readonly run: string;
  /** Of the picture's bytes. */
  readonly sha256: string;
}

/** Checksums in an entry, as far as it is one of ours. */
function sumsOf({ sha256 }: Entry): {
  readonly image: unknown;
  readonly files: ReadonlyMap<string, unknown>;
} {
  const { image, files } = (sha256 ?? {}) as { image?: unknown; files?: Readonly<Record<string, unknown>> };
  return { image, files: new Map(Object.entries(files ?? {})) };
}

function isWhole(path: string, sha256: unknown): boolean {
  try {
    return sha256Of(readFileSync(path)) === sha256;
  } catch {
    return false;
  }
}

/** The entries of a picture if these arguments made them from these bytes and every file is still what it was. */
export function keptAs(
  { image, run, sha256 }: Made,
  entries: Entry[] | undefined,
  folder: string,
): Entry[] | undefined {
  const holds = entries?.every((entry) => {
    const sums = sumsOf(entry);
    const same =
      entry.run === run && sums.image === sha256 && basename(String(entry.image)) === basename(image);
    return same && [...sums.files].every(([file, sum]) => isWhole(join(folder, file), sum));
  });
  return holds === true ? entries : undefined;
}

/** These arguments made the entries, and their files are there. */
export function isKept(entries: readonly Entry[], run: string, folder: string): boolean {
  return entries.every(
    (entry) =>
      entry.run === run && [...sumsOf(entry).files.keys()].every((file) => existsSync(join(folder, file))),
  );
}
