import { part, type Steps } from '../../tensor/drive.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { castTo, contiguous, type Tensor } from '../../tensor/tensor.ts';
import { pullbackSteps, type TapeNode } from '../tape.ts';
import { concrete } from '../trace.ts';
import { blocksOf, upTo } from './entries.ts';
import { blockBytes, lanesAtOnce } from './lanes.ts';
import type { Task } from './plan.ts';
import type { Structure } from './structure.ts';

/** The values in float64, in row-major order. */
export const valuesOf = (x: Tensor): Float64Array =>
  castTo(contiguous(concrete(x)), 'float64').data as Float64Array;

/** Values held at once by the widest cotangent: many lanes share one reading of the weights. */
const PULLBACK_VALUES = 1 << 25;

/** Copies some entries of rows of `size`. */
function keepEntries(
  out: Float64Array,
  rows: Float64Array,
  { entries, size }: { entries: Int32Array; size: number },
): void {
  let to = 0;
  for (let base = 0; base < rows.length; base += size) {
    for (let i = 0; i < entries.length; i++) out[to++] = rows[base + entries[i]];
  }
}

interface Pulling {
  readonly from: TapeNode;
  /** How many cotangents there are, and those of a block. */
  readonly count: number;
  seeds(block: Int32Array): Tensor;
  /** The root unless given. */
  readonly to?: TapeNode;
  readonly entries: Int32Array;
  readonly memory?: number | undefined;
}

const boundsWith = (memory: number | undefined) =>
  ({ passes: 1, values: PULLBACK_VALUES, prefixOnly: true, memory }) as const;

/** Bytes that the rows of so many cotangents take, and a block of these. */
export const rowBytes = (
  structure: Structure,
  count: number,
  { live, memory }: Pick<Task, 'live' | 'memory'>,
): number => 8 * count * live.length + blockBytes(structure, count, boundsWith(memory));

/** Entries of what cotangents of a node become at the root or at a node between: a row for each. */
export function* pullRows(structure: Structure, pulling: Pulling): Steps<Float64Array> {
  const { from, count, seeds, to = structure.root, entries, memory } = pulling;
  const atOnce = lanesAtOnce(structure, boundsWith(memory));
  const rows = new Float64Array(count * entries.length);
  let done = 0;
  for (const block of blocksOf(upTo(count), atOnce)) {
    const pulled = pullbackSteps(structure.tape, new Map([[from, seeds(block)]]), [to]);
    const [g] = yield* part(pulled, done / count, block.length / count);
    const out = rows.subarray(done * entries.length);
    if (g !== undefined) keepEntries(out, valuesOf(g), { entries, size: sizeOf(to.value.shape) });
    done += block.length;
  }
  return rows;
}
