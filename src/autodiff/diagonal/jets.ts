import { sizeOf } from '../../tensor/shape.ts';
import { contiguous } from '../../tensor/tensor.ts';
import type { Series } from '../primitive.ts';
import { concrete } from '../trace.ts';
import { blocksOf, oneHots } from './entries.ts';
import type { Diagonals, Task } from './plan.ts';
import { replay } from './replay.ts';
import type { Structure } from './structure.ts';

/** Values held at once by one coefficient of one node. */
const BLOCK_VALUES = 1 << 21;

/** How many lanes go through a head at once. */
export function lanesAtOnce({ tape, used }: Structure): number {
  let widest = 1;
  for (const { index, value } of tape.nodes) {
    if (used[index] === 1) widest = Math.max(widest, sizeOf(value.shape));
  }
  return Math.max(1, Math.floor(BLOCK_VALUES / widest));
}

export function emptyDiagonals(size: number, order: number): Diagonals {
  return Array.from({ length: order }, () => new Float64Array(size));
}

/** Writes k! · c[k] of each lane to that lane's entry. */
export function writeLanes(out: Diagonals, block: Int32Array, series: Series): void {
  let factorial = 1;
  for (let k = 1; k <= out.length; k++) {
    factorial *= k;
    const c = series[k];
    if (c === undefined) continue;
    const { data } = contiguous(concrete(c));
    // A coefficient without lanes is the same for all.
    for (let lane = 0; lane < block.length; lane++) {
      out[k - 1][block[lane]] = factorial * data[data.length === 1 ? 0 : lane];
    }
  }
}

/** One univariate Taylor jet along each live entry, in blocks that share order 0. Always valid. */
export function runJets({ structure, order, live }: Task): Diagonals {
  const { root, output } = structure;
  const out = emptyDiagonals(sizeOf(root.value.shape), order);
  const higher = new Array<undefined>(order - 1).fill(undefined);
  for (const block of blocksOf(live, lanesAtOnce(structure))) {
    const seeds = new Map<typeof root, Series>([[root, [root.value, oneHots(block, root.value), ...higher]]]);
    const [series] = replay(structure, seeds, { order, targets: [output] });
    writeLanes(out, block, series);
  }
  return out;
}
