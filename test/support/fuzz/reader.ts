import type { Random } from '../../../src/tensor/random.ts';

/** A reader of files, texts or values from strangers, with a way to inputs that it must take, or refuse by a typed error. */
export interface FuzzReader {
  /** Its name in tables and in `--only`: small letters, digits and hyphens. */
  readonly name: string;
  /** Sound inputs, and odd ones worth a start; empty where their source is absent, and then the reader is skipped by name. */
  seeds(): readonly Uint8Array[];
  /** Another input from a seed; the same for the same random numbers. The seed stays as it is. */
  mutate(random: Random, seed: Uint8Array): Uint8Array;
  /**
   * Reads an input to the end, results too where that is cheap; may be a promise.
   * @throws InputError, ShapeError or UnsupportedOperationError for what cannot be used; BackendsDiffer; anything else is a finding.
   */
  read(bytes: Uint8Array): unknown;
  /** Inputs in the suite (`npm test`), about a second's worth; 500 unless given. */
  readonly suiteInputs?: number;
}

/** Two backends, or two ways to one result, gave different numbers. */
export class BackendsDiffer extends Error {
  override readonly name = 'BackendsDiffer';
}
