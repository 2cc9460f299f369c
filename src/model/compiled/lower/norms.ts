import { number, numbers } from '../../../layers/layer.ts';
import { step } from '../../../tensor/kernels/wasm/steps.ts';
import { sameShape, sizeOf } from '../../../tensor/shape.ts';
import { arranged, type Lower, type Lowered, type LoweringContext, placed, placeMask } from './lowering.ts';
import { type DeviceValue, newValue, orderOf, plainOrder, runOf } from './values.ts';

type Kernel = 'softmax' | 'softmaxGradient' | 'normalize' | 'normalizeGradient' | 'sumRows';

interface RowWork {
  readonly x: DeviceValue;
  readonly other?: DeviceValue;
  readonly output: DeviceValue;
  /** Factors and shifts: addresses, or 0. */
  readonly scale?: number;
  readonly bias?: number;
  readonly epsilon?: number;
  readonly factor?: number;
}

const CHUNK_FLOATS = 16384;

const outerOf = (x: DeviceValue) => orderOf(x).filter((axis) => axis !== x.strand);

/** The value with an axis as its strand and its rows one after another. */
function inRows(context: LoweringContext, x: DeviceValue, axis: number): DeviceValue {
  const isStrand = x.strand === axis && runOf(x, outerOf(x)) !== undefined;
  if (isStrand) return x;
  const order = x.strand < 0 ? plainOrder(x.shape) : orderOf(x);
  return arranged(context, x, [...order.filter((each) => each !== axis), axis]);
}

/** The other value as the rows of x lie. */
function alongside(context: LoweringContext, x: DeviceValue, other: DeviceValue): DeviceValue {
  const outer = outerOf(x);
  const isAlong = other.strand === x.strand && runOf(other, outer) !== undefined;
  return isAlong ? other : arranged(context, other, [...outer, x.strand]);
}

const rowBytes = (x: DeviceValue, outer: readonly number[]) => (runOf(x, outer) ?? 0) * 4;

/** A kernel over the rows of x. */
function overRows({ weights }: LoweringContext, kernel: Kernel, work: RowWork): Lowered {
  const { x, other, output, scale = 0, bias = 0, epsilon = 0, factor = 1 } = work;
  const outer = outerOf(x);
  const rows = sizeOf(outer.map((axis) => x.shape[axis]));
  const length = x.shape[x.strand];
  const block = Math.max(1, Math.floor(CHUNK_FLOATS / length));
  const mask = placeMask(weights, length);
  return {
    output,
    operations: [
      {
        reads: [x.buffer, ...(other ? [other.buffer] : [])],
        writes: [output.buffer],
        work: 8 * rows * length,
        steps: (at) => [
          step(kernel, Math.ceil(rows / block), {
            ...{ scale, bias, epsilon, factor, rows, length, mask, block },
            input: at(x.buffer),
            other: other ? at(other.buffer) : 0,
            output: at(output.buffer),
            inputRowBytes: rowBytes(x, outer),
            otherRowBytes: other ? rowBytes(other, outer) : 0,
            outputRowBytes: rowBytes(output, outer),
          }),
        ],
      },
    ],
  };
}

const axisOf = ({ node }: LoweringContext, rank: number): number => {
  const axis = number(node.attributes, 'axis', -1);
  return axis < 0 ? axis + rank : axis;
};

const lowerSoftmax: Lower = (context) => {
  const value = context.value(0);
  if (value === undefined || value.shape.length === 0) return undefined;
  const x = inRows(context, value, axisOf(context, value.shape.length));
  return overRows(context, 'softmax', { x, output: newValue(x.shape, orderOf(x)) });
};

/** The cotangent of what went into a softmax: of g and what came out. */
const lowerSoftmaxGradient: Lower = (context) => {
  const [g, y] = [context.value(0), context.value(1)];
  if (g === undefined || y === undefined) return undefined;
  const x = inRows(context, g, axisOf(context, g.shape.length));
  const other = alongside(context, x, y);
  return overRows(context, 'softmaxGradient', { x, other, output: newValue(x.shape, orderOf(x)) });
};

/** A row of constants for the last axis; 0 where there is none, undefined where it is no such row. */
function rowAt(context: LoweringContext, i: number, length: number): number | undefined {
  const constant = context.constant(i);
  if (!context.node.inputs[i]) return 0;
  if (constant === undefined || !sameShape(constant.shape, [length])) return undefined;
  return placed(context, { constant, name: `input ${i}` }).buffer.address;
}

/** Normalization along the last axis, and how cotangents pass it: `at` is the first of the parameters. */
function layerNormalization(kernel: 'normalize' | 'normalizeGradient'): Lower {
  return (context) => {
    const value = context.value(0);
    const { shape, node } = context;
    const last = shape.length - 1;
    if (value === undefined || last < 0 || axisOf(context, shape.length) !== last) return undefined;
    if (node.outputs.length > 1) return undefined;
    const isGradient = kernel === 'normalizeGradient';
    const first = isGradient ? 2 : 1;
    const [scale, bias] = [first, first + 1].map((i) => rowAt(context, i, shape[last]));
    const given = isGradient ? context.value(1) : undefined;
    if (scale === undefined || bias === undefined || (isGradient && given === undefined)) return undefined;
    const x = inRows(context, value, last);
    return overRows(context, kernel, {
      ...{ x, scale, bias, output: newValue(shape, orderOf(x)) },
      ...(given && { other: alongside(context, x, given) }),
      epsilon: number(node.attributes, 'epsilon', 1e-5),
    });
  };
}

/** Sums along the strand, which is left with one entry. */
export function sumStrand(
  context: LoweringContext,
  value: DeviceValue,
  { axis, factor }: { axis: number; factor: number },
): Lowered {
  const x = inRows(context, value, axis);
  const shape = x.shape.map((length, i) => (i === axis ? 1 : length));
  return overRows(context, 'sumRows', { x, factor, output: newValue(shape, orderOf(x)) });
}

/** Axes of a reduction, from an attribute or a constant; all of them where none are given. */
export function reducedAxes({ node, constant }: LoweringContext, rank: number): number[] | undefined {
  const { attributes, inputs } = node;
  const given = constant(1);
  if (inputs[1] && given === undefined) return undefined;
  const axes = numbers(attributes, 'axes') ?? (given && Array.from(given.data)) ?? [];
  if (axes.length === 0)
    return number(attributes, 'noop_with_empty_axes', 0) === 1 ? undefined : [...Array(rank).keys()];
  // −1 and the last axis are one.
  return [...new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)))].sort((a, b) => a - b);
}

export const norms: Readonly<Record<string, Lower>> = {
  Softmax: lowerSoftmax,
  LayerNormalization: layerNormalization('normalize'),
};

export const normGradients: Readonly<Record<string, Lower>> = {
  SoftmaxGradient: lowerSoftmaxGradient,
  LayerNormalizationGradient: layerNormalization('normalizeGradient'),
};
