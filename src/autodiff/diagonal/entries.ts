import { part, type Steps } from '../../tensor/drive.ts';
import { InputError } from '../../tensor/errors.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { castTo, contiguous, fromData, full, type Tensor, zeros } from '../../tensor/tensor.ts';
import { pullbackSteps, type TapeNode } from '../tape.ts';
import { concrete } from '../trace.ts';
import { type Box, boxAround, wholeOf } from './boxes/box.ts';
import { type Marks, marksOf } from './marks.ts';
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

/** What reaches the output: see `marksOf`. Where all paths go through one value, its own pullback is taken along. */
export function* reachOf(structure: Structure, wanted: Int32Array): Steps<Reach> {
  const { tape, root, cut } = structure;
  const marks = yield* part(marksOf(structure), 0, 0.5);
  const own = marks[root.index];
  if (own === undefined) return { live: new Int32Array(0) };
  const live = own === 'all' ? wanted : markedOf(wanted, contiguous(own).data);
  const [gate] = cut;
  if (cut.length !== 1 || sizeOf(gate.value.shape) !== 1) {
    return { live, read: marks.map((of, index) => boxOfMarks(of, tape.nodes[index])) };
  }
  const one = full(gate.value.shape, 1, gate.value.dtype);
  const [g] = yield* part(pullbackSteps(tape, new Map([[gate, one]]), [root]), 0.5, 0.5);
  return { live, ...(g && { slopes: castTo(contiguous(concrete(g)), 'float64').data as Float64Array }) };
}

function boxOfMarks(marks: Marks | undefined, { value }: TapeNode): Box | undefined {
  if (marks === undefined) return undefined;
  if (marks === 'all') return sizeOf(value.shape) === 0 ? undefined : wholeOf(value.shape);
  const { data, shape } = contiguous(marks);
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
