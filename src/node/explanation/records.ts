import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { type Entry, entriesOf, groupKey, linesOf, nameOf } from './manifestText.ts';

interface Place {
  readonly at: number;
  readonly length: number;
  /** What the files of its picture begin with. */
  readonly name: string;
  /** The arguments that gave it. */
  readonly run: unknown;
  /** Left out of the lines for now. */
  readonly isAside: boolean;
}

/**
 * What is said of pictures, kept in a file: many of them take no memory. A group is what one run found about one picture, and has a key:
 * see `groupKey`.
 */
export interface Records {
  /** Bytes of what is said, without what is set aside. */
  readonly size: number;
  readonly count: number;
  /** The lines of a group of entries, in place of what was said under its key. */
  put(entries: readonly Entry[]): Uint8Array;
  remove(key: string): void;
  find(key: string): Entry[] | undefined;
  /** Keys of a picture's groups. */
  keysOf(name: string): string[];
  /** Keys of groups that have one of the files. */
  ownersOf(files: ReadonlySet<string>): string[];
  /** Keys of groups that other arguments than these gave and that are not set aside. */
  notOf(run: string): string[];
  runOf(key: string): unknown;
  isAside(key: string): boolean;
  /** Leaves a group out of what is said, until it is put again or all are taken back. */
  setAside(key: string): void;
  /** Whether any were set aside. */
  takeBack(): boolean;
  /** Puts the groups of these keys before the others. */
  order(keys: readonly string[]): void;
  keys(): string[];
  lines(): Iterable<Uint8Array>;
  close(): void;
}

/** Keys by the names of their pictures. */
function createIndex() {
  const keys = new Map<string, Set<string>>();
  return {
    of: (name: string) => [...(keys.get(name) ?? [])],
    add(name: string, key: string) {
      const own = keys.get(name);
      if (own === undefined) keys.set(name, new Set([key]));
      else own.add(key);
    },
    remove(name: string, key: string) {
      keys.get(name)?.delete(key);
      if (keys.get(name)?.size === 0) keys.delete(name);
    },
  };
}

/** The names of pictures that a file may be of: what stands before any of its dots. */
function beginnings(file: string): string[] {
  const parts = file.split('.');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('.'));
}

export function createRecords(path: string): Records {
  const file = openSync(path, 'wx+');
  const places = new Map<string, Place>();
  const index = createIndex();
  let [end, size, count] = [0, 0, 0];

  function read({ at, length }: Place): Uint8Array {
    const lines = Buffer.alloc(length);
    for (let done = 0; done < length; ) done += readSync(file, lines, done, length - done, at + done);
    return lines;
  }

  function tally({ length, isAside }: Place, sign: 1 | -1): void {
    if (isAside) return;
    size += sign * length;
    count += sign;
  }

  function place(key: string, now: Place): void {
    const before = places.get(key);
    if (before !== undefined) tally(before, -1);
    places.set(key, now);
    tally(now, 1);
  }

  function find(key: string): Entry[] | undefined {
    const known = places.get(key);
    return known && entriesOf(read(known));
  }

  return {
    get size() {
      return size;
    },
    get count() {
      return count;
    },
    put(entries) {
      const lines = linesOf(entries);
      const { length } = lines;
      for (let done = 0; done < length; ) done += writeSync(file, lines, done, length - done, end + done);
      const [key, name] = [groupKey(entries[0]), nameOf(entries[0])];
      this.remove(key);
      place(key, { at: end, length, name, run: entries[0].run, isAside: false });
      index.add(name, key);
      end += length;
      return lines;
    },
    remove(key) {
      const known = places.get(key);
      if (known === undefined) return;
      tally(known, -1);
      places.delete(key);
      index.remove(known.name, key);
    },
    find,
    keysOf: index.of,
    ownersOf(files) {
      const has = (entry: Entry) =>
        Array.isArray(entry.files) && entry.files.some((file) => files.has(String(file)));
      const names = new Set([...files].flatMap(beginnings));
      return [...names].flatMap(index.of).filter((key) => find(key)?.some(has));
    },
    notOf: (run) =>
      [...places].filter(([, known]) => known.run !== run && !known.isAside).map(([key]) => key),
    runOf: (key) => places.get(key)?.run,
    isAside: (key) => places.get(key)?.isAside === true,
    setAside(key) {
      const known = places.get(key);
      if (known !== undefined) place(key, { ...known, isAside: true });
    },
    takeBack() {
      const aside = [...places].filter(([, known]) => known.isAside);
      for (const [key, known] of aside) place(key, { ...known, isAside: false });
      return aside.length > 0;
    },
    order(keys) {
      const before = new Map(places);
      places.clear();
      for (const key of [...keys, ...before.keys()]) {
        const known = before.get(key);
        if (known !== undefined) places.set(key, known);
      }
    },
    keys: () => [...places.keys()],
    *lines() {
      for (const known of places.values()) if (!known.isAside) yield read(known);
    },
    close: () => closeSync(file),
  };
}
