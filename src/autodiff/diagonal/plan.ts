import type { Steps } from '../../tensor/drive.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Box } from './boxes/box.ts';
import { type Cost, free, nodeCost, plus } from './cost.ts';
import type { Score } from './score.ts';
import type { Structure } from './structure.ts';

/** Derivatives of y with respect to single entries: derivatives[r − 1][p] is ∂ʳy/∂a_pʳ, zero where not asked for. */
export type Diagonals = Float64Array[];

/** What was merged, and what that can have changed. */
export interface Pruned {
  /** The largest error that was allowed, as a share of the largest |D_r|. */
  readonly tolerance: number;
  /** Logits whose directions were found, and those that were merged into one. */
  readonly kept: number;
  readonly merged: number;
  /** What the merged weigh together: their probability. */
  readonly mass: number;
  /** bounds[r − 1] ≥ |error of D_r| at every entry, roundings apart. */
  readonly bounds: readonly number[];
}

/** What a plan works on. */
export interface Task {
  readonly structure: Structure;
  readonly order: number;
  /** Row-major positions of the entries that are asked for and reach y. */
  readonly live: Int32Array;
  /** ∂cut/∂a where a single value leaves the piecewise-linear part. */
  readonly slopes?: Float64Array;
  /** The part of each node that y reads, where that is known. */
  readonly read?: readonly (Box | undefined)[];
  /** Set where y is this score of the output of `structure`; otherwise the output is y itself. */
  readonly score?: Score;
  readonly logits?: Structure['output'];
  /** Bytes that what is held beside the recorded head may take. */
  readonly memory?: number | undefined;
  /** The largest error that merging logits may make, as a share of the largest |D_r|, and who is told what it made. */
  readonly prune?: { readonly tolerance: number; tell(pruned: Pruned): void };
}

/** Whether a plan applies to a task, and what it would cost. */
export interface Estimate {
  readonly applicable: boolean;
  /** Estimated multiply-adds. */
  readonly multiplyAdds: number;
  /** What it takes in all, as so many multiply-adds of matrix products would: see `Cost`. */
  readonly work: number;
  /** Bytes that it holds at most beside the recorded head and the derivatives. */
  readonly bytes: number;
  /** Why it applies and costs what it does, or why it does not apply. */
  readonly why: string;
}

/** The first of those that take least. */
export const cheapest = <T extends Pick<Estimate, 'work'>>(ways: readonly T[]): T =>
  ways.reduce((a, b) => (b.work < a.work ? b : a));

/** A plan that does not apply, and why. */
export const refused = (why: string): Estimate => ({
  applicable: false,
  ...{ multiplyAdds: Number.POSITIVE_INFINITY, work: Number.POSITIVE_INFINITY, bytes: 0 },
  why,
});

/** An exact way to diagonal derivatives. All that is known of a plan stands in its row; `plans` lists the rows. */
export interface PlanRow {
  /** Its name in options, flags and files. */
  readonly name: string;
  /** What it does, in a few words, for the command's help. */
  readonly title: string;
  estimate(task: Task): Estimate;
  /** The derivatives of a task to which the plan applies. */
  run(task: Task): Steps<Diagonals>;
}

/** Zeros for derivatives 1 … order of so many entries. */
export function emptyDiagonals(size: number, order: number): Diagonals {
  return Array.from({ length: order }, () => new Float64Array(size));
}

/** What one lane costs in each part of a head. */
interface PassCost {
  readonly prefix: Cost;
  readonly tail: Cost;
}

/** A jet of that order through a head: one coefficient in the linear part, all behind it. */
export function jetCost({ tape, used, linear }: Structure, order: number): PassCost {
  let [prefix, tail] = [free, free];
  for (const node of tape.nodes) {
    if (used[node.index] === 0) continue;
    if (linear[node.index] === 1) prefix = plus(prefix, nodeCost(node));
    else tail = plus(tail, nodeCost(node, order));
  }
  return { prefix, tail };
}

/** How many values leave the piecewise-linear part. */
export function cutSize({ cut }: Structure): number {
  return cut.reduce((total, node) => total + sizeOf(node.value.shape), 0);
}
