import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareFile, removeFile, type Stage } from '../stage.ts';
import { withoutFiles } from './keptEntries.ts';
import {
  END,
  type Entry,
  groupKey,
  JOURNAL,
  MANIFEST,
  manifestPieces,
  nameOf,
  readManifest,
} from './manifestText.ts';
import { createRecords } from './records.ts';

/**
 * The manifest of a folder while pictures are added to it, which keeps what earlier runs said there. What the disk says is true at every
 * moment: of files that are to be replaced nothing is said before the first is, and of new ones nothing before the last is there.
 */
export interface Ledger {
  /** What is said of the picture whose files begin with that name: the entries of each run. */
  find(name: string): Entry[][];
  /** Says no more of these files; so it is on the disk when this returns. Of entries that have others, the rest stays. */
  withdraw(files: readonly string[]): void;
  /**
   * Says this of a picture, beside what other runs say of other files; so it is on the disk when this returns. `place` gives the picture's files their names, when the manifest is
   * written and lacks only its own: where there is no room for it, there is none for them.
   */
  add(entries: readonly Entry[], place?: () => void): void;
  /** Ends with what `keep` holds of: what the run says of the pictures named, in that order, and then the rest. */
  finish(names: readonly string[], keep: (entries: Entry[]) => boolean): Ended;
  /** Ends with all that is said so far. */
  close(): void;
}

/** What a finished manifest has beside what the run said, by the names of the pictures. */
export interface Ended {
  /** Of whom other arguments gave some of what is said. */
  readonly beside: readonly string[];
  /** Of whom something was said that does not hold any more. */
  readonly dropped: readonly string[];
}

/** Bytes of a manifest that is written anew for each picture. */
const SMALL = 2 ** 20;
/** A larger one is written anew when it has grown by this share; in between, what is new stands in the journal. */
const GROWTH = 0.25;
/** Of a larger one, this share of what other arguments gave is left out at once, until it is known what of it stays. */
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
  for (const entries of readManifest(folder)) records.put(entries);
  /** Bytes of the manifest when it was last written; undefined before. */
  let written: number | undefined;
  let pending = false;
  let open = true;

  function write(place = () => {}): void {
    const pieces = manifestPieces(head, records.lines());
    const manifest = prepareFile(join(folder, MANIFEST), pieces, join(stage.temporary, MANIFEST));
    place();
    manifest.place();
    removeFile(journal);
    written = records.size;
    pending = false;
  }

  return {
    find: (name) => records.keysOf(name).map((key) => records.find(key) ?? []),
    withdraw(files) {
      const gone = new Set(files);
      const owners = records.ownersOf(gone);
      if (owners.length === 0) return;
      const isSaid = owners.some((key) => !records.isAside(key));
      for (const key of owners) {
        const left = withoutFiles(records.find(key) ?? [], gone);
        records.remove(key);
        if (left.length > 0) records.put(left);
      }
      // What was left out already is on no disk: what is left of it can wait.
      pending = true;
      if (!isSaid) return;
      const block = records.size > SMALL ? Math.floor(records.count * BLOCK) : 0;
      if (block > 0) for (const key of records.notOf(head.run).slice(0, block)) records.setAside(key);
      write();
    },
    add(entries, place = () => {}) {
      const lines = records.put(entries);
      const { size } = records;
      try {
        if (size <= SMALL || written === undefined || size > written * (1 + GROWTH)) {
          write(place);
          return;
        }
        place();
        append(journal, lines);
        pending = true;
      } catch (error) {
        records.remove(groupKey(entries[0]));
        throw error;
      }
    },
    finish(names, keep) {
      records.takeBack();
      const own = names.flatMap((name) =>
        records.keysOf(name).filter((key) => records.runOf(key) === head.run),
      );
      records.order(own);
      const [beside, dropped] = [new Set<string>(), new Set<string>()];
      for (const key of records.keys()) {
        const entries = records.find(key) ?? [];
        const isKept = keep(entries);
        if (!isKept) records.remove(key);
        if (!isKept) dropped.add(nameOf(entries[0]));
        else if (entries[0].run !== head.run) beside.add(nameOf(entries[0]));
      }
      write();
      this.close();
      return { beside: [...beside], dropped: [...dropped] };
    },
    close() {
      if (!open) return;
      open = false;
      if (records.takeBack() || pending) write();
      records.close();
    },
  };
}
