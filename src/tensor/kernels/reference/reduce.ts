import { roomFor } from '../../room.ts';
import type { Shape } from '../../shape.ts';
import { sizeOf } from '../../shape.ts';
import { allocate, contiguous, fromData, type Tensor } from '../../tensor.ts';

/** Row-major positions of an entry with the reduced axes set to 0: out index of each input position. */
export function groupOf(shape: Shape, axes: readonly number[]): { shape: number[]; group: Int32Array } {
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const stride = new Array<number>(shape.length).fill(0);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (!axes.includes(axis)) stride[axis] = step;
    step *= kept[axis];
  }
  const group = new Int32Array(roomFor(sizeOf(shape)));
  const at = new Int32Array(shape.length);
  let index = 0;
  for (let position = 0; position < group.length; position++) {
    group[position] = index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index += stride[axis];
      if (++at[axis] < shape[axis]) break;
      index -= shape[axis] * stride[axis];
      at[axis] = 0;
    }
  }
  return { shape: kept, group };
}

/** Sums over `axes` (0 … rank − 1), kept with length 1; added in row-major order in float64. */
export function sumAxes(x: Tensor, axes: readonly number[]): Tensor {
  const { data } = contiguous(x);
  const rank = x.shape.length;
  const shape = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  // The last axes that are all summed over, or all kept, are one run: what it goes to is looked up once.
  const isSummed = axes.includes(rank - 1);
  let outer = rank;
  while (outer > 0 && axes.includes(outer - 1) === isSummed) outer--;
  const run = sizeOf(x.shape.slice(outer));
  const { group } = groupOf(x.shape.slice(0, outer), axes);
  const out = allocate(sizeOf(shape), x.dtype);
  const sums = x.dtype === 'float64' ? out : new Float64Array(out.length);
  let at = 0;
  for (const to of group) {
    if (isSummed) {
      let sum = sums[to];
      for (const end = at + run; at < end; at++) sum += data[at];
      sums[to] = sum;
    } else {
      for (let k = to * run, end = k + run; k < end; k++, at++) sums[k] += data[at];
    }
  }
  if (sums !== out) out.set(sums);
  return fromData(out, shape);
}

/** Position of the first largest (or smallest) entry of each group, row-major; −1 for an empty group. */
export function extremePositions(x: Tensor, axes: readonly number[], sign: 1 | -1): Int32Array {
  const { data } = contiguous(x);
  const { shape, group } = groupOf(x.shape, axes);
  const best = new Int32Array(sizeOf(shape)).fill(-1);
  for (let position = 0; position < data.length; position++) {
    const current = best[group[position]];
    // A NaN wins, as in NumPy: silence would hide it.
    if (current === -1 || sign * data[position] > sign * data[current] || Number.isNaN(data[position])) {
      if (current === -1 || !Number.isNaN(data[current])) best[group[position]] = position;
    }
  }
  return best;
}
