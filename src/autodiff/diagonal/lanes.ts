import { sizeOf } from '../../tensor/shape.ts';
import { isNode } from '../tape.ts';
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
  /** Bytes that blocks and rows may take, half of which is for a block; one lane is held whatever it takes. */
  readonly memory?: number | undefined;
  /** The piecewise-linear part alone. */
  readonly prefixOnly?: boolean;
}

/** How many lanes go through a head at once: as many as the bounds of values and of work allow, at least one. */
export function lanesAtOnce(
  structure: Structure,
  { passes, values = STEP_VALUES, prefixOnly = false, memory }: LaneBounds,
): number {
  const { tape, used, linear } = structure;
  let widest = 1;
  let costliest = 1;
  for (const node of tape.nodes) {
    if (used[node.index] === 0 || (prefixOnly && linear[node.index] === 0)) continue;
    widest = Math.max(widest, sizeOf(node.value.shape));
    costliest = Math.max(costliest, costOf(node));
  }
  const within = memory === undefined ? Number.POSITIVE_INFINITY : memory / 2 / laneBytes(structure, passes);
  return Math.max(1, Math.floor(Math.min(values / widest, STEP_WORK / (passes * costliest), within)));
}

/** Bytes of a block of so many lanes, or of as many of them as go at once. */
export const blockBytes = (structure: Structure, lanes: number, bounds: LaneBounds): number =>
  Math.min(lanes, lanesAtOnce(structure, bounds)) * laneBytes(structure, bounds.passes);

/** Bytes of a lane: the most that is held at once of its coefficients in float64, and as much again for what is being made. */
export function laneBytes({ tape, used }: Structure, passes: number): number {
  const lastUse = new Int32Array(tape.nodes.length);
  for (const { index, operation } of tape.nodes) {
    if (used[index] === 0) continue;
    for (const input of operation?.inputs ?? []) if (isNode(input)) lastUse[input.index] = index;
  }
  let held = 0;
  let most = 1;
  for (const { index, operation, value } of tape.nodes) {
    if (used[index] === 0) continue;
    held += sizeOf(value.shape);
    most = Math.max(most, held);
    const inputs = new Set(operation?.inputs.filter(isNode));
    for (const input of inputs) if (lastUse[input.index] === index) held -= sizeOf(input.value.shape);
  }
  return 2 * 8 * passes * most;
}
