import { WorkerEndError } from './resultStore.ts';

/** Whether no other job would end better here: a full disk, bits that differ, another version than the command's. */
export const endsWorker = (error: unknown): boolean =>
  error instanceof WorkerEndError || (error as NodeJS.ErrnoException).syscall !== undefined;

/** What ends a worker. */
export interface Ending {
  /** Resolves with the signal, and rejects with what ends the worker. */
  readonly ended: Promise<void>;
  onBroken(error: unknown): void;
  /** Whether it has ended: what fails from then on says nothing of a job. */
  isOver(): boolean;
}

/** The end of a worker that is ended by `signal`, or breaks. */
export function endingBy(signal: AbortSignal | undefined): Ending {
  let isBroken = false;
  let reject: (error: unknown) => void = () => {};
  const ended = new Promise<void>((resolve, refuse) => {
    reject = refuse;
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  const onBroken = (error: unknown) => {
    isBroken = true;
    reject(error);
  };
  return { ended, onBroken, isOver: () => isBroken || signal?.aborted === true };
}
