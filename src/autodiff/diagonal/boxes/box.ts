import { type Shape, sizeOf } from '../../../tensor/shape.ts';
import { contiguous, fromData, type Tensor, zeros } from '../../../tensor/tensor.ts';

/** Part of a tensor: along each axis the indices `from` … `to` − 1. */
export interface Box {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

export const wholeOf = (shape: Shape): Box => ({ from: shape.map(() => 0), to: shape });

export const shapeOf = ({ from, to }: Box): number[] => to.map((end, axis) => Math.max(0, end - from[axis]));

export const entriesOf = (box: Box): number => sizeOf(shapeOf(box));

const isWhole = ({ from, to }: Box, shape: Shape): boolean =>
  shape.every((length, axis) => from[axis] === 0 && to[axis] === length);

export const keyOf = ({ from, to }: Box): string => `${from.join()}:${to.join()}`;

/** The smallest box that holds both. */
export const hull = (a: Box, b: Box): Box => ({
  from: a.from.map((start, axis) => Math.min(start, b.from[axis])),
  to: a.to.map((end, axis) => Math.max(end, b.to[axis])),
});

export const overlap = (a: Box, b: Box): Box => ({
  from: a.from.map((start, axis) => Math.max(start, b.from[axis])),
  to: a.to.map((end, axis) => Math.min(end, b.to[axis])),
});

/** The smallest box that holds the row-major positions of a tensor of that shape for which `holds`; undefined where there are none. */
export function boxAround(shape: Shape, holds: (position: number) => boolean): Box | undefined {
  const size = sizeOf(shape);
  let all = 0;
  while (all < size && holds(all)) all++;
  if (all === size) return size === 0 ? undefined : wholeOf(shape);
  const from = shape.map((length) => length);
  const to = shape.map(() => 0);
  const at = shape.map(() => 0);
  let any = false;
  for (let p = 0; p < size; p++) {
    if (holds(p)) {
      any = true;
      for (let axis = 0; axis < at.length; axis++) {
        if (at[axis] < from[axis]) from[axis] = at[axis];
        if (at[axis] >= to[axis]) to[axis] = at[axis] + 1;
      }
    }
    step(at, shape);
  }
  return any ? { from, to } : undefined;
}

/** The next index in row-major order. */
function step(at: number[], shape: Shape): void {
  for (let axis = at.length - 1; axis >= 0; axis--) {
    if (++at[axis] < shape[axis]) return;
    at[axis] = 0;
  }
}

interface Copy {
  readonly rows: number;
  readonly length: number;
  /** Where row r begins in the larger and in the smaller array. */
  readonly starts: Int32Array;
}

/** Rows of a box within a tensor of that shape, the axes that the box holds whole joined to the last. */
function rowsOf(box: Box, shape: Shape): Copy {
  const own = shapeOf(box);
  let last = shape.length - 1;
  let length = last < 0 ? 1 : own[last];
  while (last > 0 && own[last] === shape[last]) length *= own[--last];
  const outer = own.slice(0, Math.max(0, last));
  const rows = sizeOf(outer);
  const starts = new Int32Array(rows);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const base = box.from.reduce((sum, start, axis) => sum + start * strides[axis], 0);
  const at = outer.map(() => 0);
  for (let r = 0; r < rows; r++) {
    starts[r] = at.reduce((sum, index, axis) => sum + index * strides[axis], base);
    step(at, outer);
  }
  return { rows, length, starts };
}

/** The box of x, whose last axes have `shape`; axes before them are lanes. */
export function crop(x: Tensor, box: Box, shape: Shape): Tensor {
  if (isWhole(box, shape)) return x;
  const { data } = contiguous(x);
  const lanes = x.shape.slice(0, x.shape.length - shape.length);
  const { rows, length, starts } = rowsOf(box, shape);
  const out = zeros([...lanes, ...shapeOf(box)], x.dtype);
  const size = sizeOf(shape);
  let to = 0;
  for (let base = 0; base < data.length; base += size) {
    for (let r = 0; r < rows; r++, to += length) {
      const start = base + starts[r];
      for (let i = 0; i < length; i++) out.data[to + i] = data[start + i];
    }
  }
  return out;
}

/** x, which holds `own`, as what holds `wanted`: cut where it is smaller, zeros where it is larger. */
export function fit(x: Tensor, own: Box, wanted: Box): Tensor {
  if (keyOf(own) === keyOf(wanted)) return x;
  const rank = own.from.length;
  const common = overlap(own, wanted);
  const within = (outer: Box): Box => ({
    from: common.from.map((start, axis) => start - outer.from[axis]),
    to: common.to.map((end, axis) => end - outer.from[axis]),
  });
  const lanes = x.shape.slice(0, x.shape.length - rank);
  const shape = shapeOf(wanted);
  if (entriesOf(common) === 0) return zeros([...lanes, ...shape], x.dtype);
  const part = crop(x, within(own), shapeOf(own));
  if (keyOf(common) === keyOf(wanted)) return part;
  const out = zeros([...lanes, ...shape], x.dtype);
  const { data } = contiguous(part);
  const { rows, length, starts } = rowsOf(within(wanted), shape);
  const size = sizeOf(shape);
  let at = 0;
  for (let base = 0; base < out.data.length; base += size) {
    for (let r = 0; r < rows; r++, at += length) {
      const start = base + starts[r];
      for (let i = 0; i < length; i++) out.data[start + i] = data[at + i];
    }
  }
  return fromData(out.data, out.shape);
}

/** From positions in one box to those of the same entries in another; −1 for entries that it does not hold. */
export function placer(own: Box, other: Box): (position: number) => number {
  const [from, to] = [shapeOf(own), shapeOf(other)];
  return (position) => {
    let place = 0;
    for (let axis = from.length - 1, step = 1, rest = position; axis >= 0; axis--) {
      const at = (rest % from[axis]) + own.from[axis] - other.from[axis];
      if (at < 0 || at >= to[axis]) return -1;
      place += at * step;
      step *= to[axis];
      rest = Math.floor(rest / from[axis]);
    }
    return place;
  };
}

/** Positions in row-major order: `from` … `to` − 1. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** The smallest box that holds a run and is itself one: along one axis a range, before it single indices, behind it all. */
export function boxOfRun({ from, to }: Run, shape: Shape): Box {
  const box = { from: shape.map(() => 0), to: [...shape] };
  let [first, last] = [from, to - 1];
  let step = sizeOf(shape);
  for (let axis = 0; axis < shape.length; axis++) {
    step /= shape[axis];
    const [a, b] = [Math.floor(first / step), Math.floor(last / step)];
    box.from[axis] = a;
    box.to[axis] = b + 1;
    if (a !== b) break;
    first -= a * step;
    last -= b * step;
  }
  return box;
}
