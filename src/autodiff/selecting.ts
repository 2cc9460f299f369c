import { InputError, ShapeError } from '../tensor/errors.ts';
import { checkOptions } from '../tensor/options.ts';
import { formatShape, normalizeAxis, sizeOf } from '../tensor/shape.ts';
import { contiguous, fromData, type Tensor, zeros } from '../tensor/tensor.ts';
import { take, takeAt, where } from './operations.ts';
import { lift, type Operand } from './primitives/lift.ts';
import { concrete } from './trace.ts';

/** Row-major strides, in entries. */
const stepsOf = (shape: readonly number[]) => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** An index in 0 … length − 1, negative ones counted from the end. */
function place(index: number, length: number, action: string): number {
  if (Number.isInteger(index) && index >= -length && index < length)
    return index < 0 ? index + length : index;
  throw new ShapeError(
    `Cannot ${action}: index ${String(index)} is out of range for a length of ${length}${length > 0 ? `; use ${-length} … ${length - 1}` : ''}`,
  );
}

/** A list of whole numbers, constants of a function that is being differentiated. */
function indicesOf(given: Operand, action: string): Tensor {
  return contiguous(concrete(lift(given, action)));
}

/**
 * x[i], or x[i, j, …] for a list: one index for each of the first axes, which go away. Negative indices count from the end.
 * @throws ShapeError when an index is out of range, or there are more than axes.
 * @example
 * at(tensor([10, 20, 30]), -1) // 30
 * at(tensor([[1, 2], [3, 4]]), 1) // [3, 4]
 * at(tensor([[1, 2], [3, 4]]), [1, 0]) // 3
 */
export function at(given: Operand, index: number | readonly number[]): Tensor {
  const action = 'take an entry';
  const x = lift(given, action);
  const list = indicesOf(typeof index === 'number' ? [index] : (index as number[]), action).data;
  const step = stepsOf(x.shape);
  if (list.length > x.shape.length) {
    throw new ShapeError(
      `Cannot ${action}: ${formatShape(x.shape)} has ${x.shape.length} axes, got ${list.length} indices`,
    );
  }
  const offset = Array.from(list).reduce(
    (sum, each, axis) => sum + place(each, x.shape[axis], action) * step[axis],
    0,
  );
  return take(x, { shape: x.shape.slice(list.length), stride: step.slice(list.length), offset });
}

/** Which entries `slice` takes. */
export interface SliceOptions {
  /** The first unless given. */
  readonly axis?: number | undefined;
  /** The first entry: 0 unless given; negative ones count from the end. */
  readonly start?: number | undefined;
  /** Behind the last entry: the length unless given; negative ones count from the end. */
  readonly end?: number | undefined;
  /** 1 unless given. */
  readonly step?: number | undefined;
}

/**
 * Every step-th entry from start up to end along an axis, as x[start:end:step]; what lies beyond the ends is left out.
 * @throws InputError for anything but whole numbers, or a step below 1.
 * @example
 * slice(tensor([0, 1, 2, 3, 4]), { start: 1, end: -1 }) // [1, 2, 3]
 * slice(tensor([[0, 1, 2], [3, 4, 5]]), { axis: 1, step: 2 }) // [[0, 2], [3, 5]]
 */
export function slice(given: Operand, options: SliceOptions = {}): Tensor {
  const action = 'slice';
  const x = lift(given, action);
  checkOptions(options, { axis: 'number', start: 'number', end: 'number', step: 'number' }, action);
  const axis = normalizeAxis(options.axis ?? 0, x.shape.length, action);
  const length = x.shape[axis];
  const { start = 0, end = length, step = 1 } = options;
  if (![start, end, step].every(Number.isInteger) || step < 1) {
    throw new InputError(
      `Cannot ${action}: start, end and step must be whole numbers, step at least 1, got ${start}, ${end} and ${step}`,
    );
  }
  const clamp = (value: number) => Math.min(length, Math.max(0, value < 0 ? value + length : value));
  const [from, to] = [clamp(start), clamp(end)];
  const steps = stepsOf(x.shape);
  const shape = x.shape.map((own, i) => (i === axis ? Math.max(0, Math.ceil((to - from) / step)) : own));
  const stride = steps.map((own, i) => (i === axis ? own * step : own));
  return take(x, { shape, stride, offset: sizeOf(shape) === 0 ? 0 : from * steps[axis] });
}

/**
 * The entries of x at indices along an axis, the first unless given: out[…, i, …] = x[…, indices[i], …], with the shape of the
 * indices in place of that axis. Negative indices count from the end. Derivatives of entries that are taken twice add up.
 * @throws ShapeError when an index is out of range.
 * @example
 * gather(tensor([10, 20, 30]), [2, 0, 2]) // [30, 10, 30]
 * gather(tensor([[1, 2], [3, 4]]), [1, 0], 1) // [[2, 1], [4, 3]]
 */
export function gather(given: Operand, indices: Operand, axis = 0): Tensor {
  const action = 'gather';
  const x = lift(given, action);
  const along = normalizeAxis(axis, x.shape.length, action);
  const { data: list, shape: own } = indicesOf(indices, action);
  const length = x.shape[along];
  const inner = sizeOf(x.shape.slice(along + 1));
  const outer = sizeOf(x.shape.slice(0, along));
  const places = Array.from(list, (each) => place(each, length, action));
  const index = new Int32Array(outer * places.length * inner);
  let p = 0;
  for (let row = 0; row < outer; row++) {
    for (const each of places) {
      for (let k = 0; k < inner; k++) index[p++] = (row * length + each) * inner + k;
    }
  }
  return takeAt(x, index, [...x.shape.slice(0, along), ...own, ...x.shape.slice(along + 1)]);
}

/**
 * 1 at the index and 0 elsewhere, along a new last axis of the given depth: a constant. An index outside gives zeros.
 * @throws InputError for a depth that is not a whole number from 0.
 * @example
 * oneHot([0, 2], 3) // [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot(indices: Operand, depth: number): Tensor {
  const action = 'make one-hot vectors';
  checkOptions({ depth: depth ?? null }, { depth: 'count' }, action);
  const { data: list, shape } = indicesOf(indices, action);
  const out = zeros([...shape, depth]);
  for (let i = 0; i < list.length; i++) {
    if (Number.isInteger(list[i]) && list[i] >= 0 && list[i] < depth) out.data[i * depth + list[i]] = 1;
  }
  return out;
}

/** 1 where a matrix [n, m] is kept: column − row ≤ k, or ≥ k. */
function triangle(
  given: Operand,
  k: number,
  { isUpper, action }: { isUpper: boolean; action: string },
): Tensor {
  const x = lift(given, action);
  checkOptions({ k }, { k: 'number' }, action);
  if (x.shape.length < 2) {
    throw new ShapeError(`Cannot ${action}: matrices [..., n, m] are wanted, got ${formatShape(x.shape)}`);
  }
  const [rows, columns] = x.shape.slice(-2);
  const keep = Float64Array.from({ length: rows * columns }, (_, i) => {
    const beyond = (i % columns) - Math.floor(i / columns) - k;
    return Number(isUpper ? beyond >= 0 : beyond <= 0);
  });
  return where(fromData(keep, [rows, columns]), x, 0);
}

/**
 * The lower triangle of matrices [..., n, m]: entries with column − row ≤ k, k = 0 unless given; the others become 0.
 * @throws ShapeError for fewer than two axes.
 * @example
 * tril(tensor([[1, 2], [3, 4]])) // [[1, 0], [3, 4]]
 */
export function tril(x: Operand, k = 0): Tensor {
  return triangle(x, k, { isUpper: false, action: 'take the lower triangle' });
}

/**
 * The upper triangle of matrices [..., n, m]: entries with column − row ≥ k, k = 0 unless given; the others become 0.
 * @throws ShapeError for fewer than two axes.
 * @example
 * triu(tensor([[1, 2], [3, 4]]), 1) // [[0, 2], [0, 0]]
 */
export function triu(x: Operand, k = 0): Tensor {
  return triangle(x, k, { isUpper: true, action: 'take the upper triangle' });
}
