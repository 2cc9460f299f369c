import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '../node/digestBytes.ts';
import { prepareFile } from '../node/stage.ts';
import { stageName } from '../node/stageName.ts';
import { InputError } from '../tensor/errors.ts';
import type { PictureFailure, PictureResult } from './result.ts';

/** What stands under a key: what was found, or why nothing could be. */
export type Outcome = PictureResult | PictureFailure;

export const isFailure = (outcome: Outcome): outcome is PictureFailure => 'error' in outcome;

/** Results by key, in files: whoever writes one writes it whole, and what is there is never written again. */
export interface ResultStore {
  has(key: string): boolean;
  /** @throws InputError where something else stands there. */
  read(key: string): Outcome | undefined;
  /** @throws an error where something with other bits is there already: one of the two machines is broken. */
  write(key: string, outcome: Outcome): void;
}

/** How results are written: to be counted up where the same key must not mean the same file. */
const FORMAT = 'jetgrad-evaluation/1';

/** A name for what a picture gives by a model and by settings: the same on every machine. */
export function keyOf(facts: {
  readonly model: string;
  readonly picture: string;
  readonly settings: unknown;
  readonly version: string;
}): string {
  return sha256Of(
    JSON.stringify([FORMAT, facts.version, facts.model, facts.picture, canonical(facts.settings)]),
  );
}

/** A record with its names in order, so that equal settings are equal texts. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const isKey = (key: string) => /^[0-9a-f]{64}$/.test(key);

/** A store in a folder, which is made. */
export function openStore(folder: string): ResultStore {
  const pathOf = (key: string) => {
    if (!isKey(key)) throw new Error(`Internal: ${key} is no key`);
    return join(folder, key.slice(0, 2), `${key}.json`);
  };
  mkdirSync(folder, { recursive: true });
  return {
    has: (key) => existsSync(pathOf(key)),
    read(key) {
      const path = pathOf(key);
      if (!existsSync(path)) return undefined;
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as Outcome;
      } catch {
        throw new InputError(`Cannot read ${path}: it is no result; remove it, and it is made again`);
      }
    },
    write(key, outcome) {
      const path = pathOf(key);
      const text = `${JSON.stringify(outcome)}\n`;
      if (existsSync(path)) {
        if (readFileSync(path, 'utf8') === text) return;
        throw new Error(
          `Internal: ${path} was computed twice with different bits; one of the machines that wrote it is broken, or its version of jetgrad is changed`,
        );
      }
      mkdirSync(join(folder, key.slice(0, 2)), { recursive: true });
      prepareFile(path, [text], join(folder, `${stageName()}.part`)).place();
    },
  };
}

/** Removes what writers that were stopped have left in a store. To be called where nobody writes. */
export function clearStore(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (name.endsWith('.part')) rmSync(join(folder, name), { force: true });
}
