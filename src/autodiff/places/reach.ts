import type { Shape } from '../../tensor/shape.ts';
import type { AxisPath } from '../primitive.ts';
import { type Mask, renamedMask } from './spread.ts';
import { takenBy } from './taken.ts';

const whole = (shape: Shape): Mask => shape.map(() => undefined);

const everything = (length: number): Uint8Array => new Uint8Array(length).fill(1);

/** Indices of either mask. */
export function united(a: Mask | undefined, b: Mask): Mask {
  if (a === undefined) return b;
  return a.map((own, axis) => {
    const other = b[axis];
    return own === undefined || other === undefined ? undefined : own.map((value, i) => value | other[i]);
  });
}

/** The mask of an input that was broadcast. */
function beforeBroadcast(mask: Mask, from: Shape, to: Shape): Mask {
  const added = to.length - from.length;
  return from.map((length, axis) => (length === to[axis + added] ? mask[axis + added] : undefined));
}

/**
 * Indices of each axis of input `which` that entries of the output may depend on, for those of the output in `mask`. Perhaps more than
 * do, never less.
 */
export function reachedBefore(
  path: AxisPath,
  mask: Mask,
  { which, shapes, output }: { which: number; shapes: readonly Shape[]; output: Shape },
): Mask {
  const shape = shapes[which];
  const rank = shape.length;
  const without = (part: Mask, axes: readonly number[]) =>
    part.map((own, axis) => (axes.includes(axis - part.length) ? undefined : own));
  switch (path.kind) {
    case 'aligned':
      return without(beforeBroadcast(mask, shape, output), path.mixes ?? []);
    case 'renamed':
      return renamedMask(mask, output, shape);
    case 'taken':
      return path.from.input.length === rank
        ? takenBy(path.from, mask, { input: shape, output })
        : whole(shape);
    case 'joined': {
      const at = rank + path.axis;
      const before = shapes.slice(0, which).reduce((sum, other) => sum + other[at], 0);
      return mask.map((own, axis) => (axis === at ? own?.subarray(before, before + shape[at]) : own));
    }
    case 'reduced':
      return without(mask, path.axes);
    case 'multiplied': {
      const batch = beforeBroadcast(mask.slice(0, -2), shape.slice(0, -2), output.slice(0, -2));
      const kept = mask.at(which === 0 ? -2 : -1);
      const isSwapped = which === 0 ? path.left : path.right;
      const isFirst = (which === 0) !== isSwapped;
      return [...batch, ...(isFirst ? [kept, undefined] : [undefined, kept])];
    }
    case 'windowed':
      return which === 0
        ? mask.map((own, axis) =>
            axis < rank - path.spatial && !(path.channels && axis === rank - path.spatial - 1)
              ? own
              : undefined,
          )
        : whole(shape);
    case 'lost':
      return whole(shape);
  }
}

/** Whether a mask has any of the indices that hold. */
export const hasAny = (
  part: Uint8Array | undefined,
  holds: (index: number) => boolean,
  length: number,
): boolean => (part ?? everything(length)).some((value, index) => value !== 0 && holds(index));
