import { broadcastShapes, sameShape } from '../../tensor/shape.ts';
import { isTensor, single, type Tensor, toTensor } from '../../tensor/tensor.ts';
import { lift, type Operand } from './lift.ts';
import { reshape } from './shaping.ts';

const isKnown = (x: Operand): x is Tensor | number => typeof x === 'number' || isTensor(x);

/** Tensors and numbers: nested arrays take the precision of the first operand that has one. */
function liftOthers(xs: readonly Operand[], action: string): (Tensor | number)[] {
  const first = xs.find((x) => typeof x === 'object' && x !== null && !Array.isArray(x));
  const dtype = first === undefined ? 'float64' : toTensor(first, action).dtype;
  return xs.map((x) => (isKnown(x) ? x : lift(x, action, dtype)));
}

/** Operands of equal rank: shorter shapes get leading axes of length 1. @throws ShapeError when they do not broadcast. */
export function alignOperands(given: readonly Operand[], action: string): Tensor[] {
  const xs = given.every(isKnown) ? given : liftOthers(given, action);
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
  return xs.map((x) =>
    typeof x === 'number' ? single(x, rank, first?.dtype) : padRank(lift(x, action), rank),
  );
}

export function padRank(x: Tensor, rank: number): Tensor {
  const missing = rank - x.shape.length;
  return missing <= 0 ? x : reshape(x, [...new Array<number>(missing).fill(1), ...x.shape]);
}
