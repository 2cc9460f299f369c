import { describe } from './describe.ts';
import { ShapeError } from './errors.ts';

/** The length of each axis; [] is that of a single number. */
export type Shape = readonly number[];

/** How many entries a shape has; 1 for [], 0 when an axis is empty. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) size *= shape[axis];
  return size;
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** @throws ShapeError for anything but a list of whole numbers from 0. */
export function checkShape(shape: unknown, action: string): asserts shape is Shape {
  if (!Array.isArray(shape)) {
    throw new ShapeError(
      `Cannot ${action}: a shape is a list of lengths, such as [2, 3], got ${describe(shape)}`,
    );
  }
  for (let axis = 0; axis < shape.length; axis++) {
    const length: unknown = shape[axis];
    if (Number.isSafeInteger(length) && (length as number) >= 0) continue;
    throw new ShapeError(
      `Cannot ${action}: the lengths of a shape are whole numbers from 0, got ${describe(length)} on axis ${axis}`,
    );
  }
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** The common shape of operands by NumPy's rules (aligned at the last axis). @throws ShapeError, naming the action. */
export function broadcastShapes(shapes: readonly Shape[], action: string): number[] {
  let rank = 0;
  for (const { length } of shapes) rank = Math.max(rank, length);
  const out = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let axis = 0; axis < shape.length; axis++) {
      const at = rank - shape.length + axis;
      if (shape[axis] === 1 || shape[axis] === out[at]) continue;
      if (out[at] !== 1) {
        throw new ShapeError(
          `Cannot ${action}: shapes ${shapes.map(formatShape).join(' and ')} do not broadcast; equal lengths or 1 are wanted`,
        );
      }
      out[at] = shape[axis];
    }
  }
  return out;
}

/** @throws ShapeError where an operand does not spread to a target, but would make it larger. */
export function checkSpreads(shape: Shape, target: Shape, name: string): void {
  if (sameShape(broadcastShapes([shape, target], `spread its ${name}`), target)) return;
  throw new ShapeError(
    `its ${name} of shape ${formatShape(shape)} does not spread to ${formatShape(target)}; equal lengths or 1 are wanted`,
  );
}

/** An axis in 0 … rank − 1, negative ones counted from the end. @throws ShapeError when out of range. */
export function normalizeAxis(axis: number, rank: number, action: string): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(
      `Cannot ${action}: axis ${typeof axis === 'number' ? axis : describe(axis)} is out of range for rank ${rank}; ${rank === 0 ? 'a scalar has no axes' : `use ${-rank} … ${rank - 1}`}`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}
