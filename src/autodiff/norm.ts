import { mapEntries } from '../tensor/kernels/reference/map.ts';
import { sizeOf } from '../tensor/shape.ts';
import { contiguous, type Tensor } from '../tensor/tensor.ts';
import { mul } from './primitives/arithmetic.ts';
import { equal } from './primitives/constant.ts';
import { div } from './primitives/division.ts';
import { max } from './primitives/extremes.ts';
import { lift, type Operand } from './primitives/lift.ts';
import { abs, where } from './primitives/piecewise.ts';
import { sqrt, square } from './primitives/powers.ts';
import {
  type Axes,
  dropAxes,
  keepsDimensions,
  type ReduceOptions,
  reducedAxes,
  sum,
} from './primitives/shaping.ts';
import { concrete } from './trace.ts';

const SAFE = 2 ** 400;

/** For each group a power of two by which its entries may be squared; undefined where all may be as they are. */
function unitOf(x: Tensor, axes: readonly number[]): Tensor | undefined {
  const largest = max(abs(concrete(x)), axes, { keepDimensions: true });
  const unit = mapEntries(largest, (size) => {
    const fine = size === 0 || !Number.isFinite(size) || (size < SAFE && size > 1 / SAFE);
    return fine ? 1 : 2 ** Math.floor(Math.log2(size));
  });
  return contiguous(unit).data.some((each) => each !== 1) ? unit : undefined;
}

/**
 * √(Σ x²) over axes (all by default). At 0, where it has a kink, every derivative is 0, in every mode; an empty norm is 0.
 * Neither overflows nor underflows on the way.
 * @example
 * norm(tensor([3, 4])) // 5
 * grad((x) => norm(x))([0, 0]) // [0, 0]
 */
export function norm(given: Operand, axes?: Axes, options?: ReduceOptions): Tensor {
  const action = 'take the norm';
  const x = lift(given, action);
  const keep = keepsDimensions(options, action);
  const at = reducedAxes(x, axes, action);
  if (sizeOf(x.shape) === 0) return sum(x, at, options);
  const unit = unitOf(x, at);
  const total = sum(square(unit === undefined ? x : div(x, unit)), at, { keepDimensions: true });
  const isZero = equal(total, 0);
  // √ has an infinite slope at 0, and what `where` leaves out must not meet it.
  const zeros = contiguous(concrete(isZero)).data.some((each) => each === 1);
  const root = sqrt(zeros ? where(isZero, 1, total) : total);
  const length = unit === undefined ? root : mul(root, unit);
  const y = zeros ? where(isZero, 0, length) : length;
  return keep ? y : dropAxes(y, at);
}
