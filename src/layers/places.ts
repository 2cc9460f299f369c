import { takeBy } from '../autodiff/primitives/indexing.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { roomFor } from '../tensor/room.ts';
import { formatShape, type Shape, sizeOf } from '../tensor/shape.ts';
import { rowMajor, type Tensor } from '../tensor/tensor.ts';
import { valuesOf } from './layer.ts';

export function wrapIndex(index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    throw new InputError(`index ${index} is out of range for an axis of ${length}`);
  }
  return index < 0 ? index + length : index;
}

/** For each cell of a shape, row-major, a position that is worked out from its coordinates; their list is used again. */
export function placesOf(
  shape: Shape,
  place: (at: readonly number[], position: number) => number,
): Int32Array {
  const index = new Int32Array(roomFor(sizeOf(shape)));
  const at = shape.map(() => 0);
  for (let p = 0; p < index.length; p++) {
    index[p] = place(at, p);
    for (let axis = shape.length - 1; axis >= 0 && ++at[axis] === shape[axis]; axis--) at[axis] = 0;
  }
  return index;
}

/** Entries of x by a position for each cell of a shape; −1 gives 0. */
export function takeCells(x: Tensor, shape: Shape, place: Parameters<typeof placesOf>[1]): Tensor {
  return takeBy(x, shape, () => placesOf(shape, place));
}

/** Row-major position of coordinates. */
export const positionOf = (at: readonly number[], step: readonly number[]): number =>
  at.reduce((sum, each, axis) => sum + each * step[axis], 0);

/** Positions in `shape` of [i][indices[i][j]] and so for any axis, one for each index. */
export function elementPlaces(indices: Tensor, shape: Shape, axis: number): Int32Array {
  if (indices.shape.length !== shape.length) {
    throw new ShapeError(
      `indices ${formatShape(indices.shape)} and data ${formatShape(shape)} differ in rank`,
    );
  }
  indices.shape.forEach((length, i) => {
    if (i === axis || length <= shape[i]) return;
    throw new ShapeError(`indices ${formatShape(indices.shape)} reach beyond the data ${formatShape(shape)}`);
  });
  const chosen = valuesOf(indices) as number[];
  const step = rowMajor(shape);
  return placesOf(
    indices.shape,
    (at, p) => positionOf(at, step) + (wrapIndex(chosen[p], shape[axis]) - at[axis]) * step[axis],
  );
}

/** What a list of indices into the first axes of `shape`, along the last axis of `indices`, chooses. */
export interface Slices {
  /** Shape of what is chosen. */
  readonly shape: Shape;
  places(): Int32Array;
}

/** The slices that indices [batch, …, k] choose of a shape: its first `batch` axes are walked together, the next k are indexed. */
export function slicesOf(indices: Tensor, shape: Shape, batch = 0): Slices {
  const lead = indices.shape.slice(0, -1);
  const depth = indices.shape.at(-1);
  const isBatch = lead.slice(0, batch).every((length, i) => length === shape[i]) && lead.length >= batch;
  if (depth === undefined || batch < 0 || batch + depth > shape.length || !isBatch) {
    throw new ShapeError(
      `indices ${formatShape(indices.shape)} do not fit data ${formatShape(shape)}${batch === 0 ? '' : ` with ${batch} axes of batches`}`,
    );
  }
  const chosen = valuesOf(indices) as number[];
  const step = rowMajor(shape);
  const rest = shape.slice(batch + depth);
  const inner = sizeOf(rest);
  const each = sizeOf(lead.slice(batch));
  const stride = sizeOf(shape.slice(batch));
  const starts = () =>
    Int32Array.from({ length: roomFor(sizeOf(lead)) }, (_, t) => {
      let start = Math.floor(t / each) * stride;
      for (let j = 0; j < depth; j++)
        start += wrapIndex(chosen[t * depth + j], shape[batch + j]) * step[batch + j];
      return start;
    });
  return {
    shape: [...lead, ...rest],
    places: () => {
      const from = starts();
      return placesOf([from.length, inner], ([t, i]) => from[t] + i);
    },
  };
}
