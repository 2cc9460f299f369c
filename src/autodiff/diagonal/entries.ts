import type { Steps } from '../../tensor/drive.ts';
import { InputError } from '../../tensor/errors.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { castTo, contiguous, fromData, full, type Tensor, zeros } from '../../tensor/tensor.ts';
import { pullbackSteps } from '../tape.ts';
import { concrete } from '../trace.ts';
import { type Box, boxAround } from './boxes/box.ts';
import type { Structure } from './structure.ts';

/** The entries asked for (all unless given), as sorted row-major positions. @throws InputError when out of range. */
export function wantedEntries(size: number, entries: ArrayLike<number> | undefined): Int32Array {
  if (entries === undefined) return upTo(size);
  const wanted = Int32Array.from(new Set(Array.from(entries))).sort();
  for (const entry of Array.from(entries)) {
    if (!Number.isInteger(entry) || entry < 0 || entry >= size) {
      throw new InputError(
        `Cannot take diagonal: entry ${entry} is out of range; the activation has ${size} entries`,
      );
    }
  }
  return wanted;
}

/** What reaches the output, and how: found by one walk backwards. */
export interface Reach {
  /** Those of the wanted entries that the output depends on at all. */
  readonly live: Int32Array;
  /** ∂cut/∂a where a single value leaves the piecewise-linear part. */
  readonly slopes?: Float64Array;
  /** The part of each node that y reads, by the node's index, where more than one value leaves; undefined where it reads none. */
  readonly read?: readonly (Box | undefined)[];
}

/**
 * A NaN cotangent spreads along every path and stops where a choice (a pool's loser, an inactive unit) cuts it: a pullback finds the
 * entries that reach the output. Where all paths go through one value, its own pullback is taken along.
 */
export function* reachOf({ tape, root, output, cut }: Structure, wanted: Int32Array): Steps<Reach> {
  const none = { live: new Int32Array(0) };
  const seed = full(output.value.shape, Number.NaN, output.value.dtype);
  const [gate] = cut;
  if (cut.length !== 1 || sizeOf(gate.value.shape) !== 1) {
    const marks = yield* pullbackSteps(tape, new Map([[output, seed]]), tape.nodes);
    const own = marks[root.index];
    if (own === undefined) return none;
    return { live: markedOf(wanted, contiguous(concrete(own)).data), read: marks.map(boxOfMarks) };
  }
  const [mark] = yield* pullbackSteps(tape, new Map([[output, seed]]), [gate]);
  if (mark === undefined) return none;
  const { data: marked } = contiguous(concrete(mark));
  const lanes = fromData(Float64Array.of(1, marked[0]), [2, ...gate.value.shape]);
  const seeds = new Map([[gate, castTo(lanes, gate.value.dtype)]]);
  const [both] = yield* pullbackSteps(tape, seeds, [root]);
  if (both === undefined) return none;
  const { data } = contiguous(castTo(concrete(both), 'float64'));
  const size = sizeOf(root.value.shape);
  return {
    live: markedOf(wanted, data.subarray(size)),
    slopes: data.subarray(0, size) as Float64Array,
  };
}

function boxOfMarks(marks: Tensor | undefined): Box | undefined {
  if (marks === undefined) return undefined;
  const { data, shape } = contiguous(concrete(marks));
  return boxAround(shape, (p) => Number.isNaN(data[p]));
}

function markedOf(wanted: Int32Array, marks: ArrayLike<number>): Int32Array {
  const marked = new Int32Array(wanted.length);
  let count = 0;
  for (const entry of wanted) if (Number.isNaN(marks[entry])) marked[count++] = entry;
  return marked.slice(0, count);
}

/** One direction for each entry: [entries.length, ...shape], a 1 at that entry. */
export function oneHots(entries: Int32Array, like: Tensor): Tensor {
  const size = sizeOf(like.shape);
  const out = zeros([entries.length, ...like.shape], like.dtype);
  for (let lane = 0; lane < entries.length; lane++) out.data[lane * size + entries[lane]] = 1;
  return out;
}

/** Directions given as rows of a matrix: lanes of a tensor of `shape`. */
export function lanesOf(rows: Float64Array, count: number, shape: readonly number[]): Tensor {
  return fromData(rows, [count, ...shape]);
}

/** 0 … length − 1. */
export function upTo(length: number): Int32Array {
  const out = new Int32Array(length);
  for (let i = 0; i < length; i++) out[i] = i;
  return out;
}

/** Entries cut into blocks of `length`. */
export function blocksOf(entries: Int32Array, length: number): Int32Array[] {
  const blocks: Int32Array[] = [];
  for (let start = 0; start < entries.length; start += length)
    blocks.push(entries.subarray(start, start + length));
  return blocks;
}
