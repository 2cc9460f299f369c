import { describe } from '../../tensor/describe.ts';
import { InputError, ShapeError } from '../../tensor/errors.ts';
import { broadcastEntries, commonDType } from '../../tensor/kernels/reference/map.ts';
import { concatenate } from '../../tensor/kernels/reference/take.ts';
import { largestOf } from '../../tensor/largest.ts';
import { formatShape, normalizeAxis, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Linear } from '../primitive.ts';
import { apply } from '../trace.ts';
import { take, takeRange } from './indexing.ts';
import { lift, type Operand } from './lift.ts';
import { reshape } from './shaping.ts';

export const concatRow: Linear<{ axis: number }> = {
  name: 'concat',
  kind: 'linear',
  forward: (xs, { axis }) => {
    const rank = largestOf(xs.map((x) => x.shape.length));
    const lanes = xs.find((x) => x.shape.length === rank)?.shape ?? [];
    // Inputs without lanes are repeated for each lane.
    const even = xs.map((x) =>
      x.shape.length === rank
        ? x
        : broadcastEntries(x, [...lanes.slice(0, rank - x.shape.length), ...x.shape]),
    );
    return concatenate(even, axis, commonDType(xs));
  },
  transpose: (g, { axis }, { index, shapes }) => {
    const before = shapes.slice(0, index).reduce((total, shape) => total + shape[shape.length + axis], 0);
    const own = shapes[index];
    return takeRange(g, { axis, start: before, length: own[own.length + axis], rank: -axis });
  },
  samples: [
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
        [[5], [6]],
      ],
      attributes: { axis: -1 },
      output: [
        [1, 2, 5],
        [3, 4, 6],
      ],
    },
  ],
  source: 'definition',
  shape: (shapes, { axis }) => {
    const at = shapes[0].length + axis;
    return shapes[0].map((length, i) => (i === at ? shapes.reduce((sum, x) => sum + x[at], 0) : length));
  },
  axes: ({ axis }) => ({ kind: 'joined', axis }),
};

/** Tensors given as a list. */
function liftAll(xs: readonly Operand[], action: string): Tensor[] {
  if (!Array.isArray(xs)) {
    throw new InputError(`Cannot ${action}: a list of tensors is wanted, got ${describe(xs)}`);
  }
  if (xs.length === 0) throw new ShapeError(`Cannot ${action}: no inputs`);
  return xs.map((x) => lift(x, action));
}

/**
 * Joins tensors along an axis.
 * @throws ShapeError when other lengths differ.
 * @example
 * concat([tensor([[1, 2]]), tensor([[3, 4]])], 0) // [[1, 2], [3, 4]]
 */
export function concat(given: readonly Operand[], axis: number): Tensor {
  const xs = liftAll(given, 'concat');
  const rank = xs[0].shape.length;
  const at = normalizeAxis(axis, rank, 'concat');
  for (const x of xs) {
    const fits =
      x.shape.length === rank && x.shape.every((length, i) => i === at || length === xs[0].shape[i]);
    if (!fits) {
      throw new ShapeError(
        `Cannot concat along axis ${axis}: shapes ${xs.map((each) => formatShape(each.shape)).join(', ')} differ elsewhere`,
      );
    }
  }
  return xs.length === 1 ? xs[0] : apply(concatRow, xs, { axis: at - rank });
}

/**
 * Joins tensors of one shape along a new first axis.
 * @example
 * stack([tensor([1, 2]), tensor([3, 4])]) // [[1, 2], [3, 4]]
 */
export function stack(xs: readonly Operand[]): Tensor {
  return concat(
    liftAll(xs, 'stack').map((x) => reshape(x, [1, ...x.shape])),
    0,
  );
}

/**
 * x with its axes in another order: reversed unless given.
 * @example
 * transpose(tensor([[1, 2, 3], [4, 5, 6]])) // [[1, 4], [2, 5], [3, 6]]
 */
export function transpose(given: Operand, order?: readonly number[]): Tensor {
  const x = lift(given, 'transpose');
  const rank = x.shape.length;
  if (order !== undefined && !Array.isArray(order)) {
    throw new InputError(
      `Cannot transpose: the order is a list of axes, such as [1, 0], got ${describe(order)}`,
    );
  }
  const axes = (order ?? x.shape.map((_, axis) => rank - 1 - axis)).map((axis) =>
    normalizeAxis(axis, rank, 'transpose'),
  );
  if (axes.length !== rank || new Set(axes).size !== rank) {
    throw new ShapeError(
      `Cannot transpose ${formatShape(x.shape)}: the order ${formatShape(axes)} must name each axis once`,
    );
  }
  if (axes.every((axis, i) => axis === i)) return x;
  const shape = axes.map((axis) => x.shape[axis]);
  const step = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
  return take(x, { shape, stride: axes.map((axis) => step[axis]), offset: 0 });
}
