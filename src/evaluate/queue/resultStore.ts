import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { sha256Of } from '../../node/digestBytes.ts';
import { settle } from '../store/settle.ts';

/** Why there is no result, kept in its place. */
export interface Failure {
  /** `input`: it cannot be used, whoever tries; `crash`: whoever tried was lost. */
  readonly kind: 'input' | 'crash';
  readonly message: string;
}

/** Two results for one key. */
export interface Disagreement {
  readonly key: string;
  readonly host: string;
  /** Of the result that is kept, and of the other. */
  readonly sha256: readonly [kept: string, other: string];
}

/** What ends a worker: no other job would end better here. */
export class WorkerEndError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WorkerEndError';
  }
}

/** Two machines found different bits for one key: one of them is broken, or computes in its own way. */
export class DisagreementError extends WorkerEndError {
  readonly found: Disagreement;
  constructor(found: Disagreement) {
    const {
      key,
      host,
      sha256: [kept, other],
    } = found;
    super(
      `Results differ: ${key} is ${kept.slice(0, 16)}… in the folder and ${other.slice(0, 16)}… on ${host}; a machine is broken, or has another version`,
    );
    this.name = 'DisagreementError';
    this.found = found;
  }
}

/**
 * Results by key in a folder that several machines may share: it is the truth, whatever becomes of a queue. A result is there whole or not
 * at all.
 */
export interface ResultStore {
  readonly folder: string;
  /** Whether a key is settled: by a result, or by why there is none. */
  has(key: string): boolean;
  read(key: string): Uint8Array | undefined;
  failure(key: string): Failure | undefined;
  /** Keeps a result of `host`, this machine unless given. Of two with the same bits the first stays. @throws DisagreementError where the bits differ. */
  put(key: string, bytes: Uint8Array, host?: string): void;
  /** Keeps why there is none; a result that is there stays. */
  fail(key: string, failure: Failure): void;
  /** What was found twice, with different bits. */
  disagreements(): Disagreement[];
  /** Takes a set off, or on again: workers leave its jobs undone. */
  cancel(set: string): void;
  uncancel(set: string): void;
  isCancelled(set: string): boolean;
  /** Removes what writers that were lost have left of keys that are settled. */
  sweep(): void;
}

/** Where everything of a folder is. */
function placesIn(folder: string) {
  const place = (key: string) => join(folder, key.slice(0, 2), key);
  return {
    temporaries: join(folder, '.writing'),
    disagreements: join(folder, 'disagreements'),
    cancelled: (set: string) => join(folder, 'cancelled', set),
    result: (key: string) => `${place(key)}.result`,
    error: (key: string) => `${place(key)}.error.json`,
    /** Of a file on its way, whose name begins with that of its key. */
    ofTemporary: (name: string) => join(folder, name.slice(0, 2), name.slice(0, name.indexOf('.', KEY + 1))),
  };
}

/** Digits of a key. */
const KEY = 64;

/** Holds a second result against that which is kept. @throws DisagreementError, which all machines can read in the folder. */
function compare(
  { key, bytes, host }: { key: string; bytes: Uint8Array; host: string },
  { result, disagreements, temporaries }: Places,
): void {
  const sha256 = [sha256Of(readFileSync(result(key))), sha256Of(bytes)] as const;
  if (sha256[0] === sha256[1]) return;
  const found = { key, host, sha256 };
  const path = join(disagreements, `${key}.${sha256[1].slice(0, 16)}.json`);
  settle(path, `${JSON.stringify(found)}\n`, temporaries);
  throw new DisagreementError(found);
}

type Places = ReturnType<typeof placesIn>;

/** The store in a folder, which is made. */
export function openResultStore(folder: string): ResultStore {
  const places = placesIn(folder);
  const { temporaries, disagreements, cancelled, result, error } = places;
  mkdirSync(temporaries, { recursive: true });
  const has = (key: string) => existsSync(result(key)) || existsSync(error(key));
  const read = (key: string) => (existsSync(result(key)) ? readFileSync(result(key)) : undefined);
  return {
    folder,
    has,
    read,
    failure: (key) =>
      existsSync(result(key)) || !existsSync(error(key))
        ? undefined
        : (JSON.parse(readFileSync(error(key), 'utf8')) as Failure),
    put(key, bytes, host = hostname()) {
      const isOwn = settle(result(key), bytes, temporaries);
      // What one machine could not do another has done.
      rmSync(error(key), { force: true });
      if (!isOwn) compare({ key, bytes, host }, places);
    },
    fail(key, failure) {
      if (!existsSync(result(key))) settle(error(key), `${JSON.stringify(failure)}\n`, temporaries);
    },
    disagreements() {
      if (!existsSync(disagreements)) return [];
      const parse = (name: string) =>
        JSON.parse(readFileSync(join(disagreements, name), 'utf8')) as Disagreement;
      return readdirSync(disagreements).sort().map(parse);
    },
    cancel: (set) => void settle(cancelled(set), '', temporaries),
    uncancel: (set) => rmSync(cancelled(set), { force: true }),
    isCancelled: (set) => existsSync(cancelled(set)),
    sweep() {
      for (const name of readdirSync(temporaries)) {
        if (existsSync(places.ofTemporary(name))) rmSync(join(temporaries, name), { force: true });
      }
    },
  };
}
