import { part, type Steps } from '../../tensor/drive.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { castTo, fromData, type Tensor } from '../../tensor/tensor.ts';
import { isNode, type TapeNode } from '../tape.ts';
import { oneHots, upTo } from './entries.ts';
import { magnitudesOf } from './magnitudes.ts';
import { type Diagonals, emptyDiagonals, type Task } from './plan.ts';
import { pullRows, valuesOf } from './pullRows.ts';
import type { Merging } from './score.ts';
import { costOf, type Structure } from './structure.ts';

/** Logits whose directions are found first. */
const FIRST = 16;

/** Where bounds are too wide so many times as many are kept at least: each time costs a walk backwards. */
const LEAST_GROWTH = 1.25;

/**
 * What may be spent on bounds, as a share of the work of all VJPs, and the share of the logits beyond which it does not pay to merge the
 * others: bounds from far behind cost little, those from near the root are narrower.
 */
const TRIES = [
  { onBounds: 0.1, mostKept: 0.2 },
  { onBounds: 0.25, mostKept: 0.7 },
] as const;

/** Numbers in the cotangents of all logits at the gate: 512 MiB. */
const MOST_ROWS = 2 ** 26;

/** The node nearest to the root through which all paths to the logits go and behind which is a small part of the work. */
function gateOf({ tape, used }: Structure, logits: TapeNode, onBounds: number): TapeNode {
  const between = tape.nodes.slice(0, logits.index + 1).filter(({ index }) => used[index] === 1);
  const all = between.reduce((sum, node) => sum + costOf(node), 0);
  const widest = MOST_ROWS / sizeOf(logits.value.shape);
  let gate = logits;
  let lowest = logits.index;
  let behind = 0;
  for (const node of between.reverse()) {
    const { index, operation, value } = node;
    if (lowest >= index && behind <= onBounds * all && sizeOf(value.shape) <= widest) gate = node;
    for (const input of operation?.inputs ?? []) if (isNode(input)) lowest = Math.min(lowest, input.index);
    behind += costOf(node);
  }
  return gate;
}

/** Rows of a matrix as cotangents of a node. */
const cotangents = ({ value }: TapeNode, rows: Float64Array, count: number): Tensor =>
  castTo(fromData(rows, [count, ...value.shape]), value.dtype);

/** For each entry a bound of all |∂z_q/∂a|, from the largest |∂z_q/∂gate| of those q, through the magnitudes of all weights. */
function* reachOfMerged(
  { structure, live }: Task,
  { gate, rows, ranked }: { gate: TapeNode; rows: Float64Array; ranked: Int32Array },
): Steps<Float64Array | undefined> {
  const positive = magnitudesOf(structure, gate);
  if (positive === undefined) return undefined;
  const width = sizeOf(gate.value.shape);
  const largest = new Float64Array(width);
  for (const q of ranked.subarray(FIRST)) {
    for (let j = 0; j < width; j++) largest[j] = Math.max(largest[j], Math.abs(rows[q * width + j]));
  }
  const seeds = () => cotangents(gate, largest, 1);
  const { tape, end: from } = positive;
  return yield* pullRows(
    { ...structure, tape, root: tape.roots[0] },
    { from, count: 1, seeds, entries: live },
  );
}

/** Directions of the logits, found as they are wanted, and that of the merged behind them. */
function* directionsOf(
  { structure, live, memory }: Task,
  { gate, rows, merging, known, kept }: Parts & { known: Float64Array; kept: number },
): Steps<Float64Array> {
  const width = sizeOf(gate.value.shape);
  const { ranked } = merging;
  const from = known.length / live.length;
  const count = kept + 1 - from;
  const seeds = new Float64Array(count * width);
  for (let j = from; j < kept; j++) {
    seeds.set(rows.subarray(ranked[j] * width, (ranked[j] + 1) * width), (j - from) * width);
  }
  const mean = seeds.subarray((count - 1) * width);
  merging.merged(kept).shares.forEach((share, j) => {
    const at = ranked[kept + j] * width;
    for (let p = 0; p < width; p++) mean[p] += share * rows[at + p];
  });
  const own = (block: Int32Array) => {
    const [first] = block;
    return cotangents(gate, seeds.subarray(first * width, (first + block.length) * width), block.length);
  };
  const found = yield* pullRows(structure, { from: gate, count, seeds: own, entries: live, memory });
  const all = new Float64Array((kept + 1) * live.length);
  all.set(known);
  all.set(found, known.length);
  return all;
}

type Pruning = Task & Required<Pick<Task, 'logits' | 'score' | 'prune'>>;

interface Try {
  readonly gate: TapeNode;
  readonly merging: Merging;
  /** The share of the logits beyond which it does not pay. */
  readonly mostKept: number;
}

interface Parts {
  readonly gate: TapeNode;
  /** ∂z/∂gate. */
  readonly rows: Float64Array;
  readonly merging: Merging;
}

const largestOf = (numbers: Float64Array): number =>
  numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** How many to keep for errors, which are proportional to the weight of the merged, to be that much smaller. */
function enough({ ranked, merged }: Merging, kept: number, excess: number): number {
  const { mass } = merged(kept);
  let next = Math.ceil(LEAST_GROWTH * kept);
  while (next < ranked.length && merged(next).mass * excess > mass) next++;
  return next;
}

/** What one try leaves to the next. */
interface Found {
  readonly diagonals?: Diagonals;
  /** ∂z at a gate, and the directions of the first of `ranked`. */
  readonly gate: TapeNode;
  readonly rows: Float64Array;
  readonly known: Float64Array;
}

/** Derivatives with logits merged within bounds that are found at a gate, where enough can be. */
function* prunedAt(
  task: Pruning,
  { gate, merging, mostKept, before }: Try & { before: Found | undefined },
): Steps<Found> {
  const { live, order, prune } = task;
  const { ranked } = merging;
  const rows = yield* part(rowsAt(task, gate, before), 0, 0.2);
  const reach = yield* part(reachOfMerged(task, { gate, rows, ranked }), 0.2, 0.1);
  let known = before?.known ?? new Float64Array(0);
  let from = 0.3;
  let kept = Math.max(FIRST, known.length / live.length);
  while (reach !== undefined && kept < mostKept * ranked.length) {
    const data = yield* part(directionsOf(task, { gate, rows, merging, known, kept }), from, (1 - from) / 2);
    from += (1 - from) / 2;
    known = data.subarray(0, kept * live.length);
    const directions = { data, count: live.length, valueStride: live.length, laneStride: 1 };
    const { derivatives, errors } = merging.along(directions, { kept, order, reach });
    const bounds = errors.map(largestOf);
    const allowed = derivatives.map((d) => prune.tolerance * largestOf(d));
    const excess = largestOf(Float64Array.from(bounds, (bound, r) => (bound === 0 ? 0 : bound / allowed[r])));
    if (excess <= 1) {
      const { mass } = merging.merged(kept);
      prune.tell({ tolerance: prune.tolerance, kept, merged: ranked.length - kept, mass, bounds });
      return { gate, rows, known, diagonals: scattered(task, derivatives) };
    }
    if (!Number.isFinite(excess)) break;
    kept = enough(merging, kept, excess);
  }
  return { gate, rows, known };
}

/** ∂z/∂gate, from the gate before where there was one. */
function rowsAt(task: Pruning, gate: TapeNode, before: Found | undefined): Steps<Float64Array> {
  const { structure, logits, memory } = task;
  const count = sizeOf(logits.value.shape);
  const from = before?.gate ?? logits;
  const width = sizeOf(from.value.shape);
  const seeds = (block: Int32Array) =>
    before === undefined
      ? oneHots(block, logits.value)
      : cotangents(
          from,
          before.rows.subarray(block[0] * width, (block[0] + block.length) * width),
          block.length,
        );
  const entries = upTo(sizeOf(gate.value.shape));
  return pullRows(structure, { from, count, seeds, to: gate, entries, memory });
}

/** Derivatives with the logits of little weight merged into one; undefined where too few can be. */
export function* prunedSteps(task: Pruning): Steps<Diagonals | undefined> {
  const { structure, logits, score } = task;
  const merging = score.merging?.(valuesOf(logits.value));
  if (merging === undefined || merging.ranked.length <= 2 * FIRST) return undefined;
  const tries = TRIES.map(({ onBounds, mostKept }) => ({
    ...{ merging, mostKept, gate: gateOf(structure, logits, onBounds) },
  }));
  let before: Found | undefined;
  for (const [i, each] of tries.entries()) {
    if (tries[i + 1]?.gate === each.gate) continue;
    before = yield* part(prunedAt(task, { ...each, before }), i / tries.length, 1 / tries.length);
    if (before.diagonals !== undefined) return before.diagonals;
  }
  return undefined;
}

/** Derivatives of the live entries at their places. */
function scattered({ structure, live, order }: Task, derivatives: readonly Float64Array[]): Diagonals {
  const out = emptyDiagonals(sizeOf(structure.root.value.shape), order);
  for (let r = 0; r < order; r++) {
    for (let i = 0; i < live.length; i++) out[r][live[i]] = derivatives[r][i];
  }
  return out;
}
