import { sizeOf } from '../../tensor/shape.ts';
import type { Score } from './score.ts';
import { costOf, nonlinearOperations, type Structure } from './structure.ts';

/** Derivatives of y with respect to single entries: derivatives[r − 1][p] is ∂ʳy/∂a_pʳ, zero where not asked for. */
export type Diagonals = Float64Array[];

/** What a plan works on. */
export interface Task {
  readonly structure: Structure;
  readonly order: number;
  /** Row-major positions of the entries that are asked for and reach y. */
  readonly live: Int32Array;
  /** ∂cut/∂a where a single value leaves the piecewise-linear part. */
  readonly slopes?: Float64Array;
  /** Set where y is this score of the output of `structure`; otherwise the output is y itself. */
  readonly score?: Score;
  readonly logits?: Structure['output'];
}

/** A way to the diagonal derivatives, and what it would cost. */
export interface Candidate {
  readonly name: PlanName;
  readonly applicable: boolean;
  /** Estimated multiply-adds. */
  readonly multiplyAdds: number;
  /** Why it applies and costs what it does, or why it does not apply. */
  readonly why: string;
}

/** The exact ways to diagonal derivatives, by name. */
export type PlanName = 'jets' | 'linear-prefix';

/** Coefficients of a node in a jet of that order: one in the linear part, all behind it. */
export function jetCost({ tape, used, linear }: Structure, order: number): { prefix: number; tail: number } {
  let prefix = 0;
  let tail = 0;
  for (const node of tape.nodes) {
    if (used[node.index] === 0) continue;
    if (linear[node.index] === 1) prefix += costOf(node);
    else tail += costOf(node) * order;
  }
  return { prefix, tail };
}

export function cutSize({ cut }: Structure): number {
  return cut.reduce((total, node) => total + sizeOf(node.value.shape), 0);
}

export function jetsCandidate({ structure, order, live }: Task): Candidate {
  const { prefix, tail } = jetCost(structure, order);
  return {
    name: 'jets',
    applicable: true,
    multiplyAdds: live.length * (prefix + tail),
    why: `one jet of order ${order} along each of ${live.length} entries`,
  };
}

/** Rows of VJPs are held at once, one number for each value that leaves and each entry: 1 GiB at most. */
const MOST_ROWS = 2 ** 27;

/** Whether the directions of `entries` through so many values are found by VJPs, one a value, rather than by JVPs, one an entry. */
export function byVjps(values: number, entries: number): boolean {
  return values <= entries && values * entries <= MOST_ROWS;
}

export function linearPrefixCandidate({ structure, order, live }: Task): Candidate {
  const name = 'linear-prefix';
  if (structure.cut.includes(structure.root)) {
    const first = Object.keys(nonlinearOperations(structure)).join(', ');
    return {
      name,
      applicable: false,
      multiplyAdds: Number.POSITIVE_INFINITY,
      why: `the activation itself enters an operation that is not piecewise linear (among ${first})`,
    };
  }
  const { prefix, tail } = jetCost(structure, order);
  const size = cutSize(structure);
  const backwards = byVjps(size, live.length);
  const passes = backwards ? size : live.length;
  const mode = backwards ? 'VJPs' : 'JVPs';
  const lanes = size === 1 ? 1 : live.length;
  return {
    name,
    applicable: true,
    multiplyAdds: passes * prefix + lanes * tail,
    why: `${size} ${size === 1 ? 'value leaves' : 'values leave'} the piecewise-linear part: ${passes} ${mode}, then jets through the rest`,
  };
}
