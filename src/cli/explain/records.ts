import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { type Entry, entriesOf, linesOf } from './manifestText.ts';

interface Place {
  readonly at: number;
  readonly length: number;
  /** The arguments that gave it. */
  readonly run: unknown;
}

/** What is said of pictures, by the names that their files begin with, kept in a file: many of them take no memory. */
export interface Records {
  /** Bytes of what is said. */
  readonly size: number;
  readonly count: number;
  /** The lines of a picture's entries, in place of what was said of it. */
  put(name: string, entries: readonly Entry[]): Uint8Array;
  remove(name: string): void;
  find(name: string): Entry[] | undefined;
  /** Names of pictures that have the file. */
  ownersOf(file: string): string[];
  /** Names of pictures of which other arguments than these gave what is said. */
  notOf(run: string): string[];
  /** Puts the pictures named before the others. */
  order(names: readonly string[]): void;
  names(): string[];
  lines(): Iterable<Uint8Array>;
  close(): void;
}

export function createRecords(path: string): Records {
  const file = openSync(path, 'wx+');
  const places = new Map<string, Place>();
  let end = 0;
  let size = 0;

  function read({ at, length }: Place): Uint8Array {
    const lines = Buffer.alloc(length);
    for (let done = 0; done < length; ) done += readSync(file, lines, done, length - done, at + done);
    return lines;
  }

  function remove(name: string): void {
    size -= places.get(name)?.length ?? 0;
    places.delete(name);
  }

  function find(name: string): Entry[] | undefined {
    const place = places.get(name);
    return place && entriesOf(read(place));
  }

  return {
    get size() {
      return size;
    },
    get count() {
      return places.size;
    },
    put(name, entries) {
      const lines = linesOf(entries);
      const { length } = lines;
      for (let done = 0; done < length; ) done += writeSync(file, lines, done, length - done, end + done);
      remove(name);
      places.set(name, { at: end, length, run: entries[0]?.run });
      end += length;
      size += length;
      return lines;
    },
    remove,
    find,
    ownersOf(file) {
      const owners: string[] = [];
      for (let dot = file.indexOf('.'); dot >= 0; dot = file.indexOf('.', dot + 1)) {
        const name = file.slice(0, dot);
        const has = ({ files }: Entry) => Array.isArray(files) && files.includes(file);
        if (find(name)?.some(has)) owners.push(name);
      }
      return owners;
    },
    notOf: (run) => [...places].filter(([, place]) => place.run !== run).map(([name]) => name),
    order(names) {
      const before = new Map(places);
      places.clear();
      for (const name of [...names, ...before.keys()]) {
        const place = before.get(name);
        if (place !== undefined) places.set(name, place);
      }
    },
    names: () => [...places.keys()],
    *lines() {
      for (const place of places.values()) yield read(place);
    },
    close: () => closeSync(file),
  };
}
