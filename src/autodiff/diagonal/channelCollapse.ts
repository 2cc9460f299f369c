import { part, type Steps } from '../../tensor/drive.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { full, type Tensor } from '../../tensor/tensor.ts';
import { broadcastTo } from '../operations.ts';
import type { Series } from '../primitive.ts';
import { type TakeAttributes, takeRow } from '../primitives/indexing.ts';
import { reshapeRow, sumRow } from '../primitives/shaping.ts';
import { pushSeries } from '../propagate.ts';
import { isNode, type Operation, type TapeNode } from '../tape.ts';
import { concrete } from '../trace.ts';
import { adjoint } from './adjoint/adjoint.ts';
import { chainCost, chainRule, type Inner } from './chainRule.ts';
import { type Cost, free, nodeCost, plus, workOf } from './cost.ts';
import { reachOf, upTo } from './entries.ts';
import { type Coefficients, type Fused, fusedOf, fusedRow, isEntrywise, mapOf } from './fuse.ts';
import { sources } from './groups/layout.ts';
import { jets } from './jets.ts';
import { joinsOf } from './joins.ts';
import { linearPrefix } from './linearPrefix.ts';
import {
  cheapest,
  cutSize,
  type Diagonals,
  type Estimate,
  emptyDiagonals,
  type PlanRow,
  refused,
  type Task,
} from './plan.ts';
import { valuesOf } from './pullRows.ts';
import { analyse, type Structure } from './structure.ts';

interface Behind extends Estimate {
  readonly row: PlanRow;
}

/** A head Y = F(s), s_j = Σ ψ_i(a_i) over the entries i of group j. */
interface Collapse extends Inner {
  /** F, from the sums on, and the plan for it. */
  readonly rest: Task;
  readonly behind: Behind;
  /** What it costs up to the sums. */
  readonly before: Cost;
}

/** The plans that may go on from the sums. */
const plansBehind = [jets, linearPrefix, adjoint] as const satisfies readonly PlanRow[];

const behindFor = (task: Task): Behind =>
  cheapest(plansBehind.map((row) => ({ row, ...row.estimate(task) })).filter(({ applicable }) => applicable));

/** They put entries elsewhere; which of them put each to one place at most, `joinsOf` tells. */
const movers: ReadonlySet<unknown> = new Set([reshapeRow, takeRow]);

/** The operations that read a node, among those that the output depends on. */
function readersOf({ tape, used }: Structure, node: TapeNode): TapeNode[] {
  return tape.nodes.filter(
    ({ index, operation }) => used[index] === 1 && operation?.inputs.some((x) => x === node) === true,
  );
}

/** The activation's entry at each position behind a rearrangement; −1 where nothing is. */
function ownersBehind(operation: Operation, owners: Int32Array | undefined): Int32Array | undefined {
  const { primitive, attributes } = mapOf(operation);
  if (primitive === (reshapeRow as unknown)) return owners;
  const { index } = attributes as TakeAttributes;
  return index.map((from) => (from < 0 || owners === undefined ? from : owners[from]));
}

interface Walk {
  readonly sums: TapeNode;
  /** Of what is summed, each entry along its own; undefined where it is the activation itself. */
  readonly series: Series | undefined;
  /** The activation's entry at each position of what is summed; undefined where that is its own. */
  readonly owners: Int32Array | undefined;
  readonly before: Cost;
}

/** Coefficients behind a function of single entries, or a rearrangement of them. */
function seriesBehind(
  node: TapeNode,
  x: TapeNode,
  { order, series }: { order: number; series?: Series | undefined },
): Series {
  const operation = node.operation as Operation;
  const { primitive, attributes } = mapOf(operation);
  if (series === undefined && primitive === (fusedRow as unknown))
    return (attributes as Coefficients).coefficients;
  const none = new Array<undefined>(order - 1).fill(undefined);
  const own = series ?? [x.value, full(x.value.shape, 1, x.value.dtype), ...none];
  const xs = operation.inputs.map((input, i) =>
    input === x ? own : [operation.values[i], undefined, ...none],
  );
  const map = () => ({ primitive, attributes }) as never;
  return pushSeries(primitive, xs, { y: node.value, order, attributes, map });
}

/** From the activation to the sums: entry by entry, one reader each. A text says what stands in the way. */
function walk({ structure }: Fused, order: number): Walk | string {
  let node = structure.root;
  let series: Series | undefined;
  let owners: Int32Array | undefined;
  let before = free;
  for (;;) {
    const readers = readersOf(structure, node);
    if (readers.length !== 1) {
      return readers.length === 0
        ? 'nothing is summed'
        : `${readers.length} operations read the activation, or what is made of it entry by entry`;
    }
    const [reader] = readers;
    const operation = reader.operation as Operation;
    const { primitive } = mapOf(operation);
    if (operation.inputs.filter(isNode).length !== 1) return `${primitive.name} reads it twice`;
    if (primitive === (sumRow as unknown)) {
      return { sums: reader, series, owners, before: plus(before, nodeCost(reader)) };
    }
    const keeps = isEntrywise(primitive) && sizeOf(reader.value.shape) === sizeOf(node.value.shape);
    const isMove = movers.has(primitive) && joinsOf(operation, 0, reader.value.shape)?.toOne === true;
    if (!isMove && !keeps) return `${primitive.name} mixes entries before they are summed`;
    if (isMove) owners = ownersBehind(operation, owners);
    if (!isMove || series !== undefined) series = seriesBehind(reader, node, { order, series });
    before = plus(before, nodeCost(reader, order));
    node = reader;
  }
}

const known = new WeakMap<Task, Collapse | string>();

function collapseOf(task: Task): Collapse | string {
  const before = known.get(task);
  if (before !== undefined) return before;
  const found = collapse(task);
  known.set(task, found);
  return found;
}

/** The sum that each entry is in, and ψ at each entry. */
function partsOf({ sums, series, owners }: Walk, { size, order }: { size: number; order: number }): Inner {
  const groupAt = sources((sums.operation as Operation).values[0].shape, sums.value.shape);
  const coefficients = Array.from({ length: order + 1 }, (_, k) => {
    if (series === undefined) return k === 1 ? new Float64Array(size).fill(1) : undefined;
    const c = k === 0 ? undefined : series[k];
    const values = c && valuesOf(broadcastTo(concrete(c), (series[0] as Tensor).shape));
    return values?.some((value) => value !== 0) ? values : undefined;
  });
  if (owners === undefined) return { groups: groupAt, psi: coefficients };
  const groups = new Int32Array(size).fill(-1);
  owners.forEach((entry, p) => {
    if (entry >= 0) groups[entry] = groupAt[p];
  });
  if (series === undefined) return { groups, psi: coefficients };
  const psi = coefficients.map((values) => {
    const own = values && new Float64Array(size);
    if (own !== undefined)
      owners.forEach((entry, p) => {
        if (entry >= 0) own[entry] = (values as Float64Array)[p];
      });
    return own;
  });
  return { groups, psi };
}

function collapse(task: Task): Collapse | string {
  const fused = fusedOf(task);
  const walked = walk(fused, task.order);
  if (typeof walked === 'string') return walked;
  const { sums, before } = walked;
  const size = sizeOf(fused.structure.root.value.shape);
  const { groups, psi } = partsOf(walked, { size, order: task.order });
  const structure = analyse({ ...fused.structure.tape, roots: [sums] }, fused.structure.output);
  const isLive = new Uint8Array(sizeOf(sums.value.shape));
  for (let i = 0; i < task.live.length; i++) isLive[groups[task.live[i]]] = 1;
  const live = upTo(isLive.length).filter((group) => isLive[group] === 1);
  const { order, score } = task;
  const read = task.read && fused.origins.map(({ index }) => task.read?.[index]);
  const at = fused.origins.indexOf(task.logits as TapeNode);
  const logits = task.logits && at >= 0 ? { logits: fused.structure.tape.nodes[at] } : {};
  const rest: Task = {
    structure,
    order,
    live,
    memory: task.memory,
    ...(read && { read }),
    ...(score && { score }),
    ...logits,
  };
  return { rest, behind: behindFor(rest), groups, psi, before };
}

function* run(task: Task): Steps<Diagonals> {
  const found = collapseOf(task) as Collapse;
  const { rest, behind, groups } = found;
  const reach = cutSize(rest.structure) === 1 ? yield* part(reachOf(rest.structure, rest.live), 0, 0.05) : {};
  const inner = yield* part(behind.row.run({ ...rest, ...reach }), 0.05, 0.9);
  const out = emptyDiagonals(groups.length, task.order);
  chainRule(out, inner, { ...found, live: task.live });
  yield 1;
  return out;
}

function estimate(task: Task): Estimate {
  const found = collapseOf(task);
  if (typeof found === 'string') return refused(found);
  const { rest, behind: inner, before, groups } = found;
  const around = plus(before, chainCost(task.live.length, task.order));
  return {
    applicable: true,
    multiplyAdds: around.multiplyAdds + inner.multiplyAdds,
    work: workOf(around) + inner.work,
    // ψ and its coefficients as they are made, and those that are kept.
    bytes: inner.bytes + 2 * 8 * task.order * groups.length,
    why: `y reads ${rest.live.length} sums of functions of single entries: their derivatives by ${inner.row.name}, then the chain rule at each of ${task.live.length} entries`,
  };
}

/**
 * Y = F(s) with s_j = Σ ψ_i(a_i): as many directions as sums instead of entries, such as one a channel in front of a global average
 * pool. D_r by the chain rule: D2 = F″ψ′² + F′ψ″, D3 = F‴ψ′³ + 3F″ψ′ψ″ + F′ψ‴.
 */
export const channelCollapse = {
  name: 'channel-collapse',
  title: 'one direction for each sum that y reads, the chain rule to its entries',
  estimate,
  run,
} as const satisfies PlanRow;
