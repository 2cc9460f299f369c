import { LazyTensor } from '../../tensor/deferred.ts';
import { broadcastEntries } from '../../tensor/kernels/reference/map.ts';
import { broadcastShapes, type Shape, sameShape, sizeOf } from '../../tensor/shape.ts';
import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import type { Bilinear, Linear, Primitive } from '../primitive.ts';
import { addRow, mulRow, negRow, subRow } from '../primitives/arithmetic.ts';
import { scaleRow } from '../primitives/choose.ts';
import { divRow } from '../primitives/division.ts';
import { type TakeAttributes, takeRow } from '../primitives/indexing.ts';
import { matmulRow } from '../primitives/products.ts';
import { broadcastRow, reshapeRow, sumRow } from '../primitives/shaping.ts';
import { concrete, type Level, nextLevelId, type Traced, traced, tracedAt } from '../trace.ts';
import { type Box, fit, keyOf, placer, shapeOf } from './boxes/box.ts';

/** The same vector in every lane, times a number of each lane's own. */
interface Term {
  readonly scales: Float64Array;
  readonly vector: Float64Array;
}

/** One entry of each lane. */
interface Own {
  readonly at: Int32Array;
  readonly values: Float64Array;
}

/**
 * Lanes that differ in one entry and in the sizes of a few shared vectors: x[lane, p] = own[lane] · (p = at[lane]) + Σ scales[lane] ·
 * vector[p]. It is what an entry becomes behind a normalisation: its own place, the mean's share and the deviation's.
 */
export interface LowRank {
  readonly lanes: number;
  /** Without lanes. */
  readonly shape: Shape;
  readonly own?: Own | undefined;
  readonly terms: readonly Term[];
}

/** With more shared vectors than this, rows of numbers are as good. */
const MOST_TERMS = 8;

function denseOf({ lanes, shape, own, terms }: LowRank): Float64Array {
  const size = sizeOf(shape);
  const out = new Float64Array(lanes * size);
  for (const { scales, vector } of terms) {
    for (let lane = 0, base = 0; lane < lanes; lane++, base += size) {
      const scale = scales[lane];
      if (scale !== 0) for (let p = 0; p < size; p++) out[base + p] += scale * vector[p];
    }
  }
  if (own !== undefined)
    for (let lane = 0; lane < lanes; lane++) out[lane * size + own.at[lane]] += own.values[lane];
  return out;
}

const level: Level<LowRank> = {
  id: nextLevelId(),
  apply(primitive, inputs, attributes) {
    const found = combine(primitive, inputs, attributes);
    const plain = found && found.terms.length <= MOST_TERMS ? lanesOf(found) : undefined;
    return (plain ?? primitive.forward(inputs.map(concrete), attributes)) as Traced<LowRank>;
  },
};

/** Lanes as a tensor [lanes, ...shape], which is written out where an operation asks for its numbers. */
export function lanesOf(x: LowRank): Tensor {
  const folded = fold(x);
  const shape = [folded.lanes, ...folded.shape];
  return traced(level, new LazyTensor(shape, 'float64', () => denseOf(folded)), folded);
}

/** What is known of lanes; undefined for a tensor of plain numbers. */
export const lowRankOf = (x: Tensor): LowRank | undefined => tracedAt(x, level)?.payload;

/** In a shape of one entry all is one number a lane. */
function fold(x: LowRank): LowRank {
  const isFolded = x.own === undefined && x.terms.length === 1 && x.terms[0].vector[0] === 1;
  if (sizeOf(x.shape) !== 1 || isFolded) return x;
  return { lanes: x.lanes, shape: x.shape, terms: [{ scales: denseOf(x), vector: Float64Array.of(1) }] };
}

/** x · y, entry by entry. */
function product(x: Float64Array, y: ArrayLike<number>): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = x[i] * y[i];
  return out;
}

/** x[i] · y[at[i]]. */
function productAt(x: Float64Array, y: ArrayLike<number>, at: Int32Array): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = x[i] * y[at[i]];
  return out;
}

function multiple(x: Float64Array, factor: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = x[i] * factor;
  return out;
}

/** Each vector by `map`, the own entries by `own`. */
function mapped(
  x: LowRank,
  shape: Shape,
  { vector, own }: { vector(v: Float64Array): Float64Array; own: Own | undefined },
): LowRank {
  return {
    lanes: x.lanes,
    shape,
    own,
    terms: x.terms.map((term) => ({ scales: term.scales, vector: vector(term.vector) })),
  };
}

/** Times a tensor without lanes. */
function timesPlain(x: LowRank, values: Float64Array, shape: Shape): LowRank | undefined {
  const out = broadcastShapes([x.shape, shape], 'multiply');
  const widens = !sameShape(out, x.shape);
  if (widens && sizeOf(x.shape) !== 1) return undefined;
  const factor = sameShape(out, shape)
    ? values
    : (contiguous(broadcastEntries(fromData(values, shape), out)).data as Float64Array);
  const { own } = x;
  return mapped(x, out, {
    vector: (v) => (widens ? multiple(factor, v[0]) : product(v, factor)),
    own: own && { at: own.at, values: productAt(own.values, factor, own.at) },
  });
}

/** Times one number a lane. */
function timesScales(x: LowRank, scales: Float64Array): LowRank {
  return {
    ...x,
    own: x.own && { at: x.own.at, values: product(x.own.values, scales) },
    terms: x.terms.map((term) => ({
      vector: term.vector,
      scales: product(term.scales, scales),
    })),
  };
}

const samePlaces = (a: Int32Array, b: Int32Array): boolean =>
  a === b || a.every((at, lane) => at === b[lane]);

function times(x: LowRank, y: LowRank): LowRank | undefined {
  if (sizeOf(y.shape) === 1) return timesScales(x, (fold(y).terms[0] as Term).scales);
  if (sizeOf(x.shape) === 1) return times(y, x);
  if (!sameShape(x.shape, y.shape)) return undefined;
  if (x.own && y.own && !samePlaces(x.own.at, y.own.at)) return undefined;
  const terms = x.terms.flatMap((a) =>
    y.terms.map((b) => ({
      scales: product(a.scales, b.scales),
      vector: product(a.vector, b.vector),
    })),
  );
  const at = x.own?.at ?? y.own?.at;
  if (at === undefined) return { lanes: x.lanes, shape: x.shape, terms };
  // (o + s)(o′ + s′) = s s′ elsewhere; at the lane's own entry there are o o′ + o s′ + s o′ beside.
  const values = x.own && y.own ? product(x.own.values, y.own.values) : new Float64Array(x.lanes);
  for (const [own, { terms: others }] of [
    [x.own, y],
    [y.own, x],
  ] as const) {
    if (own === undefined) continue;
    for (const { scales, vector } of others) {
      for (let lane = 0; lane < values.length; lane++) {
        values[lane] += own.values[lane] * scales[lane] * vector[own.at[lane]];
      }
    }
  }
  return { lanes: x.lanes, shape: x.shape, own: { at, values }, terms };
}

/** One number a lane as the same number everywhere. */
function spreadTo(x: LowRank, shape: Shape): LowRank | undefined {
  if (sameShape(x.shape, shape)) return x;
  if (sizeOf(x.shape) !== 1) return sizeOf(x.shape) === sizeOf(shape) ? { ...x, shape } : undefined;
  const size = sizeOf(shape);
  return mapped(fold(x), shape, { vector: (v) => new Float64Array(size).fill(v[0]), own: undefined });
}

function plus(x: LowRank, y: LowRank, sign: 1 | -1): LowRank | undefined {
  const shape = broadcastShapes([x.shape, y.shape], 'add');
  const [a, b] = [spreadTo(x, shape), spreadTo(y, shape)];
  if (a === undefined || b === undefined) return undefined;
  if (a.own && b.own && !samePlaces(a.own.at, b.own.at)) return undefined;
  const at = a.own?.at ?? b.own?.at;
  const values = new Float64Array(a.lanes);
  for (let lane = 0; lane < values.length; lane++) {
    values[lane] = (a.own?.values[lane] ?? 0) + sign * (b.own?.values[lane] ?? 0);
  }
  const others = b.terms.map((term) => ({
    ...term,
    scales: sign === 1 ? term.scales : multiple(term.scales, -1),
  }));
  return { lanes: a.lanes, shape, own: at && { at, values }, terms: joined([...a.terms, ...others]) };
}

function total(x: Float64Array, y: Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = x[i] + y[i];
  return out;
}

/** Terms of one vector as one. */
function joined(terms: readonly Term[]): Term[] {
  const byVector: Term[] = [];
  for (const term of terms) {
    const i = byVector.findIndex(({ vector }) => vector === term.vector || isSame(vector, term.vector));
    if (i < 0) byVector.push(term);
    else byVector[i] = { ...term, scales: total(byVector[i].scales, term.scales) };
  }
  return byVector;
}

const isSame = (a: Float64Array, b: Float64Array): boolean => {
  for (let p = 0; p < a.length; p++) if (a[p] !== b[p]) return false;
  return true;
};

/** A linear map without lanes. The own entries must have one place to go to, or all go to one number. */
function throughLinear(
  x: LowRank,
  shape: Shape,
  {
    forward,
    transpose,
    move,
  }: { forward(v: Tensor): Tensor; transpose(g: Tensor): Tensor; move?(at: number): number },
): LowRank | undefined {
  const { own } = x;
  const vector = (v: Float64Array) => contiguous(forward(fromData(v, x.shape))).data as Float64Array;
  if (own === undefined) return mapped(x, shape, { vector, own });
  if (move !== undefined)
    return mapped(x, shape, { vector, own: { at: own.at.map(move), values: own.values } });
  if (sizeOf(shape) !== 1) return undefined;
  const row = contiguous(transpose(fromData(Float64Array.of(1), shape))).data;
  const at = new Int32Array(x.lanes);
  return mapped(x, shape, { vector, own: { at, values: productAt(own.values, row, own.at) } });
}

function throughRow(primitive: Linear, x: LowRank, attributes: unknown): LowRank | undefined {
  const row = primitive as Linear<never>;
  const lift = (v: Tensor) => fromData(v.data, [1, ...x.shape]);
  const shape = (row.shape?.([[1, ...x.shape]], attributes as never) ?? [1, ...x.shape]).slice(
    row === (reshapeRow as unknown) || row === (takeRow as unknown) ? 0 : 1,
  );
  const forward = (v: Tensor) =>
    fromData(contiguous(row.forward([lift(v)], attributes as never)).data, shape);
  const transpose = (g: Tensor) =>
    row.transpose(g, attributes as never, { index: 0, shape: x.shape, shapes: [x.shape] });
  const move = moveOf(primitive, x, { attributes, transpose, shape });
  return throughLinear(x, shape, { forward, transpose, ...(move && { move }) });
}

/** Where an entry goes, for operations that send each to one place. */
function moveOf(
  primitive: Linear,
  x: LowRank,
  { attributes, transpose, shape }: { attributes: unknown; transpose(g: Tensor): Tensor; shape: Shape },
): ((at: number) => number) | undefined {
  if (primitive === (reshapeRow as unknown)) return (at) => at;
  if (primitive === (sumRow as unknown)) {
    const places = Float64Array.from({ length: sizeOf(shape) }, (_, j) => j);
    const { data } = contiguous(transpose(fromData(places, shape)));
    return (at) => data[at];
  }
  if (primitive !== (takeRow as unknown)) return undefined;
  const { index } = attributes as TakeAttributes;
  const to = new Map<number, number>();
  for (let p = 0; p < index.length; p++) {
    if (index[p] >= 0 && to.has(index[p])) return undefined;
    to.set(index[p], p);
  }
  return x.own?.at.every((at) => to.has(at)) ? (at) => to.get(at) as number : undefined;
}

const keepers: ReadonlySet<unknown> = new Set([
  addRow,
  subRow,
  negRow,
  mulRow,
  divRow,
  scaleRow,
  reshapeRow,
  sumRow,
  takeRow,
]);

/** Whether lanes of low rank stay so through an operation with so many outputs, as far as is known beforehand. */
export const keepsLowRank = (primitive: Primitive, entries: number): boolean =>
  keepers.has(primitive) || entries === 1;

/** The numbers of a tensor without lanes, and its shape; undefined for one with lanes. */
function plainOf(x: Tensor, rank: number): { values: Float64Array; shape: Shape } | undefined {
  const shape = x.shape.slice(Math.max(0, x.shape.length - rank));
  if (sizeOf(shape) !== sizeOf(x.shape)) return undefined;
  const { data } = contiguous(x);
  const values = data instanceof Float64Array ? data : Float64Array.from(data);
  return { values, shape: [...new Array<number>(rank - shape.length).fill(1), ...shape] };
}

/** Lanes in another box of the same tensor: cut where it is smaller, zeros where it is larger. */
export function fitLanes(x: Tensor, own: Box, wanted: Box): Tensor {
  if (keyOf(own) === keyOf(wanted)) return x;
  const low = lowRankOf(x);
  if (low === undefined) return fit(x, own, wanted);
  const shape = shapeOf(wanted);
  const place = placer(own, wanted);
  const values = low.own && new Float64Array(low.lanes);
  const at = low.own?.at.map((from, lane) => {
    const to = place(from);
    if (values !== undefined && to >= 0) values[lane] = low.own?.values[lane] ?? 0;
    return Math.max(to, 0);
  });
  const vector = (v: Float64Array) => fit(fromData(v, low.shape), own, wanted).data as Float64Array;
  return lanesOf(mapped(low, shape, { vector, own: at && values && { at, values } }));
}

/** An operation on lanes; undefined where it does not keep their form. */
function combine(primitive: Primitive, inputs: readonly Tensor[], attributes: unknown): LowRank | undefined {
  const [x, y] = inputs.map(lowRankOf);
  const row: unknown = primitive;
  if (inputs.length === 1 && x !== undefined) {
    if (row === negRow)
      return timesPlain(
        x,
        Float64Array.of(-1),
        x.shape.map(() => 1),
      );
    if (row === scaleRow) {
      const factor = plainOf((attributes as { factor: Tensor }).factor, x.shape.length);
      return factor && timesPlain(x, factor.values, factor.shape);
    }
    return row === reshapeRow || row === sumRow || row === takeRow
      ? throughRow(primitive as Linear, x, attributes)
      : row === broadcastRow
        ? spreadTo(x, (attributes as { shape: Shape }).shape)
        : undefined;
  }
  if (x !== undefined && y !== undefined) {
    if (row === mulRow) return times(x, y);
    return row === addRow || row === subRow ? plus(x, y, row === addRow ? 1 : -1) : undefined;
  }
  const low = (x ?? y) as LowRank;
  const plain = plainOf(x === undefined ? inputs[0] : inputs[1], low.shape.length);
  if (plain === undefined) return undefined;
  if (row === mulRow) return timesPlain(low, plain.values, plain.shape);
  if (row === divRow && x !== undefined)
    return timesPlain(
      low,
      plain.values.map((v) => 1 / v),
      plain.shape,
    );
  if ((row === addRow || row === subRow) && plain.values.every((v) => v === 0)) {
    const spread = spreadTo(low, broadcastShapes([low.shape, plain.shape], 'add'));
    if (spread === undefined || row === addRow || x !== undefined) return spread;
    return timesPlain(
      spread,
      Float64Array.of(-1),
      spread.shape.map(() => 1),
    );
  }
  return row === matmulRow && x !== undefined
    ? throughProduct(primitive as Bilinear, low, { right: inputs[1], attributes })
    : undefined;
}

/** A product with a matrix, of one row and one column at the end. */
function throughProduct(
  primitive: Bilinear,
  x: LowRank,
  { right, attributes }: { right: Tensor; attributes: unknown },
): LowRank | undefined {
  const matrix = fromData(contiguous(right).data, right.shape.slice(right.shape.length - x.shape.length));
  const row = primitive as Bilinear<never>;
  const forward = (v: Tensor) => row.forward([v, matrix], attributes as never);
  const { shape } = forward(fromData(new Float64Array(sizeOf(x.shape)), x.shape));
  const transpose = (g: Tensor) => row.transposeLeft(g, matrix, attributes as never, x.shape);
  return throughLinear(x, shape, { forward, transpose });
}

/** out[lane] += factor · Σ_p b[p] · x[lane, p]. */
export function addLowRankProducts(
  out: Float64Array,
  b: ArrayLike<number>,
  x: LowRank,
  factor: number,
): void {
  for (const { scales, vector } of x.terms) {
    let sum = 0;
    for (let p = 0; p < vector.length; p++) if (b[p] !== 0) sum += b[p] * vector[p];
    for (let lane = 0; lane < out.length; lane++) out[lane] += factor * scales[lane] * sum;
  }
  if (x.own === undefined) return;
  for (let lane = 0; lane < out.length; lane++) {
    const weight = b[x.own.at[lane]];
    if (weight !== 0) out[lane] += factor * weight * x.own.values[lane];
  }
}
