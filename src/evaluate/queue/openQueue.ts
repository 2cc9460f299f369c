import type { Job as BullJob, Queue, Worker, WorkerOptions } from 'bullmq';
import { InputError } from '../../tensor/errors.ts';
import type { Job } from './job.ts';
import type { QueueAddress } from './queueAddress.ts';

/** The jobs of all sets wait in one queue, so that workers need not know of sets. */
const QUEUE = 'jetgrad';

type Bullmq = typeof import('bullmq');

/** Attempts that a job has where the process that computes it is lost. */
export const ATTEMPTS = 3;

/** How jobs are added: gone when they end, since the folder of results knows. */
export const jobOptions = {
  attempts: ATTEMPTS,
  backoff: { type: 'exponential', delay: 250 },
  removeOnComplete: true,
  removeOnFail: true,
} as const;

const clients = { redis: 'ioredis', postgres: 'pg' } as const;

/** Loads a package that is no dependency: by a name that bundlers do not follow. @throws InputError naming what is to be installed. */
async function load<T>(name: string, needed: readonly string[]): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new InputError(
      `Cannot use --queue: ${name} is not installed; npm install ${needed.join(' ')}, beside jetgrad`,
    );
  }
}

/** BullMQ and its client, which are installed by those who want them. @throws InputError saying how. */
export async function loadBullmq({ keeper }: QueueAddress): Promise<Bullmq> {
  const client = clients[keeper];
  const needed = ['bullmq', client];
  const bullmq = await load<Bullmq>('bullmq', needed);
  // It loads its client by itself, much later, and in words of its own.
  await load(client, needed);
  return bullmq;
}

/** Milliseconds between two tries to reach a server that is gone. */
const retry = (times: number) => Math.min(2000, 100 * times);

function connectionTo({ keeper, url }: QueueAddress) {
  // BullMQ wants commands of workers to wait for the server, however long it is gone.
  if (keeper === 'redis') return { url, maxRetriesPerRequest: null, retryStrategy: retry };
  // The tables are made where they are not there yet.
  return { connectionString: url, migrate: true };
}

/** The two constructors, for what keeps the jobs. */
async function classesFor(address: QueueAddress): Promise<Pick<Bullmq, 'Queue' | 'Worker'>> {
  const bullmq = await loadBullmq(address);
  if (address.keeper === 'redis') return bullmq;
  return bullmq.withBackend(bullmq.createPostgresBackend) as unknown as Pick<Bullmq, 'Queue' | 'Worker'>;
}

/** @throws InputError unless the server answers; its own words, which have no password, are told. */
async function reach(
  { shown, keeper }: QueueAddress,
  opened: { waitUntilReady(): Promise<unknown>; on(event: 'error', tell: (error: Error) => void): unknown },
): Promise<void> {
  const failed = new Promise<never>((_, reject) => opened.on('error', reject));
  try {
    await Promise.race([opened.waitUntilReady(), failed]);
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const server = keeper === 'redis' ? 'Redis or Valkey' : 'PostgreSQL';
    throw new InputError(
      `Cannot use --queue ${shown}: ${message || code || 'it does not answer'}; see that ${server} runs there, and the user and the password`,
    );
  }
}

/** The queue, for adding jobs to it. @throws InputError where it cannot be reached, or is not installed. */
export async function openQueue(address: QueueAddress): Promise<Queue<Job>> {
  const { Queue: QueueClass } = await classesFor(address);
  const queue = new QueueClass<Job>(QUEUE, { connection: connectionTo(address) as never });
  try {
    await reach(address, queue);
  } catch (error) {
    void queue.close().catch(() => {});
    throw error;
  }
  return queue;
}

export type TakeJob = (job: BullJob<Job>, token: string | undefined) => Promise<void>;

/** One that takes jobs, once the server answers. @throws InputError as `openQueue`. */
export async function openWorker(
  address: QueueAddress,
  take: TakeJob,
  options: Partial<WorkerOptions>,
): Promise<Worker<Job>> {
  const { Worker: WorkerClass } = await classesFor(address);
  const worker = new WorkerClass<Job>(QUEUE, take, {
    ...options,
    connection: connectionTo(address) as never,
    autorun: false,
  });
  try {
    await reach(address, worker);
  } catch (error) {
    void worker.close(true).catch(() => {});
    throw error;
  }
  return worker;
}
