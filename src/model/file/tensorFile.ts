import type { DeferredBytes } from '../data/deferredBytes.ts';

/** A file that holds tensors. */
export interface TensorFile {
  readonly size: number;
  /** The bytes of a range within the file; perhaps they are there only later, before anything is computed. */
  take(offset: number, length: number): Uint8Array;
  /** The same, there now. */
  read(offset: number, length: number): Uint8Array;
  /** The same, to be read when they are asked for; absent where that saves nothing. */
  defer?(offset: number, length: number): DeferredBytes;
}

export interface FileRange {
  readonly file: TensorFile;
  readonly offset: number;
  readonly length: number;
}

/** A file whose bytes are at hand: what is taken views them. */
export const fileOf = (bytes: Uint8Array): TensorFile => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
  take: (offset, length) => bytes.subarray(offset, offset + length),
});
