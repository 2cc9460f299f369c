import { queueAddress } from '../../evaluate/queue/queueAddress.ts';
import { runWorker, type WorkerEvent } from '../../evaluate/queue/runWorker.ts';
import type { Io } from '../shared/io.ts';
import type { JobsTask } from './answerJobs.ts';
import { openOut } from './openOut.ts';

/** The flags of `work`, read. */
export interface WorkFlags {
  readonly queue: string;
  readonly out: string;
  /** Seconds. */
  readonly lock: number;
  /** Where files of sets are kept. */
  readonly cache: string;
  readonly quiet?: boolean;
}

/** Digits of a key that are shown. */
const SHOWN = 12;

const words = {
  done: 'done',
  kept: 'was there',
  cancelled: 'cancelled',
} as const;

function tell(io: Io, event: WorkerEvent): void {
  if (event.kind === 'trouble') io.warn(event.message);
  else if (event.kind === 'failed') io.warn(`${event.key.slice(0, SHOWN)}: ${event.message}`);
  else if (event.kind !== 'begun')
    io.print(`${io.colors.dim(event.key.slice(0, SHOWN))}  ${words[event.kind]}`);
}

/** `jetgrad work`: takes pictures from a queue until it is interrupted. */
export async function runWork({ queue, out, lock, cache }: WorkFlags, io: Io): Promise<void> {
  const address = queueAddress(queue);
  const store = await openOut(out, io);
  io.note(`waiting for pictures of ${address.shown}; results go to ${out}`);
  await runWorker({
    ...{ address, store, lockSeconds: lock, signal: io.signal },
    program: {
      file: process.argv[1],
      argv: ['work-child', JSON.stringify({ out, cache, quiet: io.quiet } satisfies JobsTask)],
    },
    onEvent: (event) => tell(io, event),
  });
  io.signal?.throwIfAborted();
}
