import { takeEntries } from '../../tensor/kernels/reference/take.ts';
import { roomFor } from '../../tensor/room.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { contiguous, type FloatArray, type Tensor } from '../../tensor/tensor.ts';
import type { LinearMap, Selection } from '../primitive.ts';
import { apply } from '../trace.ts';
import { type TakeAttributes, takeRow } from './indexing.ts';

/** Which entries are picked, row-major, −1 for a 0, and how many of the choices stand at a tie. */
export interface Picked {
  readonly index: Int32Array;
  readonly ties: number;
}

interface PickAttributes {
  /** Shapes of what is looked at and of what is picked, without lanes. */
  readonly input: Shape;
  readonly shape: Shape;
  /** What is picked, by the values. */
  find(values: FloatArray): Picked;
}

/** The choice of every lane, and the map that it is. */
function choose(x: Tensor, { input, shape, find }: PickAttributes): TakeAttributes & { ties: number } {
  const { data } = contiguous(x);
  const lanes = x.shape.slice(0, x.shape.length - input.length);
  const size = sizeOf(input);
  const each = sizeOf(shape);
  const index = new Int32Array(roomFor(sizeOf(lanes) * each));
  let ties = 0;
  for (let lane = 0; lane < sizeOf(lanes); lane++) {
    const found = find(data.subarray(lane * size, (lane + 1) * size));
    ties += found.ties;
    found.index.forEach((from, p) => {
      index[lane * each + p] = from < 0 ? -1 : lane * size + from;
    });
  }
  return { index, input: x.shape, shape: [...lanes, ...shape], ties };
}

export const pickRow: Selection<PickAttributes> = {
  name: 'pick',
  operation: false,
  kind: 'selection',
  forward: ([x], attributes) => {
    const { index, input, shape } = choose(x, attributes);
    return takeEntries(x, index, input, shape);
  },
  select: ([x], attributes) => ({ primitive: takeRow, attributes: choose(x, attributes) }) as LinearMap,
  kinks: ([x], attributes) => ({ other: choose(x, attributes).ties }),
  samples: [
    {
      inputs: [[3, 1, 2]],
      attributes: {
        input: [3],
        shape: [2],
        find: (values) => ({ index: Int32Array.of(values[0] > values[1] ? 0 : 1, -1), ties: 0 }),
      },
      output: [3, 0],
    },
  ],
  shape: ([x], { input, shape }) => [...x.slice(0, x.length - input.length), ...shape],
  axes: () => ({ kind: 'lost' }),
  source: 'a choice by comparing values, frozen at order 0',
};

/** Entries of x that `find` picks by their values: [shape]. */
export const pick = (x: Tensor, shape: Shape, find: PickAttributes['find']): Tensor =>
  apply(pickRow, [x], { input: x.shape, shape, find });
