import { part, type Steps } from '../../tensor/drive.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { full, type Tensor } from '../../tensor/tensor.ts';
import { factorial } from '../coefficients.ts';
import type { Series } from '../primitive.ts';
import type { TapeNode } from '../tape.ts';
import { plus, times, workOf } from './cost.ts';
import { blocksOf, lanesOf, oneHots } from './entries.ts';
import { writeLanes } from './jets.ts';
import { blockBytes, lanesAtOnce } from './lanes.ts';
import {
  cutSize,
  type Diagonals,
  type Estimate,
  emptyDiagonals,
  jetCost,
  type PlanRow,
  refused,
  type Task,
} from './plan.ts';
import { prunedSteps } from './prune.ts';
import { pullRows, rowBytes, valuesOf } from './pullRows.ts';
import { replay } from './replay.ts';
import type { Directions } from './score.ts';
import { nonlinearOperations } from './structure.ts';

/** The directions in which each of the nodes moves with the entries of a block, which begins at the live entry `at`. */
type DirectionsOf = (block: Int32Array, at: number) => Steps<Directions[]>;

/** The highest order for which scores have closed forms, and the directions that one is given at once. */
const CLOSED_ORDER = 3;
const CLOSED_LANES = 2048;

/** What VJPs multiply of a head: the rest is behind units that are shut. */
const OPEN = 0.5;

/** Rows of VJPs are held at once, one number for each value that leaves and each entry: 1 GiB at most. */
const MOST_ROWS = 2 ** 27;

/** Whether the directions of `entries` through so many values are found by VJPs, one a value, rather than by JVPs, one an entry. */
export function byVjps(values: number, entries: number, memory = 16 * MOST_ROWS): boolean {
  return values <= entries && values * entries <= Math.min(MOST_ROWS, memory / 16);
}

/** ∂nodes/∂a by VJPs: one for each value of the nodes, kept at the live entries only. */
function* byPullbacks({ structure, live, memory }: Task, nodes: readonly TapeNode[]): Steps<DirectionsOf> {
  const total = valuesIn(nodes);
  const rowsOf: Float64Array[] = [];
  let done = 0;
  for (const node of nodes) {
    const count = sizeOf(node.value.shape);
    const seeds = (block: Int32Array) => oneHots(block, node.value);
    const rows = pullRows(structure, { from: node, count, seeds, entries: live, memory });
    rowsOf.push(yield* part(rows, done / total, count / total));
    done += count;
  }
  const [valueStride, laneStride] = [live.length, 1];
  return function* ({ length: count }, at) {
    return rowsOf.map((rows) => ({ data: rows.subarray(at), count, valueStride, laneStride }));
  };
}

function valuesIn(nodes: readonly TapeNode[]): number {
  return nodes.reduce((total, { value }) => total + sizeOf(value.shape), 0);
}

/** ∂nodes/∂a by JVPs: one for each live entry. */
function byTangents({ structure }: Task, nodes: readonly TapeNode[]): DirectionsOf {
  const { root } = structure;
  return function* (block) {
    const seeds = new Map<TapeNode, Series>([[root, [root.value, oneHots(block, root.value)]]]);
    const series = yield* replay(structure, seeds, { order: 1, targets: nodes });
    return series.map(([, slope], which) => {
      const laneStride = sizeOf(nodes[which].value.shape);
      const data = slope === undefined ? new Float64Array(block.length * laneStride) : valuesOf(slope);
      return { data, count: block.length, valueStride: 1, laneStride };
    });
  };
}

/** Directions as lanes of a tensor like `node`'s value. */
function asLanes({ data, count, valueStride, laneStride }: Directions, { shape }: Tensor): Tensor {
  const length = sizeOf(shape);
  if (valueStride === 1) return lanesOf(data, count, shape);
  const out = new Float64Array(count * length);
  for (let p = 0; p < length; p++) {
    for (let lane = 0; lane < count; lane++)
      out[lane * length + p] = data[p * valueStride + lane * laneStride];
  }
  return lanesOf(out, count, shape);
}

/** D_r = y⁽ʳ⁾ gʳ at the entries given; exactly 0 where g is. `outer` holds y′, y″, …; powers multiply. */
export function powerRule(
  outer: readonly number[],
  slopes: ArrayLike<number>,
  entries: Int32Array,
): Diagonals {
  const out = emptyDiagonals(slopes.length, outer.length);
  for (const entry of entries) {
    const slope = slopes[entry];
    if (slope === 0) continue;
    let power = slope;
    for (let r = 0; r < outer.length; r++, power *= slope) {
      if (outer[r] !== 0) out[r][entry] = outer[r] * power;
    }
  }
  return out;
}

/** One value leaves the prefix: y⁽ʳ⁾ are the tail's derivatives, g one VJP. */
function* throughScalar({ structure, order, live, slopes }: Task): Steps<Diagonals> {
  const { cut, root, output } = structure;
  const [node] = cut;
  if (slopes === undefined) return emptyDiagonals(sizeOf(root.value.shape), order);
  const one = full(node.value.shape, 1, node.value.dtype);
  const higher = new Array<undefined>(order - 1).fill(undefined);
  const [series] = yield* replay(structure, new Map([[node, [node.value, one, ...higher]]]), {
    order,
    targets: [output],
  });
  const outer = Array.from({ length: order }, (_, i) => {
    const c = series[i + 1];
    return c === undefined ? 0 : factorial(i + 1) * valuesOf(c)[0];
  });
  return powerRule(outer, slopes, live);
}

function* run(task: Task): Steps<Diagonals> {
  if (cutSize(task.structure) === 1) return yield* throughScalar(task);
  const { prune, live, memory } = task;
  if (prune === undefined || !hasClosedForm(task) || !byVjps(valuesIn([task.logits]), live.length, memory)) {
    return yield* unpruned(task);
  }
  return (yield* part(prunedSteps({ ...task, prune }), 0, 0.5)) ?? (yield* part(unpruned(task), 0.5, 0.5));
}

/** Whether y is a score of linear logits that has a closed form along their directions. */
function hasClosedForm(task: Task): task is Task & Required<Pick<Task, 'logits' | 'score'>> {
  const { structure, order, score, logits } = task;
  const fits = logits !== undefined && structure.linear[logits.index] === 1 && order <= CLOSED_ORDER;
  return fits && score?.derivativesAlong !== undefined;
}

function* unpruned(task: Task): Steps<Diagonals> {
  const { structure, order, live, score, logits } = task;
  const { cut, root, output } = structure;
  const out = emptyDiagonals(sizeOf(root.value.shape), order);
  const closed = hasClosedForm(task) ? score?.derivativesAlong?.bind(score) : undefined;
  const exits = closed === undefined ? cut : [logits as TapeNode];
  const backwards = byVjps(valuesIn(exits), live.length, task.memory);
  const start = backwards ? shareOfPullbacks(task, valuesIn(exits)) : 0;
  const directionsOf = backwards ? yield* part(byPullbacks(task, exits), 0, start) : byTangents(task, exits);
  const higher = new Array<undefined>(order - 1).fill(undefined);
  const atOnce =
    closed !== undefined && backwards
      ? CLOSED_LANES
      : lanesAtOnce(structure, { passes: order, memory: task.memory });
  let at = 0;
  for (const block of blocksOf(live, atOnce)) {
    const share = (1 - start) / live.length;
    const from = start + share * at;
    const directions = yield* part(directionsOf(block, at), from, (share * block.length) / 2);
    at += block.length;
    if (closed !== undefined) {
      const derivatives = closed(valuesOf(exits[0].value), directions[0], order);
      for (let r = 0; r < order; r++) {
        for (let lane = 0; lane < block.length; lane++) out[r][block[lane]] = derivatives[r][lane];
      }
      yield start + share * at;
      continue;
    }
    const seeds = new Map<TapeNode, Series>(
      exits.map((node, i) => [node, [node.value, asLanes(directions[i], node.value), ...higher]]),
    );
    const jets = replay(structure, seeds, { order, targets: [output] });
    const [series] = yield* part(jets, from + (share * block.length) / 2, (share * block.length) / 2);
    writeLanes(out, block, series);
  }
  return out;
}

/** The share of the plan's work that its VJPs are. */
function shareOfPullbacks({ structure, order, live }: Task, passes: number): number {
  const { prefix, tail } = jetCost(structure, order);
  const before = workOf(times(passes, prefix));
  return before / (before + workOf(times(live.length, tail)));
}

function estimate(task: Task): Estimate {
  const { structure, order, live, memory } = task;
  if (structure.cut.includes(structure.root)) {
    const first = Object.keys(nonlinearOperations(structure)).join(', ');
    return refused(`the activation itself enters an operation that is not piecewise linear (among ${first})`);
  }
  const { prefix, tail } = jetCost(structure, order);
  const { multiplyAdds } = prefix;
  const size = cutSize(structure);
  const backwards = byVjps(size, live.length, memory);
  const passes = backwards ? size : live.length;
  const mode = backwards ? 'VJPs' : 'JVPs';
  const lanes = size === 1 ? 1 : live.length;
  const open = backwards ? OPEN : 1;
  const behind = backwards && hasClosedForm(task) ? { multiplyAdds: 0, values: order * size } : tail;
  const held = backwards ? rowBytes(structure, size, { live, memory }) : 0;
  return {
    applicable: true,
    multiplyAdds: passes * multiplyAdds + lanes * tail.multiplyAdds,
    work: workOf(plus(times(passes, { ...prefix, multiplyAdds: open * multiplyAdds }), times(lanes, behind))),
    bytes: held + blockBytes(structure, lanes, { passes: order, memory }),
    why: `${size} ${size === 1 ? 'value leaves' : 'values leave'} the piecewise-linear part: ${passes} ${mode}, then jets through the rest`,
  };
}

/**
 * D_r of entry i is the r-th derivative of the tail along v_i = ∂cut/∂a_i, because the cut depends piecewise-linearly on
 * the activation: the fewer of VJPs and JVPs give all v_i, then the tail's jets (or the score's closed form) do the rest.
 */
export const linearPrefix = {
  name: 'linear-prefix',
  title: 'products through the piecewise-linear part, jets through the rest',
  estimate,
  run,
} as const satisfies PlanRow;
