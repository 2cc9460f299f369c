import { ShapeError } from '../../tensor/errors.ts';
import { broadcastShapes, formatShape, sameShape } from '../../tensor/shape.ts';
import { contiguous, isContiguous, single, type Tensor } from '../../tensor/tensor.ts';
import { isTraced } from '../trace.ts';
import { reshape } from './shaping.ts';

/** What binary operations take: a tensor, or a number that takes the other side's precision. */
export type Operand = Tensor | number;

/** A row-major tensor: numbers become scalars of the given precision. */
export function lift(x: Operand, dtype: Tensor['dtype'] = 'float64'): Tensor {
  if (typeof x === 'number') return single(x, 0, dtype);
  return isTraced(x) || isContiguous(x) ? x : contiguous(x);
}

/** Operands of equal rank: shorter shapes get leading axes of length 1. @throws ShapeError when they do not broadcast. */
export function alignOperands(xs: readonly Operand[], action: string): Tensor[] {
  let first: Tensor | undefined;
  let rank = 0;
  let isSame = true;
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i];
    if (typeof x === 'number') continue;
    first ??= x;
    rank = Math.max(rank, x.shape.length);
    isSame &&= sameShape(x.shape, first.shape);
  }
  if (!isSame) {
    broadcastShapes(
      xs.map((x) => (typeof x === 'number' ? [] : x.shape)),
      action,
    );
  }
  return xs.map((x) => (typeof x === 'number' ? single(x, rank, first?.dtype) : padRank(lift(x), rank)));
}

export function padRank(x: Tensor, rank: number): Tensor {
  const missing = rank - x.shape.length;
  return missing <= 0 ? x : reshape(x, [...new Array<number>(missing).fill(1), ...x.shape]);
}

export function wantRank(x: Tensor, atLeast: number, action: string): void {
  if (x.shape.length < atLeast) {
    throw new ShapeError(
      `Cannot ${action}: an input of at least ${atLeast} axes is wanted, got ${formatShape(x.shape)}`,
    );
  }
}
