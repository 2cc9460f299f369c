import { abs, concat, cumsum, log, max, min, mul, norm, square, sum, take } from '../autodiff/operations.ts';
import { reducedAxes } from '../autodiff/primitives/shaping.ts';
import { FACTOR_ENTRIES, prod } from '../autodiff/reducing.ts';
import { slice } from '../autodiff/selecting.ts';
import { concrete } from '../autodiff/trace.ts';
import { extremePositions } from '../tensor/kernels/reference/reduce.ts';
import { roomFor } from '../tensor/room.ts';
import { normalizeAxis, sizeOf } from '../tensor/shape.ts';
import { fromData, full, type Tensor } from '../tensor/tensor.ts';
import {
  isImageAxis,
  isInteger,
  type Layer,
  type Layers,
  listOf,
  type NodeView,
  need,
  number,
  simple,
  typed,
  unlessAlongImages,
  valuesOf,
  wholeMap,
} from './layer.ts';
import { logSumExp } from './softmax.ts';
import { bitsOf, type ElementType } from './types.ts';

type Reduce = (x: Tensor, axes: readonly number[], options: { keepDimensions: boolean }) => Tensor;

/** Axes by attribute or input; an empty list means all, or none where noop_with_empty_axes says so. */
function reduction(f: Reduce, ofNothing?: (type: ElementType | undefined) => number): Layer {
  return {
    // Along the axis of images the result has one entry, or none: its shape says so.
    ...wholeMap,
    steeredFrom: 1,
    inputs: [1, 2],
    attributes: { axes: 'ints', keepdims: 'int', noop_with_empty_axes: 'int' },
    evaluate: (inputs, attributes, { types: [type] }) => {
      const x = need(inputs, 0, 'data');
      const given = listOf(attributes, 'axes', inputs[1]);
      const empty = given === undefined || given.length === 0;
      if (empty && number(attributes, 'noop_with_empty_axes', 0) === 1)
        return f(x, [], { keepDimensions: true });
      const axes = reducedAxes(x, empty ? undefined : given, 'reduce');
      const options = { keepDimensions: number(attributes, 'keepdims', 1) === 1 };
      if (ofNothing === undefined || count(x, axes) > 0) return f(x, axes, options);
      return full(sum(x, axes, options).shape, ofNothing(type), x.dtype);
    },
  };
}

function count(x: Tensor, axes: readonly number[]): number {
  return axes.reduce((n, axis) => n * x.shape[axis], 1);
}

/** The value of a type that no other is beyond, from below (1) or above (−1): what the largest or smallest of nothing is. */
const farthest =
  (sign: 1 | -1) =>
  (type: ElementType | undefined): number => {
    if (type === 'bool') return sign === 1 ? 0 : 1;
    if (!isInteger(type)) return -sign * Number.POSITIVE_INFINITY;
    const { bits, wrap } = bitsOf(type);
    const isSigned = wrap === BigInt.asIntN;
    const top = 2 ** (isSigned ? bits - 1 : bits);
    return sign === -1 ? top - 1 : isSigned ? -top : 0;
  };

/** Index of the first (or last) extreme along an axis. */
function argExtreme(sign: 1 | -1): Layer {
  return typed(
    'int64',
    simple(
      (traced, attributes) => {
        const x = concrete(traced);
        const axis = normalizeAxis(number(attributes, 'axis', 0), x.shape.length, 'find the extreme');
        const last = number(attributes, 'select_last_index', 0) === 1;
        const length = x.shape[axis];
        const inner = sizeOf(x.shape.slice(axis + 1));
        const view = last ? flipped(x, axis) : x;
        const found = Float64Array.from(
          extremePositions(view, [axis], sign),
          (p) => Math.floor(p / inner) % length,
        );
        const index = last ? found.map((i) => length - 1 - i) : found;
        const kept = x.shape.map((own, i) => (i === axis ? 1 : own));
        const keep = number(attributes, 'keepdims', 1) === 1;
        return fromData(index, keep ? kept : x.shape.filter((_, i) => i !== axis));
      },
      { ...wholeMap, images: unlessAlongImages(0) },
      { axis: 'int', keepdims: 'int', select_last_index: 'int' },
    ),
  );
}

function flipped(x: Tensor, axis: number): Tensor {
  const step = sizeOf(x.shape.slice(axis + 1));
  const stride = x.shape.map((_, i) => (i === axis ? -step : sizeOf(x.shape.slice(i + 1))));
  return take(x, { shape: x.shape, stride, offset: (x.shape[axis] - 1) * step });
}

/** Running products along an axis, without the entry itself where they are exclusive. */
function products(x: Tensor, axis: number, isExclusive: boolean): Tensor {
  const length = x.shape[axis];
  roomFor(FACTOR_ENTRIES * length);
  let total = full(
    x.shape.map((own, i) => (i === axis ? 1 : own)),
    1,
    x.dtype,
  );
  const all: Tensor[] = [];
  for (let i = 0; i < length; i++) {
    const next = mul(total, slice(x, { axis, start: i, end: i + 1 }));
    all.push(isExclusive ? total : next);
    total = next;
  }
  return length === 0 ? x : concat(all, axis);
}

/** Along an axis that is not that of images, as far as it is known. */
const alongOther = (node: NodeView): boolean => {
  const axis = node.constant(1)?.[0];
  return axis !== undefined && !isImageAxis(axis, node);
};

export const reductions: Layers = {
  CumSum: {
    affine: 'first',
    ...wholeMap,
    images: alongOther,
    inputs: [2, 2],
    attributes: { exclusive: 'int', reverse: 'int' },
    evaluate: (inputs, attributes) => {
      const [axis] = valuesOf(need(inputs, 1, 'axis')) as number[];
      const flag = (name: string) => number(attributes, name, 0) === 1;
      return cumsum(need(inputs, 0, 'x'), axis, { exclusive: flag('exclusive'), reverse: flag('reverse') });
    },
  },
  CumProd: {
    ...wholeMap,
    images: alongOther,
    inputs: [2, 2],
    attributes: { exclusive: 'int', reverse: 'int' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'x');
      const [given] = valuesOf(need(inputs, 1, 'axis')) as number[];
      const axis = normalizeAxis(given, x.shape.length, 'multiply along an axis');
      const flag = (name: string) => number(attributes, name, 0) === 1;
      const isReverse = flag('reverse');
      const product = products(isReverse ? flipped(x, axis) : x, axis, flag('exclusive'));
      return isReverse ? flipped(product, axis) : product;
    },
  },
  ReduceSum: { ...reduction(sum), affine: 'first', pools: true },
  ReduceMean: {
    ...reduction((x, axes, options) => mul(1 / count(x, axes), sum(x, axes, options))),
    affine: 'first',
    pools: true,
  },
  ReduceMax: { ...reduction(max, farthest(1)), pools: true },
  ReduceMin: reduction(min, farthest(-1)),
  ReduceProd: reduction(prod),
  ReduceL1: reduction((x, axes, options) => sum(abs(x), axes, options)),
  ReduceL2: reduction(norm),
  ReduceSumSquare: reduction((x, axes, options) => sum(square(x), axes, options)),
  ReduceLogSum: reduction((x, axes, options) => log(sum(x, axes, options))),
  ReduceLogSumExp: reduction((x, axes, options) => (axes.length === 0 ? x : logSumExp(x, axes, options))),
  ArgMax: { ...argExtreme(1), picks: true },
  ArgMin: argExtreme(-1),
};
