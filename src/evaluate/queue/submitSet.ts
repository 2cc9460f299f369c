import { setTimeout } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { type Job, jobId } from './job.ts';
import { jobOptions, openQueue } from './openQueue.ts';
import type { QueueAddress } from './queueAddress.ts';
import type { ResultStore } from './resultStore.ts';

/** A set, and the keys of all that is to be known of it. */
export interface JobSet {
  readonly set: string;
  readonly keys: readonly string[];
}

/** Where and how it is done. */
export interface Submission {
  readonly address: QueueAddress;
  readonly store: ResultStore;
  /** Leaves the rest to the workers. */
  readonly signal?: AbortSignal | undefined;
  /** Told of keys as they are seen to be settled; first of those that were before. */
  readonly onSettled?: ((keys: readonly string[]) => void) | undefined;
  /** Told where nothing has been settled for so many seconds, and of a server that is gone. */
  readonly onTrouble?: ((message: string) => void) | undefined;
  /** Seconds without progress after which what is missing is added anew, 10 unless given. */
  readonly patience?: number | undefined;
}

/** Jobs that are added at a time. */
const AT_ONCE = 1000;

async function inParts(
  keys: readonly string[],
  add: (part: readonly string[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < keys.length; start += AT_ONCE) await add(keys.slice(start, start + AT_ONCE));
}

/** Adds what is missing; what waits there already, or is being done, is left as it is. */
const addJobs = (queue: Queue<Job>, set: string, keys: readonly string[]) =>
  inParts(keys, (part) =>
    queue.addBulk(
      part.map((key) => ({
        name: 'picture',
        data: { set, key },
        opts: { ...jobOptions, jobId: jobId(key) },
      })),
    ),
  );

/** Milliseconds between two looks into the folder: at least, and in lengths of a look. */
const LOOK = 100;
const LOOKS = 20;

/** Seconds after which missing jobs are added again. */
const PATIENCE = 10;

/**
 * Gives the missing keys of a set to the workers of a queue, and waits until all are settled. The folder of results is the truth: a queue
 * that was lost, emptied or restarted is filled again by what is missing, and running it twice does nothing twice. With `signal` it lets
 * go: the workers go on; resolves to whether all is settled.
 * @throws InputError where the queue cannot be reached at the beginning.
 */
export async function submitSet({ set, keys }: JobSet, submission: Submission): Promise<boolean> {
  const { address, store, signal, onSettled, onTrouble, patience = PATIENCE } = submission;
  const isMissing = (key: string) => !store.has(key);
  let missing = keys.filter(isMissing);
  const before = new Set(missing);
  onSettled?.(keys.filter((key) => !before.has(key)));
  if (missing.length === 0) return true;
  store.uncancel(set);
  const queue = await openQueue(address);
  let trouble = '';
  queue.on('error', ({ message }) => {
    if (message !== trouble) onTrouble?.(message);
    trouble = message;
  });
  let adding: Promise<void> | undefined;
  const add = () => {
    adding ??= addJobs(queue, set, missing)
      .then(() => {
        trouble = '';
      })
      .catch(({ message }: Error) => onTrouble?.(message))
      .finally(() => {
        adding = undefined;
      });
  };
  try {
    add();
    for (let since = performance.now(), pause = LOOK; missing.length > 0; ) {
      await setTimeout(pause, undefined, { signal }).catch(() => {});
      if (signal?.aborted === true) break;
      const started = performance.now();
      const left = new Set(missing.filter(isMissing));
      pause = Math.max(LOOK, LOOKS * (performance.now() - started));
      if (left.size < missing.length) {
        since = performance.now();
        onSettled?.(missing.filter((key) => !left.has(key)));
      }
      missing = [...left];
      if (performance.now() - since < 1000 * patience) continue;
      onTrouble?.(
        `nothing was settled for ${patience} s: are there workers? jetgrad work --queue ${address.shown}`,
      );
      add();
      since = performance.now();
    }
  } finally {
    // A server that is gone would be waited for.
    await Promise.race([queue.close(), setTimeout(LOOK)]).catch(() => {});
    if (adding !== undefined) void queue.disconnect().catch(() => {});
  }
  if (missing.length === 0) store.sweep();
  return missing.length === 0;
}

/** Takes a set off the queue: its jobs are removed, and those that workers have already taken are left undone. */
export async function cancelSet(
  { set, keys }: JobSet,
  { address, store }: Pick<Submission, 'address' | 'store'>,
): Promise<void> {
  store.cancel(set);
  const queue = await openQueue(address);
  try {
    const missing = keys.filter((key) => !store.has(key));
    // One that is being done is locked; it ends by itself.
    await inParts(missing, (part) => Promise.allSettled(part.map((key) => queue.remove(jobId(key)))));
  } finally {
    await queue.close();
  }
}
