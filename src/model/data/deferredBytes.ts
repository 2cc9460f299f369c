import type { TensorMemory } from './tensorMemory.ts';

/** Bytes that are still in a file. */
export interface DeferredBytes {
  readonly length: number;
  /** Reads them. @throws InputError where the file is not what it was any more. */
  readInto(into: Uint8Array): void;
  /** Where they are put when they are asked for. */
  readonly memory: TensorMemory;
}
