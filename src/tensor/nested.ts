import { describe } from './describe.ts';
import { InputError, ShapeError } from './errors.ts';
import type { Shape } from './shape.ts';

/** A number, or arrays of numbers nested to any depth, as those of `tensor`. */
export type NestedNumbers = number | readonly NestedNumbers[];

type Writable = Float64Array | Float32Array;

const DEEPEST = 32;

/** The shape that nested arrays have by their first entries. */
export function nestedShape(values: NestedNumbers): number[] {
  const shape: number[] = [];
  for (let level = values; Array.isArray(level); level = level[0]) {
    if (shape.length === DEEPEST) {
      throw new ShapeError(`Cannot make a tensor: the arrays are nested deeper than ${DEEPEST}`);
    }
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

/** Writes nested numbers in row-major order. @throws ShapeError when rows differ in length. */
export function flattenInto(out: Writable, values: NestedNumbers, shape: Shape): void {
  let row: readonly NestedNumbers[] = [values];
  for (const length of shape) {
    for (const entry of row) {
      if (!Array.isArray(entry) || entry.length !== length) {
        throw new ShapeError('Cannot make a tensor of nested arrays: rows differ in length');
      }
    }
    row = (row as readonly (readonly NestedNumbers[])[]).flat();
  }
  writeNumbers(out, row);
}

/** @throws InputError for anything but numbers. */
export function writeNumbers(out: Writable, values: ArrayLike<unknown>): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'number') {
      throw new InputError(`Cannot make a tensor: entry ${i} is not a number, got ${describe(value)}`);
    }
    out[i] = value;
  }
}
