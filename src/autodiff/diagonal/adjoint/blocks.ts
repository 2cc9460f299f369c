import { sizeOf } from '../../../tensor/shape.ts';
import { convRow } from '../../primitives/products.ts';
import { isNode, type TapeNode } from '../../tape.ts';
import { boxOfRun, entriesOf, shapeOf } from '../boxes/box.ts';
import { type Cost, free, plus, times, workOf } from '../cost.ts';
import type { Task } from '../plan.ts';
import type { Block } from './block.ts';
import { type Head, lastUses, type Work, workFor } from './work.ts';

/** Numbers that a lane of low rank is, roughly. */
const LOW_VALUES = 4;

/** Values held at once by one coefficient of the widest node. */
const BLOCK_VALUES = 1 << 20;

/** Numbers that one coefficient of an operation's output is in a lane. */
const valuesOf = ({ output, isLow }: Work): number =>
  isLow ? LOW_VALUES : Math.max(LOW_VALUES, entriesOf(output));

const mostValues = (works: readonly Work[]): number =>
  works.reduce((most, work) => Math.max(most, valuesOf(work)), LOW_VALUES);

/** Numbers of one coefficient that a lane has at once at most. */
function mostHeld(works: readonly Work[]): number {
  const lastUse = lastUses(works);
  const held = new Map<TapeNode, number>();
  let [sum, most] = [0, 0];
  for (const [at, work] of works.entries()) {
    const { node, operation, keeps } = work;
    const values = valuesOf(work);
    most = Math.max(most, sum + values);
    if (keeps) held.set(node, values);
    sum += keeps ? values : 0;
    for (const x of new Set(operation.inputs.filter(isNode))) {
      if (lastUse.get(x) === at) sum -= held.get(x) ?? 0;
    }
  }
  return most;
}

/** Of products where both factors move: each lane has its own, of few rows, and a multiply-add takes half as long as a value. Fitted to the attention of ViT-Ti. */
const FEW_ROWS = 0.5;

/** What one lane costs for one coefficient. */
function costOfWork({
  primitive,
  operation,
  inputs,
  output,
  attributes,
  isLow,
  readsLow,
  bends,
}: Work): Cost {
  const values = isLow ? Math.min(LOW_VALUES, entriesOf(output)) : entriesOf(output);
  const own: Cost = { multiplyAdds: values, values };
  // One entry times a matrix is one row of it.
  if (primitive.kind !== 'bilinear' || primitive.multiplyAdds === undefined || isLow || readsLow) return own;
  const shapes = inputs.map((box, i) => (box ? shapeOf(box) : operation.values[i].shape));
  const multiplyAdds = primitive.multiplyAdds(shapes, shapeOf(output), attributes);
  return { multiplyAdds, values: bends ? FEW_ROWS * multiplyAdds : 0 };
}

/** What one lane costs, and for how many values convolutions gather patches. */
function costOfWorks(works: readonly Work[], order: number): Cost & { readonly patches: number } {
  let [cost, patches] = [free, 0];
  for (const work of works) {
    const coefficients = work.curves ? order - 1 : 1;
    const passes = (work.keeps ? coefficients : 0) + (work.bends ? 2 * (order - 1) : 0);
    cost = plus(cost, times(passes, costOfWork(work)));
    if (work.primitive === convRow) patches += passes * entriesOf(work.output);
  }
  return { ...cost, patches };
}

export interface Cut {
  /** Entries of a block: consecutive in row-major order, a whole part of the axes from some on. */
  readonly length: number;
  /** Multiply-adds of one lane. */
  readonly multiplyAdds: number;
  /** What it takes in all, in multiply-adds. */
  readonly work: number;
  /** What a block holds at most. */
  readonly bytes: number;
}

/** What the patch of a value takes to gather, in multiply-adds: lanes have patches of their own. Measured on the head of SqueezeNet 1.1. */
const PATCH = 1250;

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

/** Live entries from `at` on that are within the same multiple of `length`, as many as go at once. */
export function blockAt(
  head: Head,
  { live, order, memory = Number.POSITIVE_INFINITY }: Task,
  { at, length }: { at: number; length: number },
): Block {
  const { shape } = head.structure.root.value;
  const end = firstFrom(live, (Math.floor(live[at] / length) + 1) * length);
  const inside = live.subarray(at, end);
  const start = boxOfRun({ from: inside[0], to: inside[inside.length - 1] + 1 }, shape);
  const works = workFor(head, start);
  const bytes = 16 * order * works.reduce((sum, work) => sum + mostValues([work]), 0);
  const atOnce = Math.max(1, Math.floor(Math.min(BLOCK_VALUES / mostValues(works), memory / bytes)));
  return { entries: inside.subarray(0, atOnce), start, works };
}

const cuts = new WeakMap<Head, Cut>();

/** Blocks such that the parts that they need are cheapest: the entries of a token, of a channel, or as many as go at once. */
export function cutOf(head: Head, task: Task): Cut {
  const { live, order } = task;
  const known = cuts.get(head);
  if (known !== undefined) return known;
  const { shape } = head.structure.root.value;
  const lengths = [...new Set(shape.map((_, axis) => sizeOf(shape.slice(axis))))];
  let best: Cut | undefined;
  for (const length of lengths) {
    const at = firstFrom(live, Math.floor(live[live.length >> 1] / length) * length);
    const { entries, works } = blockAt(head, task, { at, length });
    const cost = costOfWorks(works, order);
    const work = workOf(cost) + PATCH * cost.patches + (OVERHEAD * works.length) / entries.length;
    if (best === undefined || work < best.work) {
      // Coefficients that are held, and as many that are being made.
      const bytes = 2 * 8 * order * entries.length * mostHeld(works);
      best = { length, multiplyAdds: cost.multiplyAdds, work, bytes };
    }
  }
  cuts.set(head, best as Cut);
  return best as Cut;
}
