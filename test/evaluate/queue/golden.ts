import { createHash } from 'node:crypto';

/** What is computed for a key. */
export const goldenOf = (key: string): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ result: createHash('sha256').update(key).digest('hex') }));

/** So many keys. */
export const keysOf = (count: number, seed = 'picture'): string[] =>
  Array.from({ length: count }, (_, i) => createHash('sha256').update(`${seed} ${i}`).digest('hex'));

export const setOf = (name: string): string => createHash('sha256').update(name).digest('hex');
