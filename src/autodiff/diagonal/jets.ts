import { part, type Steps } from '../../tensor/drive.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { contiguous } from '../../tensor/tensor.ts';
import { factorial } from '../coefficients.ts';
import type { Series } from '../primitive.ts';
import { concrete } from '../trace.ts';
import { plus, times, workOf } from './cost.ts';
import { blocksOf, oneHots } from './entries.ts';
import { blockBytes, lanesAtOnce } from './lanes.ts';
import { type Diagonals, emptyDiagonals, jetCost, type PlanRow, type Task } from './plan.ts';
import { replay } from './replay.ts';

/** Writes k! · c[k] of each lane to that lane's entry. */
export function writeLanes(out: Diagonals, block: Int32Array, series: Series): void {
  for (let k = 1; k <= out.length; k++) {
    const c = series[k];
    if (c === undefined) continue;
    const { data } = contiguous(concrete(c));
    const scale = factorial(k);
    // A coefficient without lanes is the same for all.
    for (let lane = 0; lane < block.length; lane++) {
      out[k - 1][block[lane]] = scale * data[data.length === 1 ? 0 : lane];
    }
  }
}

function* run({ structure, order, live, memory }: Task): Steps<Diagonals> {
  const { root, output } = structure;
  const out = emptyDiagonals(sizeOf(root.value.shape), order);
  const higher = new Array<undefined>(order - 1).fill(undefined);
  const blocks = blocksOf(live, lanesAtOnce(structure, { passes: order, memory }));
  for (const [at, block] of blocks.entries()) {
    const seeds = new Map<typeof root, Series>([[root, [root.value, oneHots(block, root.value), ...higher]]]);
    const through = replay(structure, seeds, { order, targets: [output] });
    const [series] = yield* part(through, at / blocks.length, 1 / blocks.length);
    writeLanes(out, block, series);
  }
  return out;
}

/** One univariate Taylor jet along each live entry, in blocks that share order 0. Always valid. */
export const jets = {
  name: 'jets',
  title: 'one Taylor jet along each entry; always applies',
  estimate({ structure, order, live, memory }) {
    const { prefix, tail } = jetCost(structure, order);
    const cost = times(live.length, plus(prefix, tail));
    return {
      applicable: true,
      ...{ multiplyAdds: cost.multiplyAdds, work: workOf(cost) },
      bytes: blockBytes(structure, live.length, { passes: order, memory }),
      why: `one jet of order ${order} along each of ${live.length} entries`,
    };
  },
  run,
} as const satisfies PlanRow;
