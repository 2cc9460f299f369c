import type { QueueAddress } from '../../evaluate/queue/queueAddress.ts';
import type { ResultStore } from '../../evaluate/queue/resultStore.ts';
import { type JobSet, submitSet } from '../../evaluate/queue/submitSet.ts';
import type { Runner } from '../../evaluate/work.ts';
import type { Io } from '../shared/io.ts';

interface Queueing {
  readonly address: QueueAddress;
  readonly store: ResultStore;
  readonly io: Pick<Io, 'note' | 'warn'>;
}

/** Pieces by the workers of a queue. Where it is interrupted the workers go on. */
export const byQueue =
  (jobs: JobSet, { address, store, io }: Queueing): Runner =>
  async (_, { onDone, signal }) => {
    const pieces = new Map(jobs.keys.map((key, piece) => [key, piece]));
    let isFirst = true;
    const letGo = () =>
      io.note('the workers go on: the same command waits for them again, and with --cancel ends them');
    signal?.addEventListener('abort', letGo, { once: true });
    await submitSet(jobs, {
      ...{ address, store, signal },
      onTrouble: (message) => io.warn(`${address.shown}: ${message}`),
      onSettled(keys) {
        for (const key of keys) onDone(pieces.get(key) as number, isFirst ? 'kept' : 'done');
        isFirst = false;
      },
    });
    signal?.removeEventListener('abort', letGo);
    signal?.throwIfAborted();
    const [worst] = store.disagreements();
    if (worst === undefined) return;
    io.warn(
      `results differ: ${worst.key} was found with other bits on ${worst.host}; see the folder disagreements`,
    );
  };
