import { describe } from '../../tensor/describe.ts';
import { InputError, ShapeError } from '../../tensor/errors.ts';
import { putEntries, takeEntries } from '../../tensor/kernels/reference/take.ts';
import { checkOptions } from '../../tensor/options.ts';
import { roomFor } from '../../tensor/room.ts';
import { checkShape, formatShape, type Shape, sizeOf } from '../../tensor/shape.ts';
import { checkLayout, forEachIndex, type Tensor } from '../../tensor/tensor.ts';
import type { Linear } from '../primitive.ts';
import { apply } from '../trace.ts';
import { lift, type Operand } from './lift.ts';

/** A fixed choice of entries: out[p] = x[index[p]], 0 where index[p] is −1. Shapes without lanes. */
export interface TakeAttributes {
  readonly index: Int32Array;
  readonly input: Shape;
  readonly shape: Shape;
  /** The same as strides, where it is a view. */
  readonly view?: { readonly stride: readonly number[]; readonly offset: number } | undefined;
}

const sample = { index: Int32Array.of(2, 0, -1, 2), input: [3], shape: [2, 2] };

export const takeRow: Linear<TakeAttributes> = {
  name: 'take',
  operation: 'takeAt',
  kind: 'linear',
  forward: ([x], { index, input, shape }) => takeEntries(x, index, input, shape),
  transpose: (g, attributes) => apply(putRow, [g], attributes),
  samples: [
    {
      inputs: [[1, 2, 3]],
      attributes: sample,
      output: [
        [3, 1],
        [0, 3],
      ],
    },
  ],
  source: 'definition',
  shape: (_, { shape }) => shape,
  axes: (attributes) => ({ kind: 'taken', from: attributes }),
};

export const putRow: Linear<TakeAttributes> = {
  name: 'put',
  operation: 'putAt',
  kind: 'linear',
  forward: ([x], { index, input, shape }) => putEntries(x, index, input, shape),
  transpose: (g, attributes) => apply(takeRow, [g], attributes),
  samples: [
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      attributes: sample,
      output: [2, 0, 5],
    },
  ],
  source: 'definition',
  shape: (_, { input }) => input,
  axes: () => ({ kind: 'lost' }),
};

/** Positions as 32-bit integers, each −1 or below `size`. */
function checkIndex(index: unknown, size: number, action: string): Int32Array {
  const isList = Array.isArray(index) || (ArrayBuffer.isView(index) && 'length' in index);
  if (!isList) {
    throw new InputError(`Cannot ${action}: the index is a list of positions, got ${describe(index)}`);
  }
  const positions = index as ArrayLike<number>;
  for (let i = 0; i < positions.length; i++) {
    if (Number.isInteger(positions[i]) && positions[i] >= -1 && positions[i] < size) continue;
    throw new InputError(
      `Cannot ${action}: positions are whole numbers from −1 to ${size - 1}, got ${describe(positions[i])}`,
    );
  }
  return index instanceof Int32Array ? index : Int32Array.from(positions);
}

function checkCount(index: Int32Array, shape: Shape, action: string): void {
  checkShape(shape, action);
  if (index.length === sizeOf(shape)) return;
  throw new ShapeError(
    `Cannot ${action}: shape ${formatShape(shape)} has ${sizeOf(shape)} entries, the index has ${index.length}`,
  );
}

/**
 * Entries of x by row-major position; −1 gives 0. index.length = size of `shape`.
 * @example
 * takeAt(tensor([10, 20, 30]), [2, -1, 0], [3]) // [30, 0, 10]
 */
export function takeAt(x: Operand, index: ArrayLike<number>, shape: Shape): Tensor {
  const action = 'take entries';
  const given = lift(x, action);
  const positions = checkIndex(index, sizeOf(given.shape), action);
  checkCount(positions, shape, action);
  return apply(takeRow, [given], { index: positions, input: given.shape, shape });
}

/**
 * The transpose of `takeAt`: entries of x added into zeros of shape `input`, at the positions of index.
 * @example
 * putAt(tensor([1, 2, 3]), [0, 2, 0], [3]) // [4, 0, 2]
 */
export function putAt(x: Operand, index: ArrayLike<number>, input: Shape): Tensor {
  const action = 'put entries';
  const given = lift(x, action);
  checkShape(input, action);
  const positions = checkIndex(index, sizeOf(input), action);
  checkCount(positions, given.shape, action);
  return apply(putRow, [given], { index: positions, input, shape: given.shape });
}

/**
 * A strided view of x's row-major entries, as a copy.
 * @example
 * // the diagonal of a matrix
 * take(tensor([[1, 2], [3, 4]]), { shape: [2], stride: [3], offset: 0 }) // [1, 4]
 */
export function take(x: Operand, view: { shape: Shape; stride: readonly number[]; offset: number }): Tensor {
  const action = 'take a view';
  const given = lift(x, action);
  checkOptions(view ?? null, { shape: 'numbers', stride: 'numbers', offset: 'number' }, action);
  checkLayout(view, sizeOf(given.shape), action);
  const positions = () => {
    const index = new Int32Array(roomFor(sizeOf(view.shape)));
    forEachIndex(view, (from, position) => {
      index[position] = from;
    });
    return index;
  };
  return takeLater(given, view, positions);
}

/** Entries of x by positions that are worked out when they are asked for, once: a run on shapes alone never asks. */
export function takeBy(x: Tensor, shape: Shape, positions: () => Int32Array): Tensor {
  return takeLater(x, { shape }, positions);
}

function takeLater(
  x: Tensor,
  { shape, stride, offset = 0 }: { shape: Shape; stride?: readonly number[]; offset?: number },
  positions: () => Int32Array,
): Tensor {
  let index: Int32Array | undefined;
  const attributes: TakeAttributes = {
    input: x.shape,
    shape,
    view: stride && { stride, offset },
    get index() {
      index ??= positions();
      return index;
    },
  };
  return apply(takeRow, [lift(x, 'take entries')], attributes);
}

/** `length` entries from `start` along an axis counted from the end; the last `rank` axes are indexed, others are lanes. */
export function takeRange(
  x: Tensor,
  { axis, start, length, rank }: { axis: number; start: number; length: number; rank: number },
): Tensor {
  const input = x.shape.slice(x.shape.length - rank);
  const at = rank + axis;
  const inner = sizeOf(input.slice(at + 1));
  const shape = input.map((own, i) => (i === at ? length : own));
  const index = new Int32Array(roomFor(sizeOf(shape)));
  const outer = sizeOf(input.slice(0, at));
  for (let row = 0, p = 0; row < outer; row++) {
    const from = (row * input[at] + start) * inner;
    for (let k = 0; k < length * inner; k++) index[p++] = from + k;
  }
  return apply(takeRow, [x], { index, input, shape });
}
