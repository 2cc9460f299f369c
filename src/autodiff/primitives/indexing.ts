import { putEntries, takeEntries } from '../../tensor/kernels/take.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { forEachIndex, type Tensor } from '../../tensor/tensor.ts';
import type { Linear } from '../primitive.ts';
import { apply } from '../trace.ts';
import { lift } from './operand.ts';

/** A fixed choice of entries: out[p] = x[index[p]], 0 where index[p] is −1. Shapes without lanes. */
export interface TakeAttributes {
  readonly index: Int32Array;
  readonly input: Shape;
  readonly shape: Shape;
}

const sample = { index: Int32Array.of(2, 0, -1, 2), input: [3], shape: [2, 2] };

export const takeRow: Linear<TakeAttributes> = {
  name: 'take',
  kind: 'linear',
  forward: ([x], { index, input, shape }) => takeEntries(x, index, input, shape),
  transpose: (g, attributes) => apply(putRow, [g], attributes),
  samples: [{ inputs: [[1, 2, 3]], attributes: sample }],
  source: 'definition',
  shape: (_, { shape }) => shape,
};

export const putRow: Linear<TakeAttributes> = {
  name: 'put',
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
    },
  ],
  source: 'definition',
  shape: (_, { input }) => input,
};

/** Entries of x by row-major position; −1 gives 0. index.length = size of `shape`. */
export function takeAt(x: Tensor, index: Int32Array, shape: Shape): Tensor {
  return apply(takeRow, [lift(x)], { index, input: x.shape, shape });
}

/** The transpose of `takeAt`: entries of x added into zeros of shape `input`, at the positions of index. */
export function putAt(x: Tensor, index: Int32Array, input: Shape): Tensor {
  return apply(putRow, [lift(x)], { index, input, shape: x.shape });
}

/** A strided view of x's row-major entries, as a copy. */
export function take(x: Tensor, view: { shape: Shape; stride: readonly number[]; offset: number }): Tensor {
  const index = new Int32Array(sizeOf(view.shape));
  forEachIndex(view, (from, position) => {
    index[position] = from;
  });
  return takeAt(x, index, view.shape);
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
  const index = new Int32Array(sizeOf(shape));
  const outer = sizeOf(input.slice(0, at));
  for (let row = 0, p = 0; row < outer; row++) {
    const from = (row * input[at] + start) * inner;
    for (let k = 0; k < length * inner; k++) index[p++] = from + k;
  }
  return apply(takeRow, [x], { index, input, shape });
}
