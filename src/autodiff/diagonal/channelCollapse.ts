import { part, type Steps } from '../../tensor/drive.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { contiguous, fromData, full, type Tensor } from '../../tensor/tensor.ts';
import { factorial } from '../coefficients.ts';
import type { Series } from '../primitive.ts';
import { takeRow } from '../primitives/indexing.ts';
import { reshapeRow, sumRow } from '../primitives/shaping.ts';
import { pushSeries } from '../propagate.ts';
import { isNode, type Operation, type TapeNode } from '../tape.ts';
import { apply, concrete } from '../trace.ts';
import { adjoint } from './adjoint/adjoint.ts';
import { reachOf, upTo } from './entries.ts';
import { type Fused, fusedOf, isEntrywise, mapOf } from './fuse.ts';
import { jets } from './jets.ts';
import { joinsOf } from './joins.ts';
import { linearPrefix } from './linearPrefix.ts';
import { cutSize, type Diagonals, type Estimate, emptyDiagonals, type PlanRow, type Task } from './plan.ts';
import { valuesOf } from './pullRows.ts';
import { analyse, costOf, type Structure } from './structure.ts';

/** A head Y = F(s), s_j = Σ ψ_i(a_i) over the entries i of group j. */
interface Collapse {
  /** F, from the sums on. */
  readonly rest: Task;
  /** The sum that each entry is in; −1 for entries that are in none. */
  readonly groups: Int32Array;
  /** Taylor coefficients of ψ at each entry: psi[k][i] is ψ_i⁽ᵏ⁾/k!. */
  readonly psi: readonly (Float64Array | undefined)[];
  /** Multiply-adds up to the sums. */
  readonly before: number;
}

/** The plans that may go on from the sums. */
const plansBehind = [jets, linearPrefix, adjoint] as const satisfies readonly PlanRow[];

interface Behind {
  readonly row: PlanRow;
  readonly multiplyAdds: number;
}

function cheapest(task: Task): Behind {
  const found = plansBehind.flatMap((row): Behind[] => {
    const { applicable, multiplyAdds } = row.estimate(task);
    return applicable ? [{ row, multiplyAdds }] : [];
  });
  return found.reduce((a, b) => (b.multiplyAdds < a.multiplyAdds ? b : a));
}

/** first, first + 1, … in row-major order. */
function countedFrom(first: number, shape: Shape): Tensor {
  const data = new Float64Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = first + i;
  return fromData(data, shape);
}

/** They put entries elsewhere; which of them put each to one place at most, `joinsOf` tells. */
const movers: ReadonlySet<unknown> = new Set([reshapeRow, takeRow]);

/** The operations that read a node, among those that the output depends on. */
function readersOf({ tape, used }: Structure, node: TapeNode): TapeNode[] {
  return tape.nodes.filter(
    ({ index, operation }) => used[index] === 1 && operation?.inputs.some((x) => x === node) === true,
  );
}

/** From the activation to the sums: entry by entry, one reader each. A text says what stands in the way. */
function walk(
  { structure }: Fused,
  order: number,
): { sums: TapeNode; series: Series; owners: Float64Array; before: number } | string {
  const { root } = structure;
  const none = new Array<undefined>(order - 1).fill(undefined);
  let node = root;
  let series: Series = [root.value, full(root.value.shape, 1, root.value.dtype), ...none];
  // Counted from 1: where nothing is moved to, 0 is left.
  let owners = countedFrom(1, root.value.shape);
  let before = 0;
  for (;;) {
    const readers = readersOf(structure, node);
    if (readers.length !== 1) {
      return readers.length === 0
        ? 'nothing is summed'
        : `${readers.length} operations read the activation, or what is made of it entry by entry`;
    }
    const [reader] = readers;
    const operation = reader.operation as Operation;
    const map = mapOf(operation);
    if (operation.inputs.filter(isNode).length !== 1) return `${map.primitive.name} reads it twice`;
    if (map.primitive === (sumRow as unknown)) {
      return { sums: reader, series, owners: valuesOf(owners), before: before + costOf(reader) };
    }
    const keeps = isEntrywise(map.primitive) && sizeOf(reader.value.shape) === sizeOf(node.value.shape);
    const isMove = movers.has(map.primitive) && joinsOf(operation, 0, reader.value.shape)?.toOne === true;
    if (!isMove && !keeps) return `${map.primitive.name} mixes entries before they are summed`;
    const xs = operation.inputs.map((x, i) =>
      x === node ? series : [operation.values[i], undefined, ...none],
    );
    series = pushSeries(map.primitive, xs, {
      y: reader.value,
      order,
      attributes: map.attributes,
      map: () => map as never,
    });
    if (isMove) owners = apply(map.primitive, [owners], map.attributes);
    else owners = fromData(contiguous(owners).data, reader.value.shape);
    before += costOf(reader) * order;
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

function collapse(task: Task): Collapse | string {
  const fused = fusedOf(task);
  const walked = walk(fused, task.order);
  if (typeof walked === 'string') return walked;
  const { sums, series, owners, before } = walked;
  const operation = sums.operation as Operation;
  const size = sizeOf(fused.structure.root.value.shape);
  const places = countedFrom(0, sums.value.shape);
  const [{ shape }] = operation.values;
  const groupAt = valuesOf(
    sumRow.transpose(places, operation.attributes as never, { index: 0, shape, shapes: [shape] }),
  );
  const groups = new Int32Array(size).fill(-1);
  const isZero = (c: Tensor) => contiguous(concrete(c)).data.every((value) => value === 0);
  const psi = series.map((c, k) =>
    k === 0 || c === undefined || isZero(c) ? undefined : new Float64Array(size),
  );
  const coefficients = series.map((c) => c && valuesOf(c));
  for (let p = 0; p < owners.length; p++) {
    if (owners[p] === 0) continue;
    const entry = owners[p] - 1;
    groups[entry] = groupAt[p];
    for (let k = 1; k < psi.length; k++) {
      const out = psi[k];
      const c = coefficients[k];
      if (out !== undefined && c !== undefined) out[entry] = c[p];
    }
  }
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
  return { rest, groups, psi, before };
}

/**
 * Coefficient k of F(s + Σ ψ_k hᵏ) is Σ_m f_m [ψᵐ]_k: the powers of ψ's series are built up one by one, for all entries at once, and
 * what is zero by structure is not multiplied.
 */
function chainRule(out: Diagonals, inner: Diagonals, { groups, psi }: Collapse, live: Int32Array): void {
  const order = out.length;
  let power: (Float64Array | undefined)[] = [...psi];
  for (let m = 1; m <= order; m++) {
    for (let k = m; k <= order; k++) {
      const terms = power[k];
      if (terms === undefined) continue;
      const scale = factorial(k) / factorial(m);
      const [to, f] = [out[k - 1], inner[m - 1]];
      for (let i = 0; i < live.length; i++) {
        const entry = live[i];
        to[entry] += scale * f[groups[entry]] * terms[entry];
      }
    }
    if (m < order) power = timesPsi(power, psi, { m, live });
  }
}

/** The series of ψᵐ⁺¹ from that of ψᵐ, which begins at order m. */
function timesPsi(
  power: readonly (Float64Array | undefined)[],
  psi: Collapse['psi'],
  { m, live }: { m: number; live: Int32Array },
): (Float64Array | undefined)[] {
  return psi.map((_, k) => {
    let sum: Float64Array | undefined;
    for (let j = 1; j <= k - m; j++) {
      const [own, other] = [psi[j], power[k - j]];
      if (own === undefined || other === undefined) continue;
      sum ??= new Float64Array(own.length);
      for (let i = 0; i < live.length; i++) sum[live[i]] += own[live[i]] * other[live[i]];
    }
    return sum;
  });
}

function* run(task: Task): Steps<Diagonals> {
  const found = collapseOf(task) as Collapse;
  const { rest, groups } = found;
  const reach = cutSize(rest.structure) === 1 ? yield* part(reachOf(rest.structure, rest.live), 0, 0.05) : {};
  const inner = yield* part(cheapest(rest).row.run({ ...rest, ...reach }), 0.05, 0.9);
  const out = emptyDiagonals(groups.length, task.order);
  chainRule(out, inner, found, task.live);
  yield 1;
  return out;
}

function estimate(task: Task): Estimate {
  const found = collapseOf(task);
  if (typeof found === 'string')
    return { applicable: false, multiplyAdds: Number.POSITIVE_INFINITY, why: found };
  const { rest, before } = found;
  const inner = cheapest(rest);
  return {
    applicable: true,
    multiplyAdds: before + inner.multiplyAdds + task.live.length * task.order ** 2,
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
