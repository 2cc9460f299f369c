import type { Failure } from '../queue/resultStore.ts';

type Soon<T> = T | Promise<T>;

/** What workers need of a store: a folder that they share, or a server that has it. Each may be asked again where nobody knows how it ended. */
export interface WorkerStore {
  /** Whether a key is settled: by a result, or by why there is none. */
  has(key: string): Soon<boolean>;
  isCancelled(set: string): Soon<boolean>;
  /** Keeps a result. Of two with the same bits the first stays. @throws DisagreementError where the bits differ. */
  put(key: string, bytes: Uint8Array): Soon<void>;
  /** Keeps why there is none; a result that is there stays. */
  fail(key: string, failure: Failure): Soon<void>;
}
