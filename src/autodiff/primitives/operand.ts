import { ShapeError } from '../../tensor/errors.ts';
import { broadcastShapes, formatShape } from '../../tensor/shape.ts';
import { contiguous, full, isContiguous, type Tensor } from '../../tensor/tensor.ts';
import { isTraced } from '../trace.ts';
import { reshape } from './shaping.ts';

/** What binary operations take: a tensor, or a number that takes the other side's precision. */
export type Operand = Tensor | number;

/** A row-major tensor: numbers become scalars of the given precision. */
export function lift(x: Operand, dtype: Tensor['dtype'] = 'float64'): Tensor {
  if (typeof x === 'number') return full([], x, dtype);
  return isTraced(x) || isContiguous(x) ? x : contiguous(x);
}

/** Operands of equal rank: shorter shapes get leading axes of length 1. @throws ShapeError when they do not broadcast. */
export function alignOperands(xs: readonly Operand[], action: string): Tensor[] {
  const dtype = xs.find((x): x is Tensor => typeof x !== 'number')?.dtype ?? 'float64';
  const tensors = xs.map((x) => lift(x, dtype));
  const shape = broadcastShapes(
    tensors.map((x) => x.shape),
    action,
  );
  return tensors.map((x) => padRank(x, shape.length));
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
