import type { Job as BullJob } from 'bullmq';
import { InputError } from '../../tensor/errors.ts';
import { type Child, type ChildProgram, createChild } from '../child.ts';
import { type Job, jobId, readJob } from './job.ts';
import { ATTEMPTS, loadBullmq, openWorker, type TakeJob } from './openQueue.ts';
import type { QueueAddress } from './queueAddress.ts';
import { type ResultStore, WorkerEndError } from './resultStore.ts';

/** What a worker tells of. */
export type WorkerEvent =
  | { readonly kind: 'begun' | 'done' | 'kept' | 'cancelled'; readonly key: string }
  | { readonly kind: 'failed'; readonly key: string; readonly message: string }
  | { readonly kind: 'trouble'; readonly message: string };

/** What a worker works with. */
export interface WorkerTask {
  readonly address: QueueAddress;
  readonly store: ResultStore;
  /** What computes. */
  readonly program: ChildProgram;
  /** Seconds without a sign after which others take its job; 30 unless given. */
  readonly lockSeconds?: number | undefined;
  /** Ends it: its job goes back to the queue. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

const LOCK_SECONDS = 30;

/** How often the worker of a job may be lost before the job counts as the cause. */
const MOST_LOST = 9;

interface Settling {
  readonly store: ResultStore;
  readonly child: Child<Job, Uint8Array>;
  /** Whether it has been tried often enough. */
  isLast(): boolean;
  onBegin(key: string): void;
}

/** Settles a job; what of it the queue is to know. */
async function settle(job: Job, { store, child, isLast, onBegin }: Settling): Promise<WorkerEvent> {
  const { set, key } = job;
  if (store.has(key)) return { kind: 'kept', key };
  if (store.isCancelled(set)) return { kind: 'cancelled', key };
  onBegin(key);
  let bytes: Uint8Array;
  try {
    bytes = await child.ask(job);
  } catch (error) {
    const { message } = error as Error;
    const isFinal = error instanceof InputError || (!(error instanceof WorkerEndError) && isLast());
    if (!isFinal) throw error;
    store.fail(key, { kind: error instanceof InputError ? 'input' : 'crash', message });
    return { kind: 'failed', key, message };
  }
  store.put(key, bytes);
  return { kind: 'done', key };
}

/** Whether no other job would end better here: a full disk, bits that differ, another version than the command's. */
const endsWorker = (error: unknown): boolean =>
  error instanceof WorkerEndError || (error as NodeJS.ErrnoException).syscall !== undefined;

/** A job that a queue hands over, and whose name is that of its key. @throws InputError */
function readTaken({ id, data }: BullJob<Job>): Job {
  const job = readJob(data);
  if (id === jobId(job.key)) return job;
  throw new InputError('Cannot take a job: its name is not that of its key');
}

/** What takes jobs of a queue, one after another. `onBroken` hears of what ends the worker. */
function takerOf(
  { store, signal, onEvent }: WorkerTask,
  child: Child<Job, Uint8Array>,
  { onBroken, bullmq }: { onBroken(error: unknown): void; bullmq: typeof import('bullmq') },
): TakeJob {
  return async (taken, token) => {
    let job: Job;
    try {
      job = readTaken(taken);
    } catch (error) {
      const { message } = error as Error;
      onEvent?.({ kind: 'trouble', message });
      throw new bullmq.UnrecoverableError(message);
    }
    try {
      const isLast = () => taken.attemptsMade + 1 >= ATTEMPTS && signal?.aborted !== true;
      const onBegin = (key: string) => onEvent?.({ kind: 'begun', key });
      onEvent?.(await settle(job, { store, child, isLast, onBegin }));
    } catch (error) {
      if (signal?.aborted === true) {
        await taken.moveToWait(token);
        throw new bullmq.WaitingError();
      }
      if (!endsWorker(error)) throw error;
      onBroken(error);
      // Its lock runs out, and another worker has it.
      await new Promise(() => {});
    }
  };
}

/** Resolves with the signal, and rejects with what ends a worker. */
function ending(signal: AbortSignal | undefined) {
  let onBroken: (error: unknown) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    onBroken = reject;
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  return { ended, onBroken };
}

/**
 * Takes jobs from a queue until `signal`: a thin process that holds locks, and one that computes. A job whose process is lost is tried
 * three times; one that cannot be used is settled at once, by what is said of it. A lost worker's job goes to another when its lock has
 * run out; where it was computed twice the results are held against each other.
 * @throws what ends the worker: a folder that cannot be written, results that differ, a set that this machine cannot read.
 */
export async function runWorker(task: WorkerTask): Promise<void> {
  const { address, store, program, lockSeconds = LOCK_SECONDS, signal, onEvent } = task;
  const bullmq = await loadBullmq(address);
  const child = createChild<Job, Uint8Array>(program);
  const { ended, onBroken } = ending(signal);
  const milliseconds = 1000 * lockSeconds;
  const worker = await openWorker(address, takerOf(task, child, { onBroken, bullmq }), {
    lockDuration: milliseconds,
    stalledInterval: milliseconds / 2,
    maxStalledCount: MOST_LOST,
    drainDelay: 1,
  });
  worker.on('error', ({ message }) => onEvent?.({ kind: 'trouble', message }));
  worker.on('failed', (failed, { message }) => {
    // Only a job that was taken too often fails without having been here.
    if (failed === undefined || !/stalled/.test(message)) return;
    const lost = `its worker was lost ${MOST_LOST + 1} times`;
    store.fail(readTaken(failed).key, { kind: 'crash', message: lost });
  });
  worker.run().catch(onBroken);
  try {
    await ended;
    // First, so that the job which is given back is not taken again.
    const closed = worker.close();
    child.close();
    await closed;
  } finally {
    child.close();
    worker.close(true).catch(() => {});
  }
}
