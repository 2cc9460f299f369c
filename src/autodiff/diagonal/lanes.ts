import { sizeOf } from '../../tensor/shape.ts';
import { costOf, type Structure } from './structure.ts';

/** Multiply-adds of one step: some tenths of a second, in which nothing else has the thread. A quarter of it makes wide heads 1.5 × slower. */
const STEP_WORK = 4e9;

/** Values held at once by one coefficient of the widest node. */
const STEP_VALUES = 1 << 21;

export interface LaneBounds {
  /** How often a step passes a node: once for each coefficient of a jet. */
  readonly passes: number;
  /** Of the widest node, unless given such that the values stay in the caches. */
  readonly values?: number;
  /** The piecewise-linear part alone. */
  readonly prefixOnly?: boolean;
}

/** How many lanes go through a head at once: as many as the bounds of values and of work allow, at least one. */
export function lanesAtOnce(
  { tape, used, linear }: Structure,
  { passes, values = STEP_VALUES, prefixOnly = false }: LaneBounds,
): number {
  let widest = 1;
  let costliest = 1;
  for (const node of tape.nodes) {
    if (used[node.index] === 0 || (prefixOnly && linear[node.index] === 0)) continue;
    widest = Math.max(widest, sizeOf(node.value.shape));
    costliest = Math.max(costliest, costOf(node));
  }
  return Math.max(1, Math.floor(Math.min(values / widest, STEP_WORK / (passes * costliest))));
}
