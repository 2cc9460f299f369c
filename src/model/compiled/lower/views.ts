/** Values that lie in the memory of others: nothing is copied. */
import { type Shape, sizeOf } from '../../../tensor/shape.ts';
import type { DeviceValue } from './values.ts';

export function transposed(x: DeviceValue, order: readonly number[]): DeviceValue {
  return {
    buffer: x.buffer,
    shape: order.map((axis) => x.shape[axis]),
    strides: order.map((axis) => x.strides[axis]),
    strand: order.indexOf(x.strand),
  };
}

/** What is taken of an axis: from a start on so many entries, each so many behind the one before. */
export interface Range {
  readonly axis: number;
  readonly start: number;
  readonly length: number;
  readonly step?: number;
}

/** Entries of one axis; undefined where they are no vectors. */
export function sliced(x: DeviceValue, { axis, start, length, step = 1 }: Range): DeviceValue | undefined {
  const end = start + length;
  const isWhole = start % 4 === 0 && (length % 4 === 0 || end === x.shape[axis]);
  if (axis === x.strand && !(step === 1 && isWhole)) return undefined;
  if (step < 0 || length < 1) return undefined;
  return entries(x, { axis, start, length, step });
}

/** The same for copies, which need no vectors. */
export function entries(x: DeviceValue, { axis, start, length, step = 1 }: Range): DeviceValue {
  const { buffer, shape, strides } = x;
  const from = start * strides[axis] * 4;
  return {
    ...x,
    buffer: from === 0 ? buffer : { bytes: buffer.bytes - from, within: { whole: buffer, from } },
    shape: shape.map((each, i) => (i === axis ? length : each)),
    strides: strides.map((each, i) => (i === axis ? each * step : each)),
  };
}

/** The same entries again and again along axes of length 1, with axes before the first; undefined where it is no such shape. */
export function expanded(x: DeviceValue, shape: Shape): DeviceValue | undefined {
  const more = shape.length - x.shape.length;
  if (more < 0 || x.shape.some((each, i) => each !== 1 && each !== shape[i + more])) return undefined;
  const isNew = (axis: number) => axis < more || x.shape[axis - more] !== shape[axis];
  const strides = shape.map((_, axis) => (isNew(axis) ? 0 : x.strides[axis - more]));
  const kept = x.strand < 0 || isNew(x.strand + more) ? -1 : x.strand + more;
  return { ...x, shape, strides, strand: kept };
}

/** Groups of axes of two shapes that hold the same entries, both from the first axis on; axes of length 1 are left out. */
function groupsOf(from: Shape, to: Shape): [number[], number[]][] {
  const [a, b] = [from, to].map((shape) => [...shape.keys()].filter((axis) => shape[axis] > 1));
  const groups: [number[], number[]][] = [];
  for (let [i, j] = [0, 0]; i < a.length; ) {
    const group: [number[], number[]] = [[a[i]], [b[j]]];
    let [left, right] = [from[a[i++]], to[b[j++]]];
    while (left !== right) {
      if (left < right) {
        group[0].push(a[i]);
        left *= from[a[i++]];
      } else {
        group[1].push(b[j]);
        right *= to[b[j++]];
      }
    }
    groups.push(group);
  }
  return groups;
}

/** The same entries in row-major order under another shape, wherever they lie; undefined where no strides say that. */
export function restrided(x: DeviceValue, shape: Shape): DeviceValue | undefined {
  if (sizeOf(shape) !== sizeOf(x.shape)) return undefined;
  const strides = new Array<number>(shape.length).fill(0);
  for (const [old, fresh] of groupsOf(x.shape, shape)) {
    for (const [i, axis] of old.slice(0, -1).entries()) {
      if (x.strides[axis] !== x.shape[old[i + 1]] * x.strides[old[i + 1]]) return undefined;
    }
    let stride = x.strides[old.at(-1) as number];
    for (const axis of fresh.reverse()) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
  }
  const strand = shape.findIndex((length, axis) => length > 1 && strides[axis] === 1);
  return { ...x, shape, strides, strand };
}

/** The same, where four neighbours are still a vector. */
export function reshapedView(x: DeviceValue, shape: Shape): DeviceValue | undefined {
  const view = restrided(x, shape);
  if (view === undefined) return undefined;
  const isEven = view.strides.every(
    (stride, axis) => axis === view.strand || shape[axis] === 1 || stride % 4 === 0,
  );
  if (!isEven) return undefined;
  if (view.strand >= 0 || shape.length === 0) return view;
  // Entries that are not neighbours: any axis of length 1 is their strand.
  const strand = shape.lastIndexOf(1);
  return strand < 0 ? undefined : { ...view, strand };
}
