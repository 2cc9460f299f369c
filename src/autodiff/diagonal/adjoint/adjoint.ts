import { part, type Steps } from '../../../tensor/drive.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import { castTo, contiguous, full } from '../../../tensor/tensor.ts';
import { pullbackSteps } from '../../tape.ts';
import { concrete } from '../../trace.ts';
import { plus, times, workOf } from '../cost.ts';
import { costByPowers, runByPowers } from '../gate.ts';
import { costByGroups, runByGroups } from '../groups/groups.ts';
import { blockBytes, laneBytes } from '../lanes.ts';
import {
  cheapest,
  cutSize,
  type Diagonals,
  type Estimate,
  emptyDiagonals,
  jetCost,
  type PlanRow,
  type Task,
} from '../plan.ts';
import { runBlock } from './block.ts';
import { blockAt, cutOf } from './blocks.ts';
import { headOf } from './work.ts';

/** The share of the work that the walk backwards is, as progress shows it. */
const BACKWARDS = 0.02;

function* run(task: Task): Steps<Diagonals> {
  const { order, live } = task;
  const atOnce = order > 1 && live.length > 0 ? wayOf(task).run : undefined;
  if (atOnce !== undefined) return yield* atOnce(task);
  const head = headOf(task);
  const { tape, root, output } = head.structure;
  const out = emptyDiagonals(sizeOf(root.value.shape), order);
  const one = full(output.value.shape, 1, output.value.dtype);
  const cotangents = yield* part(pullbackSteps(tape, new Map([[output, one]]), tape.nodes), 0, BACKWARDS);
  const slopes = cotangents[root.index];
  if (slopes === undefined) return out;
  const first = castTo(contiguous(concrete(slopes)), 'float64').data;
  for (const entry of live) out[0][entry] = first[entry];
  if (order === 1 || live.length === 0) return out;
  const { length } = cutOf(head, task);
  let done = 0;
  const share = (1 - BACKWARDS) / live.length;
  while (done < live.length) {
    const block = blockAt(head, task, { at: done, length });
    const { entries } = block;
    const running = runBlock(head, cotangents, { ...block, order });
    const found = yield* part(running, BACKWARDS + share * done, share * entries.length);
    for (let k = 0; k < found.length; k++) {
      for (let lane = 0; lane < entries.length; lane++) out[k + 1][entries[lane]] = found[k][lane];
    }
    done += entries.length;
  }
  return out;
}

/** Fewer entries than this share of all may be cheaper one by one. */
const FEW = 1 / 8;

/** A way to the higher orders that the walk backwards leaves. */
interface Way extends Omit<Estimate, 'applicable'> {
  /** All entries at once; in blocks where it is not there. */
  readonly run?: (task: Task) => Steps<Diagonals>;
}

function* waysAtOnce(task: Task): Generator<Way> {
  const { order, live } = task;
  const groups = costByGroups(task);
  if (groups !== undefined) {
    yield {
      ...groups,
      why: `jets of order ${order} along each of ${live.length} entries at once, which see each other through a few numbers of their group alone; one walk backwards gives what each weighs`,
      run: runByGroups,
    };
  }
  const powers = costByPowers(task);
  if (powers !== undefined) {
    yield {
      ...powers,
      why: 'y is a function of one number that is linear in smooth functions of linear maps: one walk backwards for each order, then the chain rule',
      run: runByPowers,
    };
  }
}

const chosen = new WeakMap<Task, Way>();

/** The cheapest way. */
function wayOf(task: Task): Way {
  const known = chosen.get(task);
  if (known !== undefined) return known;
  const { structure, order, live } = task;
  const ways = [...waysAtOnce(task)];
  if (ways.length === 0 || live.length < FEW * sizeOf(structure.root.value.shape)) {
    const { multiplyAdds, work, bytes } = cutOf(headOf(task), task);
    ways.push({
      ...{ multiplyAdds: live.length * multiplyAdds, work: live.length * work, bytes },
      why: `jets of order ${order - 1} along each of ${live.length} entries, through what they reach and y reads; one walk backwards gives the highest order`,
    });
  }
  const way = cheapest(ways);
  chosen.set(task, way);
  return way;
}

function estimate(task: Task): Estimate {
  const { structure, order, live, memory } = task;
  const { prefix, tail } = jetCost(structure, 1);
  const backwards = times(2, plus(prefix, tail));
  const cotangents = laneBytes(structure, 1);
  if (cutSize(structure) === 1 || order === 1 || live.length === 0) {
    const lanes = order === 1 ? 0 : live.length;
    const jet = jetCost(structure, order - 1);
    const cost = plus(backwards, times(lanes, plus(jet.prefix, jet.tail)));
    return {
      applicable: true,
      ...{ multiplyAdds: cost.multiplyAdds, work: workOf(cost) },
      bytes: cotangents + blockBytes(structure, lanes, { passes: order - 1, memory }),
      why:
        order === 1
          ? 'one walk backwards'
          : `jets of order ${order - 1} along each of ${live.length} entries`,
    };
  }
  const { multiplyAdds, work, bytes, why } = wayOf(task);
  return {
    applicable: true,
    multiplyAdds: backwards.multiplyAdds + multiplyAdds,
    work: workOf(backwards) + work,
    bytes: cotangents + bytes,
    why,
  };
}

/**
 * The coefficient of the highest order enters linearly, so that one walk backwards replaces it: with b = ∂y/∂u at every operation u
 * that bends, ∂ʳy/∂a_iʳ = r! Σ_u ⟨b_u, rest_r(u)⟩, where rest_r is the coefficient that u makes of the lower coefficients of its
 * inputs: for u = φ(x), rest_2 = φ″ x1²/2 and rest_3 = φ‴ x1³/6 + φ″ x1 x2; for u = x·y, rest_2 = x1 y1 and rest_3 = x1 y2 + x2 y1.
 */
export const adjoint = {
  name: 'adjoint',
  title: 'jets of one order less, and one walk backwards',
  estimate,
  run,
} as const satisfies PlanRow;
