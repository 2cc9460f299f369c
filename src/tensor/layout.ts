import { describe } from './describe.ts';
import { ShapeError } from './errors.ts';
import { checkShape, formatShape, type Shape, sizeOf } from './shape.ts';

/** Where the entries of a tensor lie in its data. */
export interface Layout {
  readonly shape: Shape;
  readonly stride: readonly number[];
  readonly offset: number;
}

/** Calls `visit` with the data index of every entry, in row-major order. */
export function forEachIndex(x: Layout, visit: (index: number, position: number) => void): void {
  const rank = x.shape.length;
  const count = sizeOf(x.shape);
  const at = new Int32Array(rank);
  let index = x.offset;
  for (let position = 0; position < count; position++) {
    visit(index, position);
    for (let axis = rank - 1; axis >= 0; axis--) {
      index += x.stride[axis];
      if (++at[axis] < x.shape[axis]) break;
      index -= x.shape[axis] * x.stride[axis];
      at[axis] = 0;
    }
  }
}

/** @throws ShapeError where shape, stride and offset do not fit together, or reach outside of `size` entries. */
export function checkLayout({ shape, stride, offset }: Layout, size: number, action: string): void {
  checkShape(shape, action);
  const whole =
    Array.isArray(stride) && stride.length === shape.length && [offset, ...stride].every(Number.isInteger);
  if (!whole) {
    throw new ShapeError(
      `Cannot ${action}: a whole number of entries is wanted for the offset and for the stride of each axis of ${formatShape(shape)}, got offset ${describe(offset)} and stride ${Array.isArray(stride) ? `[${stride.map(String).join(', ')}]` : describe(stride)}`,
    );
  }
  if (sizeOf(shape) === 0) return;
  let [first, last] = [offset, offset];
  shape.forEach((length, axis) => {
    const reach = (length - 1) * stride[axis];
    if (reach < 0) first += reach;
    else last += reach;
  });
  if (first < 0 || last >= size) {
    throw new ShapeError(
      `Cannot ${action}: shape ${formatShape(shape)} at offset ${offset} reads entries ${first} … ${last}, and there are ${size}`,
    );
  }
}
