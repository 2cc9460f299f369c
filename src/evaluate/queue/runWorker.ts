import type { Job as BullJob, Worker } from 'bullmq';
import { InputError } from '../../tensor/errors.ts';
import { type Child, type ChildProgram, createChild } from '../child.ts';
import type { WorkerStore } from '../store/workerStore.ts';
import { type Ending, endingBy, endsWorker } from './ending.ts';
import { type Job, jobId, readJob } from './job.ts';
import { ATTEMPTS, loadBullmq, openWorker, type TakeJob } from './openQueue.ts';
import type { QueueAddress } from './queueAddress.ts';
import { WorkerEndError } from './resultStore.ts';

/** What a worker tells of. */
export type WorkerEvent =
  | { readonly kind: 'begun' | 'done' | 'kept' | 'cancelled'; readonly key: string }
  | { readonly kind: 'failed'; readonly key: string; readonly message: string }
  | { readonly kind: 'trouble'; readonly message: string };

/** What a worker works with. */
export interface WorkerTask {
  readonly address: QueueAddress;
  readonly store: WorkerStore;
  /** What computes. */
  readonly program: ChildProgram;
  /** Seconds without a sign after which others take its job; 30 unless given. */
  readonly lockSeconds?: number | undefined;
  /**
   * Milliseconds of a picture under which the next job is taken ahead, 250 unless given: what the queue takes then counts, and no more than
   * this is lost where a worker holds two jobs at the end of a set while another has none.
   */
  readonly brief?: number | undefined;
  /** Ends it: its jobs go back to the queue. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

const LOCK_SECONDS = 30;

/** Milliseconds between two tries to tell a server of PostgreSQL, that was lost, what was done: BullMQ waits for 15 seconds. */
const RETRY = 1000;

/** How often the worker of a job may be lost before the job counts as the cause. */
const MOST_LOST = 9;

/** Milliseconds of a brief picture. */
const BRIEF = 250;

interface Settling {
  readonly store: WorkerStore;
  readonly child: Child<Job, Uint8Array>;
  /** Whether it has been tried often enough. */
  isLast(): boolean;
  onBegin(key: string): void;
}

/** Settles a job; what of it the queue is to know. */
async function settle(job: Job, { store, child, isLast, onBegin }: Settling): Promise<WorkerEvent> {
  const { set, key } = job;
  if (await store.has(key)) return { kind: 'kept', key };
  if (await store.isCancelled(set)) return { kind: 'cancelled', key };
  onBegin(key);
  let bytes: Uint8Array;
  try {
    bytes = await child.ask(job);
  } catch (error) {
    const { message } = error as Error;
    const isFinal = error instanceof InputError || (!(error instanceof WorkerEndError) && isLast());
    if (!isFinal) throw error;
    await store.fail(key, { kind: error instanceof InputError ? 'input' : 'crash', message });
    return { kind: 'failed', key, message };
  }
  await store.put(key, bytes);
  return { kind: 'done', key };
}

/** A job that a queue hands over, and whose name is that of its key. @throws InputError */
function readTaken({ id, data }: BullJob<Job>): Job {
  const job = readJob(data);
  if (id === jobId(job.key)) return job;
  throw new InputError('Cannot take a job: its name is not that of its key');
}

/** What takes jobs of a queue; they are computed one after another. `onBroken` hears of what ends the worker. */
function takerOf(
  { store, signal, onEvent }: WorkerTask,
  child: Child<Job, Uint8Array>,
  { onBroken, isOver, bullmq }: Ending & { bullmq: typeof import('bullmq') },
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
      const isLast = () => taken.attemptsMade + 1 >= ATTEMPTS && !isOver();
      const onBegin = (key: string) => onEvent?.({ kind: 'begun', key });
      onEvent?.(await settle(job, { store, child, isLast, onBegin }));
    } catch (error) {
      if (signal?.aborted === true) {
        await taken.moveToWait(token);
        throw new bullmq.WaitingError();
      }
      if (!endsWorker(error) && !isOver()) throw error;
      onBroken(error);
      // Its lock runs out, and another worker has it.
      await new Promise(() => {});
    }
  };
}

/** Lets a worker take the next job ahead while it settles one after another in little time. */
function takeAhead(worker: Worker<Job>, brief: number): void {
  let last = performance.now();
  worker.on('completed', () => {
    const now = performance.now();
    worker.concurrency = now - last < brief ? 2 : 1;
    last = now;
  });
}

/**
 * Takes jobs from a queue until `signal`: a thin process that holds locks, and one that computes, one job at a time. A job whose process
 * is lost is tried three times; one that cannot be used is settled at once, by what is said of it. A lost worker's jobs go to others when
 * their locks have run out; where one was computed twice the results are held against each other.
 * @throws what ends the worker: a folder that cannot be written, results that differ, a set that this machine cannot read.
 */
export async function runWorker(task: WorkerTask): Promise<void> {
  const { address, store, program, lockSeconds = LOCK_SECONDS, brief = BRIEF, signal, onEvent } = task;
  const bullmq = await loadBullmq(address);
  const child = createChild<Job, Uint8Array>(program);
  const ending = endingBy(signal);
  const milliseconds = 1000 * lockSeconds;
  const worker = await openWorker(address, takerOf(task, child, { ...ending, bullmq }), {
    lockDuration: milliseconds,
    stalledInterval: milliseconds / 2,
    maxStalledCount: MOST_LOST,
    drainDelay: 1,
    runRetryDelay: RETRY,
  });
  // A server that is gone is told of by every try.
  let trouble = '';
  worker.on('completed', () => {
    trouble = '';
  });
  worker.on('error', ({ message }) => {
    if (message !== trouble) onEvent?.({ kind: 'trouble', message });
    trouble = message;
  });
  worker.on('failed', (failed, { message }) => {
    // Only a job that was taken too often fails without having been here.
    if (failed === undefined || !/stalled/.test(message)) return;
    const lost = `its worker was lost ${MOST_LOST + 1} times`;
    const fail = async () => store.fail(readTaken(failed).key, { kind: 'crash', message: lost });
    fail().catch(ending.onBroken);
  });
  takeAhead(worker, brief);
  worker.run().catch(ending.onBroken);
  try {
    await ending.ended;
    // First, so that the jobs which are given back are not taken again.
    const closed = worker.close();
    child.close();
    await closed;
  } finally {
    child.close();
    worker.close(true).catch(() => {});
  }
}
