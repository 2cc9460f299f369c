import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareFile, removeFile, type Stage } from '../../node/stage.ts';
import { END, type Entry, JOURNAL, MANIFEST, manifestPieces, readManifest } from './manifestText.ts';
import { createRecords } from './records.ts';

/**
 * The manifest of a folder while pictures are added to it. What the disk says is true at every moment: of a picture whose files are to be
 * replaced nothing is said before the first is, and of a new one nothing before the last is there.
 */
export interface Ledger {
  /** What is said of the picture whose files begin with that name. */
  find(name: string): Entry[] | undefined;
  /** Says no more of pictures that have one of these files; so it is on the disk when this returns. */
  withdraw(files: readonly string[]): void;
  /**
   * Says this of a picture; so it is on the disk when this returns. `place` gives the picture's files their names, when the manifest is
   * written and lacks only its own: where there is no room for it, there is none for them.
   */
  add(name: string, entries: readonly Entry[], place?: () => void): void;
  /** Ends with the pictures named, in that order, and then those others of which `keep` holds. Gives the names of the rest. */
  finish(names: readonly string[], keep: (entries: Entry[]) => boolean): string[];
  /** Ends with all that is said so far. */
  close(): void;
}

/** Bytes of a manifest that is written anew for each picture. */
const SMALL = 2 ** 20;
/** A larger one is written anew when it has grown by this share; in between, what is new stands in the journal. */
const GROWTH = 0.25;
/** Of a larger one, this share of what other arguments gave is withdrawn at once. */
const BLOCK = 1 / 16;

function append(path: string, lines: Uint8Array): void {
  const file = openSync(path, 'a');
  try {
    writeFileSync(file, Buffer.concat([lines, Buffer.from(END)]));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Opens the manifest of a stage's folder. `head` is what it says beside the images, its `run` the arguments that give them.
 * A small manifest is replaced for every picture. In a large one that would take the square of their number: there each picture is
 * appended to a journal, which the manifest takes up when it has grown by a quarter, and at the end. A manifest is thus never untrue; at
 * most it says less than with its journal, and whatever begins next in the folder begins with both.
 */
export function openLedger(
  folder: string,
  { stage, head }: { stage: Pick<Stage, 'temporary'>; head: Entry & { readonly run: string } },
): Ledger {
  const journal = join(folder, JOURNAL);
  const records = createRecords(join(stage.temporary, 'records'));
  for (const [name, entries] of readManifest(folder)) records.put(name, entries);
  /** Bytes of the manifest when it was last written; undefined before. */
  let written: number | undefined;
  let appended = false;
  let open = true;

  function write(place = () => {}): void {
    const pieces = manifestPieces(head, records.lines());
    const manifest = prepareFile(join(folder, MANIFEST), pieces, join(stage.temporary, MANIFEST));
    place();
    manifest.place();
    removeFile(journal);
    written = records.size;
    appended = false;
  }

  return {
    find: records.find,
    withdraw(files) {
      const owners = new Set(files.flatMap(records.ownersOf));
      if (owners.size === 0) return;
      for (const name of owners) records.remove(name);
      const block = records.size > SMALL ? Math.floor(records.count * BLOCK) : 0;
      if (block > 0) for (const name of records.notOf(head.run).slice(0, block)) records.remove(name);
      write();
    },
    add(name, entries, place = () => {}) {
      const lines = records.put(name, entries);
      const { size } = records;
      try {
        if (size <= SMALL || written === undefined || size > written * (1 + GROWTH)) {
          write(place);
          return;
        }
        place();
        append(journal, lines);
        appended = true;
      } catch (error) {
        records.remove(name);
        throw error;
      }
    },
    finish(names, keep) {
      const wanted = new Set(names);
      records.order(names);
      const rest = records.names().filter((name) => !wanted.has(name) && !keep(records.find(name) ?? []));
      for (const name of rest) records.remove(name);
      write();
      this.close();
      return rest;
    },
    close() {
      if (!open) return;
      open = false;
      if (appended) write();
      records.close();
    },
  };
}
