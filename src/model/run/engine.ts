import type { Steps } from '../../tensor/drive.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Value } from './program.ts';

export interface RunTask {
  readonly given: ReadonlyMap<string, Value>;
  readonly targets: readonly string[];
}

/** Sets of cotangents, one tensor for each target. */
export type CotangentSets = readonly (readonly Tensor[])[];

export interface PullbackTask extends RunTask {
  /** The tensor, one of those given, whose cotangent is wanted. */
  readonly source: string;
  /** The targets' cotangents at their values. */
  cotangentsAt(values: ReadonlyMap<string, Value>): CotangentSets | Steps<CotangentSets>;
  /** Whether the rows of the source do not meet, so that each may be taken back by itself. */
  readonly isBatchable?: boolean;
  /** The targets' values, where they are known already. */
  readonly values?: ReadonlyMap<string, Value>;
}

/** A way to compute a program, in both directions. Yields the share that is done. */
export interface Engine {
  /** Computes the targets. */
  run(task: RunTask): Steps<Map<string, Value>>;
  /**
   * Computes the targets, then for each set of their cotangents the cotangent of the source. Ends in undefined, with nothing
   * computed, where the engine has no backward pass for it.
   */
  pullback(task: PullbackTask): Steps<Tensor[] | undefined>;
}
