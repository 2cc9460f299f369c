import { atMost } from './kernels/wasm/threads.ts';

/** A long computation in steps: it yields the share that is done, 0 … 1, and returns its result. */
export type Steps<T> = Generator<number, T>;

declare global {
  /** As in the types of Node and of pages: where neither are known, ours stand alone. */
  interface AbortSignal {
    readonly aborted: boolean;
  }
}

/** Until when a computation runs, on how many threads, and who is told how far it is. */
export interface DriveOptions {
  /** No more than so many threads; as many as `setThreads` says unless given. Results do not depend on it. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each step with the share that is done, 0 … 1. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** What DriveOptions hold, for `checkOptions`. */
export const driveKinds = { threads: 'positive', signal: 'signal', onProgress: 'function' } as const;

/** Runs a computation to its end at once. */
export function drain<T>(run: Steps<T>): T {
  for (;;) {
    const { done, value } = run.next();
    if (done === true) return value;
  }
}

const BREATH = 50; // milliseconds between chances for others to run

/** When others last had the thread: many short computations in a row leave it to them, too. */
let rested = 0;

/** Leaves the thread to others, signals among them, where they have not had it for a while. @throws the signal's reason when aborted. */
export async function rest(signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  if (performance.now() - rested <= BREATH) return;
  await new Promise((resume) => setTimeout(resume));
  rested = performance.now();
  signal?.throwIfAborted();
}

/** Runs a computation, leaving the thread to others from time to time. @throws the signal's reason when aborted. */
export async function drive<T>(
  run: Steps<T>,
  { threads, signal, onProgress }: DriveOptions = {},
): Promise<T> {
  for (;;) {
    await rest(signal);
    // Others compute between two steps, on threads of their own number.
    const { done, value } = atMost(threads, () => run.next());
    if (done === true) return value;
    onProgress?.(value);
  }
}

/** The steps of a part of a computation: it begins at the share `from` of the whole and is the share `weight` of it. */
export function* part<T>(run: Steps<T>, from: number, weight: number): Steps<T> {
  for (;;) {
    const { done, value } = run.next();
    if (done === true) return value;
    yield from + weight * value;
  }
}

/** The steps of what may be a computation or its result. */
export function* stepsOf<T extends object>(made: T | Steps<T>): Steps<T> {
  // A caller's function may give anything: what it gave is looked at where it is used.
  return typeof (made as Partial<Steps<T>> | null | undefined)?.next === 'function'
    ? yield* made as Steps<T>
    : (made as T);
}
