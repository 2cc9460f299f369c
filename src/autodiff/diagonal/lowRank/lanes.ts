import { LazyTensor } from '../../../tensor/deferred.ts';
import type { Transposed } from '../../../tensor/kernels/matmul.ts';
import { broadcastShapes, type Shape, sizeOf } from '../../../tensor/shape.ts';
import { contiguous, fromData, type Tensor } from '../../../tensor/tensor.ts';
import type { Bilinear, Linear, Primitive } from '../../primitive.ts';
import { addRow, mulRow, negRow, subRow } from '../../primitives/arithmetic.ts';
import { scaleRow } from '../../primitives/choose.ts';
import { divRow } from '../../primitives/division.ts';
import { type TakeAttributes, takeRow } from '../../primitives/indexing.ts';
import { matmulRow } from '../../primitives/products.ts';
import { broadcastRow, reshapeRow, sumRow } from '../../primitives/shaping.ts';
import { concrete, type Level, nextLevelId, type Traced, traced, tracedAt } from '../../trace.ts';
import { type Box, fit, keyOf, placer, shapeOf } from '../boxes/box.ts';
import {
  denseOf,
  fold,
  type LowRank,
  mapped,
  type Own,
  plus,
  spreadTo,
  times,
  timesPlain,
} from './lowRank.ts';
import { productAt } from './vectors.ts';

/** With more shared vectors than this, rows of numbers are as good. */
const MOST_TERMS = 8;

const level: Level<LowRank> = {
  id: nextLevelId(),
  apply(primitive, inputs, attributes) {
    const found = combine(primitive, inputs, attributes);
    if (found === undefined) return primitive.forward(inputs.map(concrete), attributes) as Traced<LowRank>;
    if ('data' in found) return found as Traced<LowRank>;
    const lanes = lanesOf(found);
    return (found.terms.length <= MOST_TERMS ? lanes : concrete(lanes)) as Traced<LowRank>;
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
function combine(
  primitive: Primitive,
  inputs: readonly Tensor[],
  attributes: unknown,
): LowRank | Tensor | undefined {
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

interface Factor {
  readonly right: Tensor;
  readonly attributes: unknown;
}

/**
 * Lanes times one matrix for all: of low rank where one number comes out, else rows of numbers, to which the lane's own entry adds
 * one row of the matrix.
 */
function throughProduct(
  primitive: Bilinear,
  x: LowRank,
  { right, attributes }: Factor,
): LowRank | Tensor | undefined {
  const matrix = fromData(contiguous(right).data, right.shape.slice(right.shape.length - x.shape.length));
  const row = primitive as Bilinear<never>;
  const forward = (v: Tensor) => row.forward([v, matrix], attributes as never);
  const shape = row.shape?.([x.shape, matrix.shape], attributes as never) as Shape;
  if (x.own === undefined || sizeOf(shape) === 1) {
    const transpose = (g: Tensor) => row.transposeLeft(g, matrix, attributes as never, x.shape);
    return throughLinear(x, shape, { forward, transpose });
  }
  const sides = attributes as Transposed;
  const isOne = sizeOf(matrix.shape) === sizeOf(matrix.shape.slice(-2));
  return sides.left || !isOne
    ? undefined
    : rowsOfMatrix(x, { matrix, isTransposed: sides.right === true, forward, shape });
}

function rowsOfMatrix(
  x: LowRank,
  {
    matrix,
    isTransposed,
    forward,
    shape,
  }: { matrix: Tensor; isTransposed: boolean; forward(v: Tensor): Tensor; shape: Shape },
): Tensor {
  const depth = x.shape[x.shape.length - 1];
  const columns = shape[shape.length - 1];
  const size = sizeOf(shape);
  const terms = x.terms.map(({ scales, vector }) => ({
    scales,
    vector: contiguous(forward(fromData(vector, x.shape))).data as Float64Array,
  }));
  const out = denseOf({ lanes: x.lanes, shape, terms });
  const { data } = matrix;
  const [rowStride, columnStride] = isTransposed ? [1, depth] : [columns, 1];
  const { at, values } = x.own as Own;
  for (let lane = 0; lane < x.lanes; lane++) {
    const row = Math.floor(at[lane] / depth);
    const start = lane * size + row * columns;
    const from = (at[lane] - row * depth) * rowStride;
    for (let j = 0; j < columns; j++) out[start + j] += values[lane] * data[from + j * columnStride];
  }
  return fromData(out, [x.lanes, ...shape]);
}
