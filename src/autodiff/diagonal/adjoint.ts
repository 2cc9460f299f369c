import { part, type Steps } from '../../tensor/drive.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { castTo, contiguous, full, type Tensor } from '../../tensor/tensor.ts';
import { type Coefficient, factorial, plus } from '../coefficients.ts';
import type { Primitive, Series } from '../primitive.ts';
import { pushSeries } from '../propagate.ts';
import { isNode, type Operation, pullbackSteps, type TapeNode } from '../tape.ts';
import { apply, concrete } from '../trace.ts';
import { bend } from './bend.ts';
import { type Box, boxOfRun, crop, entriesOf, placer, shapeOf, wholeOf } from './boxes/box.ts';
import { type Part, partOf } from './boxes/rules.ts';
import { bends, type Coefficients, fusedOf, fusedRow, mapOf } from './fuse.ts';
import { addLowRankProducts, fitLanes, keepsLowRank, lanesOf, lowRankOf } from './lowRank.ts';
import {
  cutSize,
  type Diagonals,
  type Estimate,
  emptyDiagonals,
  jetCost,
  type PlanRow,
  type Task,
} from './plan.ts';
import type { Structure } from './structure.ts';

/** A head in which entrywise chains are one operation each, and what y reads of it. */
interface Head {
  readonly structure: Structure;
  /** The part of each node that y reads. */
  readonly read: readonly (Box | undefined)[];
  /** 1 for nodes whose coefficients an operation that bends needs, at once or through others. */
  readonly needed: Uint8Array;
}

function neededBy({ tape: { nodes }, used }: Structure): Uint8Array {
  const needed = new Uint8Array(nodes.length);
  for (let index = nodes.length - 1; index >= 0; index--) {
    const { operation } = nodes[index];
    if (operation === undefined || used[index] === 0) continue;
    if (needed[index] === 0 && !bends(operation)) continue;
    for (const input of operation.inputs) if (isNode(input)) needed[input.index] = 1;
  }
  return needed;
}

const heads = new WeakMap<Task, Head>();

function headOf(task: Task): Head {
  const known = heads.get(task);
  if (known !== undefined) return known;
  const { structure, origins } = fusedOf(task);
  const read = origins.map(({ index, value }) => (task.read ? task.read[index] : wholeOf(value.shape)));
  const head = { structure, read, needed: neededBy(structure) };
  heads.set(task, head);
  return head;
}

/** One operation for a block of entries: the part of it that is neither zero nor unread. */
interface Work extends Part {
  readonly node: TapeNode;
  readonly operation: Operation;
  readonly primitive: Exclude<Primitive, { kind: 'constant' }>;
  readonly bends: boolean;
  /** Whether its lanes keep their form, one entry and a few shared vectors, as far as is seen without running it. */
  readonly isLow: boolean;
  /** Whether an operation behind it needs its coefficients. */
  readonly keeps: boolean;
}

/** What a block of entries in the box `start` has to do. */
function workFor({ structure, read, needed }: Head, start: Box): Work[] {
  const { tape, root, used } = structure;
  const boxes = new Array<Box | undefined>(tape.nodes.length).fill(undefined);
  boxes[root.index] = start;
  const low = new Uint8Array(tape.nodes.length);
  low[root.index] = 1;
  const works: Work[] = [];
  for (const node of tape.nodes) {
    const { index, operation, value } = node;
    const wanted = read[index];
    if (operation === undefined || used[index] === 0 || wanted === undefined) continue;
    const keeps = needed[index] === 1;
    const own = operation.inputs.map((x) => (isNode(x) ? boxes[x.index] : undefined));
    const moving = own.filter((box) => box !== undefined).length;
    const { primitive, attributes } = mapOf(operation);
    const isBent = primitive.kind === 'elementwise' || (primitive.kind === 'bilinear' && moving === 2);
    if (moving === 0 || !(keeps || isBent)) continue;
    const shapes = operation.values.map((x) => x.shape);
    const found = partOf(primitive, { attributes, shapes, output: value.shape, boxes: own, wanted });
    if (entriesOf(found.output) === 0) continue;
    boxes[index] = found.output;
    const isLow =
      operation.inputs.every((x, i) => !isNode(x) || own[i] === undefined || low[x.index] === 1) &&
      keepsLowRank(primitive, entriesOf(found.output));
    if (isLow) low[index] = 1;
    works.push({ ...found, node, operation, primitive, bends: isBent, isLow, keeps });
  }
  return works;
}

/** Coefficient k of an operation's output as far as the lower coefficients of its inputs make it. */
function restOf({ primitive, attributes }: Work, xs: readonly Series[], y: Tensor, k: number): Coefficient {
  if (primitive.kind === 'bilinear') {
    const [a, b] = xs;
    let total: Coefficient;
    for (let j = 1; j < k; j++) {
      const [left, right] = [a[j], b[k - j]];
      if (left !== undefined && right !== undefined)
        total = plus(total, apply(primitive, [left, right], attributes));
    }
    return total;
  }
  if (primitive.kind !== 'elementwise') return undefined;
  const lower = xs.map((x) => [...x.slice(0, k), undefined]);
  return primitive.taylor(lower, y, k, attributes)[k];
}

/** out[lane] += factor · Σ_p b[p] · rest[lane, p]; where y does not read an entry, its rest is not looked at. */
function addProducts(out: Float64Array, b: Tensor, rest: Tensor, factor: number): void {
  const weights = contiguous(concrete(b)).data;
  const low = lowRankOf(rest);
  if (low !== undefined) {
    addLowRankProducts(out, weights, low, factor);
    return;
  }
  const { data } = contiguous(concrete(rest));
  const step = data.length === weights.length && out.length > 1 ? 0 : weights.length;
  for (let lane = 0, base = 0; lane < out.length; lane++, base += step) {
    let sum = 0;
    for (let p = 0; p < weights.length; p++) if (weights[p] !== 0) sum += weights[p] * data[base + p];
    out[lane] += factor * sum;
  }
}

interface Held {
  readonly box: Box;
  readonly series: Series;
}

/** One 1 a lane, at its entry: [entries.length, ...box]. */
function seedsIn(box: Box, entries: Int32Array, { shape, dtype }: Tensor): Tensor {
  const own = shapeOf(box);
  const places = entries.map(placer(wholeOf(shape), box));
  const values = new Float64Array(entries.length).fill(1);
  const seeds = lanesOf({ lanes: entries.length, shape: own, own: { at: places, values }, terms: [] });
  return dtype === 'float64' ? seeds : castTo(concrete(seeds), dtype);
}

/** The inputs' coefficients, in the parts that the operation reads; of those that do not vary the first alone. */
function inputsOf({ operation, inputs }: Work, held: ReadonlyMap<TapeNode, Held>, order: number): Series[] {
  return operation.inputs.flatMap((x, i): Series[] => {
    const region = inputs[i];
    if (region === undefined) return [];
    const value = crop(operation.values[i], region, operation.values[i].shape);
    const known = isNode(x) ? held.get(x) : undefined;
    const higher = known?.series.slice(1) ?? new Array<undefined>(order).fill(undefined);
    return [[value, ...higher.map((c) => c && fitLanes(c, (known as Held).box, region))]];
  });
}

/** What a block's operations are run on. */
interface Running {
  readonly xs: readonly Series[];
  /** The operation's own value, and ∂y by it. */
  readonly y: Tensor;
  readonly weights: Tensor;
  readonly order: number;
  /** out[k − 2][lane]: ∂ᵏy of the entries. */
  readonly out: readonly Float64Array[];
}

/** Adds what an operation makes of its inputs' lower coefficients, and returns its own coefficients where they are needed. */
function runWork(work: Work, { xs, y, weights, order, out }: Running): Series | undefined {
  const { primitive, attributes, keeps } = work;
  const [, x1, x2] = xs[0];
  if (primitive === (fusedRow as unknown) && order === 3 && x1 && lowRankOf(x1) === undefined) {
    const { coefficients } = attributes as Coefficients;
    const numbers = contiguous(concrete(weights)).data;
    const bent = bend([out[0], out[1]], { coefficients, weights: numbers, x1, x2, keeps });
    return bent && [y, bent.first, bent.second, undefined];
  }
  for (let k = 2; work.bends && k <= order; k++) {
    const rest = restOf(work, xs, y, k);
    if (rest !== undefined) addProducts(out[k - 2], weights, rest, factorial(k));
  }
  if (!keeps) return undefined;
  const map = () => ({ primitive, attributes }) as never;
  return [...pushSeries(primitive, xs, { y, order: order - 1, attributes, map }), undefined];
}

/** The diagonals of one block: out[k − 2][lane] is ∂ᵏy of its entries, k = 2 … order. */
function* runBlock(
  { structure: { root } }: Head,
  cotangents: readonly (Tensor | undefined)[],
  { works, start, entries, order }: Block & { readonly order: number },
): Steps<Float64Array[]> {
  const out = Array.from({ length: order - 1 }, () => new Float64Array(entries.length));
  const higher = new Array<undefined>(order - 1).fill(undefined);
  const held = new Map<TapeNode, Held>();
  held.set(root, { box: start, series: [root.value, seedsIn(start, entries, root.value), ...higher] });
  const lastUse = new Map<TapeNode, number>();
  for (const [at, { operation }] of works.entries()) {
    for (const x of operation.inputs) if (isNode(x)) lastUse.set(x, at);
  }
  for (const [at, work] of works.entries()) {
    const { node, operation, output } = work;
    const { shape } = node.value;
    const y = crop(node.value, output, shape);
    const weights = crop(cotangents[node.index] as Tensor, output, shape);
    const series = runWork(work, { xs: inputsOf(work, held, order), y, weights, order, out });
    if (series !== undefined) held.set(node, { box: output, series });
    for (const x of operation.inputs) if (isNode(x) && lastUse.get(x) === at) held.delete(x);
    yield (at + 1) / works.length;
  }
  return out;
}

/** Numbers that a lane of low rank is, roughly. */
const LOW_VALUES = 4;

/** Values held at once by one coefficient of the widest node. */
const BLOCK_VALUES = 1 << 20;

const mostValues = (works: readonly Work[]): number =>
  works.reduce((most, { output, isLow }) => (isLow ? most : Math.max(most, entriesOf(output))), LOW_VALUES);

/** Multiply-adds of one lane. */
function costOfWorks(works: readonly Work[], order: number): number {
  let total = 0;
  for (const { primitive, operation, inputs, output, attributes, bends: isBent, keeps, isLow } of works) {
    const shapes = inputs.map((box, i) => (box ? shapeOf(box) : operation.values[i].shape));
    const own = shapeOf(output);
    const products =
      primitive.kind === 'bilinear' ? primitive.multiplyAdds?.(shapes, own, attributes) : undefined;
    const values = isLow ? Math.min(LOW_VALUES, entriesOf(output)) : (products ?? entriesOf(output));
    const passes = (keeps ? order - 1 : 0) + (isBent ? 2 * (order - 1) : 0);
    total += passes * values;
  }
  return total;
}

interface Cut {
  /** Entries of a block: consecutive in row-major order, a whole part of the axes from some on. */
  readonly length: number;
  /** Multiply-adds of one lane. */
  readonly multiplyAdds: number;
}

/** What an operation costs beside its multiply-adds, shared by the lanes of a block. */
const OVERHEAD = 20_000;

/** Where the live entries from `value` on begin. */
function firstFrom(live: Int32Array, value: number): number {
  let [low, high] = [0, live.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (live[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Live entries that go together, and what they have to do. */
interface Block {
  readonly entries: Int32Array;
  readonly start: Box;
  readonly works: readonly Work[];
}

/** Live entries from `at` on that are within the same multiple of `length`, as many as go at once. */
function blockAt(head: Head, live: Int32Array, { at, length }: { at: number; length: number }): Block {
  const { shape } = head.structure.root.value;
  const end = firstFrom(live, (Math.floor(live[at] / length) + 1) * length);
  const inside = live.subarray(at, end);
  const start = boxOfRun({ from: inside[0], to: inside[inside.length - 1] + 1 }, shape);
  const works = workFor(head, start);
  const atOnce = Math.max(1, Math.floor(BLOCK_VALUES / mostValues(works)));
  return { entries: inside.subarray(0, atOnce), start, works };
}

/** Blocks such that the parts that they need are cheapest: the entries of a token, of a channel, or as many as go at once. */
function cutOf(head: Head, { live, order }: Task): Cut {
  const { shape } = head.structure.root.value;
  const lengths = [...new Set(shape.map((_, axis) => sizeOf(shape.slice(axis))))];
  let best: (Cut & { readonly cost: number }) | undefined;
  for (const length of lengths) {
    const at = firstFrom(live, Math.floor(live[live.length >> 1] / length) * length);
    const { entries, works } = blockAt(head, live, { at, length });
    const multiplyAdds = costOfWorks(works, order);
    const cost = multiplyAdds + (OVERHEAD * works.length) / entries.length;
    if (best === undefined || cost < best.cost) best = { length, multiplyAdds, cost };
  }
  return best as Cut;
}

/** The share of the work that the walk backwards is, as progress shows it. */
const BACKWARDS = 0.02;

function* run(task: Task): Steps<Diagonals> {
  const { order, live } = task;
  const head = headOf(task);
  const { tape, root, output } = head.structure;
  const out = emptyDiagonals(sizeOf(root.value.shape), order);
  const one = full(output.value.shape, 1, output.value.dtype);
  const cotangents = yield* part(pullbackSteps(tape, new Map([[output, one]]), tape.nodes), 0, BACKWARDS);
  const slopes = cotangents[root.index];
  if (slopes === undefined) return out;
  const first = castTo(contiguous(concrete(slopes)), 'float64').data;
  for (const entry of live) out[0][entry] = first[entry];
  if (order === 1) return out;
  const { length } = cutOf(head, task);
  let done = 0;
  const share = (1 - BACKWARDS) / live.length;
  while (done < live.length) {
    const block = blockAt(head, live, { at: done, length });
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

function estimate(task: Task): Estimate {
  const { structure, order, live } = task;
  const { prefix, tail } = jetCost(structure, 1);
  const backwards = 2 * (prefix + tail);
  if (cutSize(structure) === 1 || order === 1) {
    const lanes = order === 1 ? 0 : live.length;
    return {
      applicable: true,
      multiplyAdds: backwards + lanes * (prefix + (order - 1) * tail),
      why:
        order === 1
          ? 'one walk backwards'
          : `jets of order ${order - 1} along each of ${live.length} entries`,
    };
  }
  const { multiplyAdds } = cutOf(headOf(task), task);
  return {
    applicable: true,
    multiplyAdds: backwards + live.length * multiplyAdds,
    why: `jets of order ${order - 1} along each of ${live.length} entries, through what they reach and y reads; one walk backwards gives the highest order`,
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
