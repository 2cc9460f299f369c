import { ShapeError } from '../tensor/errors.ts';
import { checkOptions } from '../tensor/options.ts';
import { roomFor } from '../tensor/room.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { full, type Tensor } from '../tensor/tensor.ts';
import { argExtreme, mul, reshape, sum, take } from './operations.ts';
import { lift, type Operand } from './primitives/lift.ts';
import {
  type Axes,
  dropAxes,
  keepsDimensions,
  type ReduceOptions,
  reducedAxes,
} from './primitives/shaping.ts';

/**
 * Σ x / n over axes (one or a list; all by default). The mean of nothing is NaN.
 * @throws ShapeError when there is no such axis.
 * @example
 * mean(tensor([[1, 2], [3, 6]])) // 3
 * mean(tensor([[1, 2], [3, 6]]), 0) // [2, 4]
 */
export function mean(given: Operand, axes?: Axes, options?: ReduceOptions): Tensor {
  const x = lift(given, 'take the mean');
  const count = reducedAxes(x, axes, 'take the mean').reduce((n, axis) => n * x.shape[axis], 1);
  return mul(1 / count, sum(x, axes, options));
}

/** What one factor of a product takes, as the entries of a tensor that take as long. */
export const FACTOR_ENTRIES = 256;

/**
 * Π x over axes (one or a list; all by default), one factor at a time: its derivatives hold at 0. An empty product is 1.
 * @throws ShapeError when there is no such axis.
 * @example
 * prod(tensor([[1, 2], [3, 4]])) // 24
 * grad((x) => prod(x))([0, 2, 3]) // [6, 0, 0]
 */
export function prod(given: Operand, axes?: Axes, options?: ReduceOptions): Tensor {
  const action = 'take the product';
  const x = lift(given, action);
  const keep = keepsDimensions(options, action);
  const at = reducedAxes(x, axes, action);
  const shape = x.shape.map((length, axis) => (at.includes(axis) ? 1 : length));
  const stride = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
  // Each factor is an operation of its own.
  roomFor(FACTOR_ENTRIES * sizeOf(at.map((axis) => x.shape[axis])));
  let offsets = [0];
  for (const axis of at) {
    offsets = offsets.flatMap((offset) =>
      Array.from({ length: x.shape[axis] }, (_, i) => offset + i * stride[axis]),
    );
  }
  let total: Tensor | undefined;
  for (const offset of offsets) {
    const factor = take(x, { shape, stride, offset });
    total = total === undefined ? factor : mul(total, factor);
  }
  const product = total ?? full(shape, 1, x.dtype);
  return keep ? product : dropAxes(product, at);
}

/**
 * The inner product Σ_i x_i y_i over the last axis, earlier axes broadcast: [..., n] · [..., n] → [...].
 * @throws ShapeError when the last lengths differ.
 * @example
 * dot(tensor([1, 2, 3]), tensor([4, 5, 6])) // 32
 * dot(tensor([[1, 0], [0, 1]]), [3, 4]) // [3, 4]
 */
export function dot(x: Operand, y: Operand): Tensor {
  const action = 'take the inner product';
  const [a, b] = [lift(x, action), lift(y, action)];
  const [n, m] = [a.shape.at(-1), b.shape.at(-1)];
  if (n === undefined || n !== m) {
    throw new ShapeError(
      `Cannot ${action}: vectors of one length are wanted, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    );
  }
  return sum(mul(a, b), -1);
}

function extremePlace(
  given: Operand,
  sign: 1 | -1,
  place: { axis: number; options: ReduceOptions | undefined },
) {
  const action = sign === 1 ? 'take argmax' : 'take argmin';
  const x = lift(given, action);
  checkOptions(place.options, { keepDimensions: 'boolean' }, action);
  const [axis] = reducedAxes(x, place.axis, action);
  if (x.shape[axis] === 0) {
    throw new ShapeError(`Cannot ${action}: there is no entry along axis ${axis} of ${formatShape(x.shape)}`);
  }
  const found = argExtreme(x, axis, sign);
  return place.options?.keepDimensions === true
    ? found
    : reshape(
        found,
        x.shape.filter((_, i) => i !== axis),
      );
}

/**
 * The index of the largest entry along an axis, the last unless given; the first of equals. It has no derivative.
 * @throws ShapeError when there is no such axis, or no entry along it.
 * @example
 * argmax(tensor([[1, 9, 9], [7, 2, 3]])) // [1, 0]
 */
export function argmax(x: Operand, axis = -1, options?: ReduceOptions): Tensor {
  return extremePlace(x, 1, { axis, options });
}

/**
 * The index of the smallest entry along an axis, the last unless given; the first of equals. It has no derivative.
 * @throws ShapeError when there is no such axis, or no entry along it.
 * @example
 * argmin(tensor([[1, 9, 9], [7, 2, 2]])) // [0, 1]
 */
export function argmin(x: Operand, axis = -1, options?: ReduceOptions): Tensor {
  return extremePlace(x, -1, { axis, options });
}
