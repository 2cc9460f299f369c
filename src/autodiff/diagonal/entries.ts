import { InputError } from '../../tensor/errors.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { contiguous, fromData, full, type Tensor, zeros } from '../../tensor/tensor.ts';
import { pullback } from '../tape.ts';
import { concrete } from '../trace.ts';
import type { Structure } from './structure.ts';

/** The entries asked for (all unless given), as sorted row-major positions. @throws InputError when out of range. */
export function wantedEntries(size: number, entries: ArrayLike<number> | undefined): Int32Array {
  if (entries === undefined) return Int32Array.from({ length: size }, (_, i) => i);
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

/**
 * Those of the entries that reach the output at all. A NaN cotangent spreads along every path and stops where a choice
 * (a pool's loser, an inactive unit) cuts it: one pullback finds them.
 */
export function liveEntries({ tape, root, output }: Structure, wanted: Int32Array): Int32Array {
  const seed = full(output.value.shape, Number.NaN, output.value.dtype);
  const [mark] = pullback(tape, new Map([[output, seed]]), [root]);
  if (mark === undefined) return new Int32Array(0);
  const { data } = contiguous(concrete(mark));
  return wanted.filter((entry) => Number.isNaN(data[entry]));
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

/** Entries cut into blocks of `length`. */
export function blocksOf(entries: Int32Array, length: number): Int32Array[] {
  const blocks: Int32Array[] = [];
  for (let start = 0; start < entries.length; start += length)
    blocks.push(entries.subarray(start, start + length));
  return blocks;
}
