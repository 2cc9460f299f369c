import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openStage } from '../../node/stage.ts';
import { beyond, type Limit } from '../../tensor/limits.ts';
import { alone } from './alone.ts';
import { type Content, ContentError } from './content.ts';
import type { FileSource } from './contentFolder.ts';

/** What is wanted: so many bytes, or any number up to a bound. */
export interface Wanted {
  readonly sha256: string;
  readonly size?: number | undefined;
  readonly limit: Limit;
}

const short = (sha256: string) => `${sha256.slice(0, 16)}…`;

/** Why bytes are not those of their name; `shown` says where they are from. */
export const changed = ({ sha256 }: Pick<Content, 'sha256'>, shown: string) =>
  new ContentError(
    `Cannot use the file ${short(sha256)} of ${shown}: it is not what its name says; was it changed after it was queued? Run the command again`,
  );

/** Writes what a source has, bounded, to a file. @throws ContentError */
async function fetchTo(
  temporary: string,
  { sha256, size, limit }: Wanted,
  { source, sign }: { source: FileSource; sign(): void },
): Promise<void> {
  const most = size ?? limit.value;
  if (most > limit.value) {
    throw new ContentError(`Cannot fetch the file ${short(sha256)}: ${beyond(limit, most)}`);
  }
  const pieces = await source.open(sha256);
  if (pieces === undefined) {
    throw new ContentError(
      `Cannot fetch the file ${short(sha256)}: ${source.shown} does not have it; give --out as the command has it`,
    );
  }
  const hash = createHash('sha256');
  const file = await open(temporary, 'w');
  let got = 0;
  try {
    for await (const piece of pieces) {
      got += piece.length;
      if (got > most) throw changed({ sha256 }, source.shown);
      hash.update(piece);
      await file.writeFile(piece);
      sign();
    }
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== sha256) throw changed({ sha256 }, source.shown);
}

/** Gets files for a folder that any number of processes share. */
export interface Fetcher {
  /** A place for what is being made, which is this process's own. */
  readonly temporary: string;
  pathOf(sha256: string): string;
  /** Gets a file unless it is there: once, whoever wants it. @throws ContentError */
  fetch(wanted: Wanted): Promise<void>;
}

/** @throws InputError where there cannot be such a folder. */
export function openFetcher(folder: string, source: FileSource): Fetcher {
  const { temporary } = openStage(folder);
  const owner = basename(temporary);
  const claims = join(folder, 'claims');
  const pathOf = (sha256: string) => join(folder, 'files', sha256.slice(0, 2), sha256);
  return {
    temporary,
    pathOf,
    async fetch(wanted) {
      const path = pathOf(wanted.sha256);
      // The folder may be emptied at any time.
      mkdirSync(claims, { recursive: true });
      mkdirSync(temporary, { recursive: true });
      await alone(join(claims, wanted.sha256), {
        owner,
        isDone: () => existsSync(path),
        async work(sign) {
          const part = join(temporary, wanted.sha256);
          try {
            await fetchTo(part, wanted, { source, sign });
            mkdirSync(dirname(path), { recursive: true });
            renameSync(part, path);
          } finally {
            rmSync(part, { force: true });
          }
        },
      });
    },
  };
}
