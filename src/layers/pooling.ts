import { abs, div, max, maxPool, mul, power, reshape, sum } from '../autodiff/operations.ts';
import { lift, type Operand } from '../autodiff/primitives/lift.ts';
import { concrete } from '../autodiff/trace.ts';
import { ShapeError } from '../tensor/errors.ts';
import {
  checkPool,
  maxPositions,
  type PoolAttributes,
  poolOutput,
} from '../tensor/kernels/reference/pool.ts';
import { checkOptions } from '../tensor/options.ts';
import { roomFor } from '../tensor/room.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { fromData, full, type Tensor } from '../tensor/tensor.ts';
import { conv } from './convolution.ts';
import { entrywise, type Facts, type Layer, type Layers, need, number, simple, wholeMap } from './layer.ts';
import type { Attributes } from './types.ts';
import { kernelOf, readSides, readWindow, windowKinds } from './window.ts';

const poolKinds = { ...windowKinds, ceil_mode: 'int' } as const;

const fitsPool: Layer['fits'] = (_, attributes) => {
  readSides(attributes, kernelOf(attributes));
};

function readPool(x: Tensor, attributes: Attributes): PoolAttributes {
  const spatial = x.shape.slice(2);
  const window = readWindow(attributes, kernelOf(attributes), spatial);
  return { ...window, output: poolOutput(spatial, window, number(attributes, 'ceil_mode', 0) === 1) };
}

/** The sum over each window; cells outside the input count as 0. */
function windowSum(x: Tensor, { kernel, strides, dilations, padsBefore, output }: PoolAttributes): Tensor {
  const [n, c, ...spatial] = x.shape;
  const ones = full([1, 1, ...kernel], 1, x.dtype);
  // With ceil_mode the last window may reach beyond the pads, or be one less.
  const after = output.map((length, i) => {
    const end = (length - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1;
    return end - spatial[i] - padsBefore[i];
  });
  const planes = reshape(x, [n * c, 1, ...spatial]);
  const sums = conv(planes, ones, { strides, dilations, padsBefore, padsAfter: after });
  return reshape(sums, [n, c, ...output]);
}

/** How many cells of a length each window along one axis covers. */
function countsAlong(
  length: number,
  axis: number,
  { kernel, strides, dilations, padsBefore, output }: PoolAttributes,
) {
  const counts = Float64Array.from({ length: roomFor(output[axis]) }, (_, o) => {
    const start = o * strides[axis] - padsBefore[axis];
    const first = Math.max(0, Math.ceil(-start / dilations[axis]));
    const last = Math.min(kernel[axis] - 1, Math.floor((length - 1 - start) / dilations[axis]));
    return Math.max(0, last - first + 1);
  });
  return counts;
}

/** How many cells each window covers, [output]: of the input, or of the padded input. */
function windowCounts(x: Tensor, pool: PoolAttributes, includePads: boolean): Tensor {
  const { padsBefore, padsAfter, output } = pool;
  const none = output.map(() => 0);
  return output
    .map((count, axis) => {
      const length = x.shape[axis + 2];
      const counts = includePads
        ? countsAlong(length + padsBefore[axis] + padsAfter[axis], axis, { ...pool, padsBefore: none })
        : countsAlong(length, axis, pool);
      const shape = output.map((_, i) => (i === axis ? count : 1));
      return fromData(x.dtype === 'float32' ? Float32Array.from(counts) : counts, shape);
    })
    .reduce((product, counts) => mul(product, counts));
}

/** Whether pads count in a mean. */
export interface AveragePoolOptions {
  /** Whether cells of the pads count, as 0. */
  readonly includePads?: boolean | undefined;
}

/**
 * Mean over windows [N, C, spatial] → [N, C, output]; cells in the pads count only where `includePads` says so.
 * @example
 * const window = { kernel: [2], strides: [2], dilations: [1], padsBefore: [0], padsAfter: [0] };
 * averagePool(tensor([[[1, 3, 5, 7]]]), { ...window, output: [2] }) // [[[2, 6]]]
 */
export function averagePool(given: Operand, pool: PoolAttributes, options?: AveragePoolOptions): Tensor {
  const action = 'pool';
  const x = lift(given, action);
  checkPool(x.shape, pool, action);
  checkOptions(options, { includePads: 'boolean' }, action);
  if (x.shape.length !== pool.kernel.length + 2) {
    throw new ShapeError(
      `Cannot ${action}: an input [N, C, ${pool.kernel.map(() => 'length').join(', ')}] is wanted, got ${formatShape(x.shape)}`,
    );
  }
  const includePads = options?.includePads === true;
  return div(windowSum(x, pool), windowCounts(x, pool, includePads));
}

const spatialAxes = (x: Tensor) => x.shape.slice(2).map((_, i) => i + 2);

function globalPool(f: (x: Tensor, axes: number[]) => Tensor): Layers[string] {
  return { ...simple((x) => f(x, spatialAxes(x)), wholeMap), pools: true, hasSides: true };
}

/** Positions of the maxima as ONNX counts them: in the whole tensor, the spatial axes row-major or column-major. */
function maxIndices(x: Tensor, pool: PoolAttributes, columnMajor: boolean): Tensor {
  const plain = concrete(x);
  const { positions } = maxPositions(plain, pool);
  const spatial = plain.shape.slice(2);
  const plane = sizeOf(spatial);
  const indices = Float64Array.from(positions, (position) => {
    if (!columnMajor) return position;
    let rest = position % plane;
    let index = 0;
    let step = plane;
    for (let axis = spatial.length - 1; axis >= 0; axis--) {
      step /= spatial[axis];
      index += (rest % spatial[axis]) * step;
      rest = Math.floor(rest / spatial[axis]);
    }
    return position - (position % plane) + index;
  });
  return fromData(indices, [...plain.shape.slice(0, 2), ...pool.output]);
}

/** (Σ |x|^p)^(1/p) of sums of |x|^p. */
const root = (sums: Tensor, p: number) => (p === 1 ? sums : power(sums, 1 / p));
const magnitude = (x: Tensor, p: number) => (p % 2 === 0 ? power(x, p) : power(abs(x), p));

const windowed: Facts = { ...entrywise, sees: 'window' };

export const pooling: Layers = {
  MaxPool: {
    ...windowed,
    pools: true,
    // Positions are counted over all images.
    images: ({ outputs }) => outputs === 1,
    inputs: [1, 1],
    outputs: 2,
    attributes: { ...poolKinds, storage_order: 'int' },
    fits: fitsPool,
    evaluate: (inputs, attributes, { outputs }) => {
      const x = need(inputs, 0, 'X');
      const pool = readPool(x, attributes);
      const y = maxPool(x, pool);
      return outputs > 1 ? [y, maxIndices(x, pool, number(attributes, 'storage_order', 0) === 1)] : y;
    },
    types: ([type]) => [type, 'int64'],
  },
  AveragePool: {
    affine: 'first',
    pools: true,
    ...simple(
      (x, attributes) =>
        averagePool(x, readPool(x, attributes), {
          includePads: number(attributes, 'count_include_pad', 0) === 1,
        }),
      windowed,
      { ...poolKinds, count_include_pad: 'int' },
    ),
    fits: fitsPool,
  },
  LpPool: {
    pools: true,
    ...simple(
      (x, attributes) => {
        const p = number(attributes, 'p', 2);
        return root(windowSum(magnitude(x, p), readPool(x, attributes)), p);
      },
      windowed,
      { ...poolKinds, p: 'float' },
    ),
    fits: fitsPool,
  },
  GlobalAveragePool: {
    affine: 'first',
    ...globalPool((x, axes) => mul(1 / sizeOf(x.shape.slice(2)), sum(x, axes, { keepDimensions: true }))),
  },
  GlobalMaxPool: globalPool((x, axes) => max(x, axes, { keepDimensions: true })),
  GlobalLpPool: {
    pools: true,
    hasSides: true,
    ...simple(
      (x, attributes) => {
        const p = number(attributes, 'p', 2);
        return root(sum(magnitude(x, p), spatialAxes(x), { keepDimensions: true }), p);
      },
      wholeMap,
      { p: 'float' },
    ),
  },
};
