import type { Steps } from '../../../tensor/drive.ts';
import { castTo, contiguous, type Tensor } from '../../../tensor/tensor.ts';
import { type Coefficient, factorial, plus } from '../../coefficients.ts';
import type { Series } from '../../primitive.ts';
import { pushSeries } from '../../propagate.ts';
import { isNode, type TapeNode } from '../../tape.ts';
import { apply, concrete } from '../../trace.ts';
import { type Box, crop, placer, shapeOf, wholeOf } from '../boxes/box.ts';
import { type Coefficients, fusedRow } from '../fuse.ts';
import { fitLanes, lanesOf, lowRankOf } from '../lowRank/lanes.ts';
import { addLowRankProducts } from '../lowRank/lowRank.ts';
import { bend } from './bend.ts';
import { type Head, lastUses, type Work } from './work.ts';

/** Live entries that go together, and what they have to do. */
export interface Block {
  readonly entries: Int32Array;
  readonly start: Box;
  readonly works: readonly Work[];
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
export function* runBlock(
  { structure: { root } }: Head,
  cotangents: readonly (Tensor | undefined)[],
  { works, start, entries, order }: Block & { readonly order: number },
): Steps<Float64Array[]> {
  const out = Array.from({ length: order - 1 }, () => new Float64Array(entries.length));
  const higher = new Array<undefined>(order - 1).fill(undefined);
  const held = new Map<TapeNode, Held>();
  held.set(root, { box: start, series: [root.value, seedsIn(start, entries, root.value), ...higher] });
  const lastUse = lastUses(works);
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
