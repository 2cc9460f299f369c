import type { FuzzReader } from './reader.ts';

/** Everything that reads what strangers wrote: one row each, a file of rows for each part of jetgrad. */
export const readers: readonly FuzzReader[] = [];
