/** A process that computes and keeps pieces, as that of `--jobs` does, for tests: the results of `child.ts`, without a queue. */
import { setTimeout } from 'node:timers/promises';
import { serve } from '../../../../src/evaluate/child.ts';
import type { Doing } from '../../../../src/evaluate/children.ts';
import { openResultStore } from '../../../../src/evaluate/queue/resultStore.ts';
import { goldenOf, keysOf } from '../golden.ts';

const [folder, milliseconds, count, seed] = process.argv.slice(2);
const store = openResultStore(folder);
const keys = keysOf(Number(count), seed);

serve<number, Doing>(async (piece) => {
  const key = keys[piece];
  if (store.has(key)) return 'kept';
  if (Number(milliseconds) > 0) await setTimeout(Number(milliseconds));
  store.put(key, goldenOf(key));
  return 'done';
}, 'a test');
