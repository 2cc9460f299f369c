import type { Job as BullJob } from 'bullmq';
import { InputError } from '../../tensor/errors.ts';
import { type ChildProgram, type ComputeChild, createComputeChild } from './computeChild.ts';
import { type Job, jobId, readJob } from './job.ts';
import { ATTEMPTS, openWorker } from './openQueue.ts';
import type { QueueAddress } from './queueAddress.ts';
import type { ResultStore } from './resultStore.ts';

/** What a worker tells of. */
export type WorkerEvent =
  | { readonly kind: 'done' | 'kept' | 'cancelled'; readonly key: string }
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

/** Settles a job; what of it the queue is to know. */
async function settle(
  job: Job,
  {
    store,
    child,
    isLast,
  }: { readonly store: ResultStore; readonly child: ComputeChild; readonly isLast: boolean },
): Promise<WorkerEvent> {
  const { set, key } = job;
  if (store.has(key)) return { kind: 'kept', key };
  if (store.isCancelled(set)) return { kind: 'cancelled', key };
  let bytes: Uint8Array;
  try {
    bytes = await child.compute(job);
  } catch (error) {
    const { message } = error as Error;
    const isInput = error instanceof InputError;
    if (!isInput && !isLast) throw error;
    store.fail(key, { kind: isInput ? 'input' : 'crash', message });
    return { kind: 'failed', key, message };
  }
  store.put(key, bytes);
  return { kind: 'done', key };
}

/** Whether the store itself failed: a full disk, or bits that differ. No other job would end better. */
function isOfStore(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code === 'DISAGREEMENT' || syscall !== undefined;
}

/**
 * Takes jobs from a queue until `signal`: a thin process that holds locks, and one that computes. A job whose process is lost is tried
 * three times; one that cannot be used is settled at once, by what is said of it. A lost worker's job goes to another when its lock has
 * run out; where it was computed twice the results are held against each other.
 * @throws what ends the worker: a folder that cannot be written, results that differ.
 */
export async function runWorker(task: WorkerTask): Promise<void> {
  const { address, store, program, lockSeconds = LOCK_SECONDS, signal, onEvent } = task;
  const child = createComputeChild(program);
  const bullmq = await import('bullmq');
  let broken: ((error: unknown) => void) | undefined;
  const ended = new Promise<void>((resolve, reject) => {
    broken = reject;
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });

  async function take(taken: BullJob<Job>, token: string | undefined): Promise<void> {
    let job: Job;
    try {
      job = readJob(taken.data);
      if (taken.id !== jobId(job.key))
        throw new InputError('Cannot take a job: its name is not that of its key');
    } catch (error) {
      const { message } = error as Error;
      onEvent?.({ kind: 'trouble', message });
      throw new bullmq.UnrecoverableError(message);
    }
    try {
      const isLast = taken.attemptsMade + 1 >= ATTEMPTS;
      onEvent?.(await settle(job, { store, child, isLast: isLast && signal?.aborted !== true }));
    } catch (error) {
      if (signal?.aborted === true) {
        await taken.moveToWait(token);
        throw new bullmq.WaitingError();
      }
      if (!isOfStore(error)) throw error;
      // Its lock runs out, and another worker has it.
      broken?.(error);
      await new Promise(() => {});
    }
  }

  const milliseconds = 1000 * lockSeconds;
  const worker = await openWorker(address, take, {
    lockDuration: milliseconds,
    stalledInterval: milliseconds / 2,
    maxStalledCount: MOST_LOST,
    drainDelay: 1,
  });
  worker.on('error', ({ message }) => onEvent?.({ kind: 'trouble', message }));
  worker.on('failed', (failed, { message }) => {
    // Only a job that was taken too often fails without being here.
    if (failed === undefined || !/stalled/.test(message)) return;
    const lost = `its worker was lost ${MOST_LOST + 1} times`;
    store.fail(readJob(failed.data).key, { kind: 'crash', message: lost });
  });
  void worker.run().catch((error: unknown) => broken?.(error));
  try {
    await ended;
    child.close();
    await worker.close();
  } finally {
    child.close();
    void worker.close(true).catch(() => {});
  }
}
