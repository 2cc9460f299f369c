import { describe } from '../../tensor/describe.ts';
import { InputError, ShapeError } from '../../tensor/errors.ts';
import { broadcastEntries } from '../../tensor/kernels/reference/map.ts';
import { sumAxes } from '../../tensor/kernels/reference/reduce.ts';
import { leastOf } from '../../tensor/largest.ts';
import { checkOptions } from '../../tensor/options.ts';
import { checkShape, formatShape, normalizeAxis, type Shape, sameShape, sizeOf } from '../../tensor/shape.ts';
import { contiguous, fromData, full, type Tensor, zeros } from '../../tensor/tensor.ts';
import type { Linear } from '../primitive.ts';
import { apply } from '../trace.ts';
import { lift, type Operand } from './lift.ts';

const lanesOf = (x: Tensor, rank: number) => x.shape.slice(0, x.shape.length - rank);

export const reshapeRow: Linear<{ rank: number; shape: Shape }> = {
  name: 'reshape',
  kind: 'linear',
  forward: ([x], { rank, shape }) => fromData(contiguous(x).data, [...lanesOf(x, rank), ...shape]),
  transpose: (g, { rank, shape }, input) => {
    const own = input.shape.slice(input.shape.length - rank);
    return apply(reshapeRow, [g], { rank: shape.length, shape: own });
  },
  samples: [
    {
      inputs: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      attributes: { rank: 2, shape: [3, 2] },
      output: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    },
  ],
  source: 'definition',
  shape: (_, { shape }) => shape,
  axes: () => ({ kind: 'renamed' }),
};

/**
 * The same entries in row-major order under another shape, which may hold one −1 (worked out from the size).
 * @throws ShapeError when the sizes differ.
 * @example
 * reshape(tensor([1, 2, 3, 4]), [2, -1]) // [[1, 2], [3, 4]]
 */
export function reshape(given: Operand, shape: Shape): Tensor {
  const x = lift(given, 'reshape');
  if (!Array.isArray(shape)) {
    throw new ShapeError(
      `Cannot reshape: a shape is a list of lengths, such as [2, -1], got ${describe(shape)}`,
    );
  }
  const known = shape.reduce((size, length) => (length === -1 ? size : size * length), 1);
  const wanted = shape.map((length) => (length === -1 ? sizeOf(x.shape) / known : length));
  if (
    sizeOf(wanted) !== sizeOf(x.shape) ||
    wanted.some((length) => !Number.isInteger(length) || length < 0)
  ) {
    throw new ShapeError(`Cannot reshape ${formatShape(x.shape)} to ${formatShape(shape)}: the sizes differ`);
  }
  return sameShape(x.shape, wanted) ? x : apply(reshapeRow, [x], { rank: x.shape.length, shape: wanted });
}

/** Axes (counted from the end) along which `shape` was spread to `target`; both of the same rank. */
function spreadAxes(shape: Shape, target: Shape): number[] {
  return target
    .map((_, axis) => axis - target.length)
    .filter((axis) => {
      const at = target.length + axis;
      return shape[at] === 1 && target[at] !== 1;
    });
}

export const broadcastRow: Linear<{ shape: Shape }> = {
  name: 'broadcast',
  operation: 'broadcastTo',
  kind: 'linear',
  forward: ([x], { shape }) => broadcastEntries(x, [...lanesOf(x, shape.length), ...shape]),
  transpose: (g, { shape }, input) => {
    const axes = spreadAxes(input.shape.slice(-shape.length), shape);
    return axes.length === 0 ? g : apply(sumRow, [g], { axes });
  },
  samples: [
    {
      inputs: [[[1], [2]]],
      attributes: { shape: [2, 3] },
      output: [
        [1, 1, 1],
        [2, 2, 2],
      ],
    },
  ],
  source: 'definition',
  shape: (_, { shape }) => shape,
  axes: () => ({ kind: 'aligned' }),
};

/**
 * x repeated along axes of length 1 and new leading axes.
 * @throws ShapeError when it does not fit.
 * @example
 * broadcastTo(tensor([1, 2]), [2, 2]) // [[1, 2], [1, 2]]
 */
export function broadcastTo(given: Operand, shape: Shape): Tensor {
  const x = lift(given, 'broadcast');
  checkShape(shape, 'broadcast');
  if (sameShape(x.shape, shape)) return x;
  const missing = shape.length - x.shape.length;
  const fits =
    missing >= 0 && x.shape.every((length, axis) => length === 1 || length === shape[axis + missing]);
  if (!fits) {
    throw new ShapeError(
      `Cannot broadcast ${formatShape(x.shape)} to ${formatShape(shape)}: only axes of length 1 spread`,
    );
  }
  const aligned = reshape(x, [...new Array<number>(missing).fill(1), ...x.shape]);
  return sameShape(aligned.shape, shape) ? aligned : apply(broadcastRow, [aligned], { shape });
}

export const sumRow: Linear<{ axes: readonly number[] }> = {
  name: 'sum',
  kind: 'linear',
  forward: ([x], { axes }) =>
    sumAxes(
      x,
      axes.map((axis) => axis + x.shape.length),
    ),
  transpose: (g, { axes }, input) => {
    const rank = -leastOf(axes);
    return apply(broadcastRow, [g], { shape: input.shape.slice(input.shape.length - rank) });
  },
  samples: [
    {
      inputs: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      attributes: { axes: [-1] },
      output: [[6], [15]],
    },
    {
      inputs: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      attributes: { axes: [-2, -1] },
      output: [[21]],
    },
  ],
  source: 'definition',
  shape: ([x], { axes }) => x.map((length, axis) => (axes.includes(axis - x.length) ? 1 : length)),
  axes: ({ axes }) => ({ kind: 'reduced', axes }),
};

/** What becomes of the axes that are reduced: kept with length 1, or dropped. */
export interface ReduceOptions {
  readonly keepDimensions?: boolean;
}

/** Axes to reduce: one, or a list; negative ones count from the end. */
export type Axes = number | readonly number[];

/** The axes to reduce, in 0 … rank − 1: all when not given. */
export function reducedAxes(x: Tensor, axes: Axes | undefined, action: string): number[] {
  const rank = x.shape.length;
  if (axes === undefined) return x.shape.map((_, axis) => axis);
  const list = typeof axes === 'number' ? [axes] : axes;
  if (!Array.isArray(list)) {
    throw new InputError(`Cannot ${action}: axes are a number or a list of numbers, got ${describe(axes)}`);
  }
  return [...new Set(list.map((axis) => normalizeAxis(axis, rank, action)))].sort((a, b) => a - b);
}

/** What the options of a reduction say of its axes. */
export function keepsDimensions(options: ReduceOptions | undefined, action: string): boolean {
  checkOptions(options, { keepDimensions: 'boolean' }, action);
  return options?.keepDimensions === true;
}

/** @throws ShapeError when a reduction over these axes would have results of no entries at all. */
export function wantEntries(shape: Shape, axes: readonly number[], action: string): void {
  const empty = axes.filter((axis) => shape[axis] === 0);
  const results = shape.reduce((size, length, axis) => (axes.includes(axis) ? size : size * length), 1);
  if (empty.length === 0 || results === 0) return;
  throw new ShapeError(
    `Cannot ${action} of no entries: shape ${formatShape(shape)} is empty along axis ${empty[0]}; reduce axes that have entries`,
  );
}

/** Drops the axes (each of length 1). */
export function dropAxes(x: Tensor, axes: readonly number[]): Tensor {
  return reshape(
    x,
    x.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

/**
 * Σ x over axes (one or a list; all by default). An empty sum is 0.
 * @example
 * sum(tensor([[1, 2], [3, 4]])) // 10
 * sum(tensor([[1, 2], [3, 4]]), 0) // [4, 6]
 */
export function sum(given: Operand, axes?: Axes, options?: ReduceOptions): Tensor {
  const x = lift(given, 'sum');
  const keep = keepsDimensions(options, 'sum');
  const at = reducedAxes(x, axes, 'sum');
  if (at.length === 0) return x;
  const rank = x.shape.length;
  const summed = apply(sumRow, [x], { axes: at.map((axis) => axis - rank) });
  return keep ? summed : dropAxes(summed, at);
}

/**
 * A tensor of zeros like x in shape and precision.
 * @example
 * zerosLike(tensor([1, 2])) // [0, 0]
 */
export function zerosLike(x: Operand): Tensor {
  const { shape, dtype } = lift(x, 'make zeros');
  return zeros(shape, dtype);
}

/**
 * A tensor of ones like x in shape and precision.
 * @example
 * onesLike(tensor([5, 6])) // [1, 1]
 */
export function onesLike(x: Operand): Tensor {
  const { shape, dtype } = lift(x, 'make ones');
  return full(shape, 1, dtype);
}
