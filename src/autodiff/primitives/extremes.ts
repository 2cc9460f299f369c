import {
  checkPool,
  maxPoolForward,
  maxPositions,
  type PoolAttributes,
} from '../../tensor/kernels/reference/pool.ts';
import { extremePositions, groupOf } from '../../tensor/kernels/reference/reduce.ts';
import { takeEntries } from '../../tensor/kernels/reference/take.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { contiguous, type Tensor } from '../../tensor/tensor.ts';
import type { LinearMap, Selection } from '../primitive.ts';
import { apply } from '../trace.ts';
import { type TakeAttributes, takeRow } from './indexing.ts';
import { lift, type Operand } from './lift.ts';
import {
  type Axes,
  dropAxes,
  keepsDimensions,
  type ReduceOptions,
  reducedAxes,
  wantEntries,
} from './shaping.ts';

interface ExtremeAttributes {
  /** Axes counted from the end. */
  readonly axes: readonly number[];
  readonly sign: 1 | -1;
}

function extremeIndex(x: Tensor, { axes, sign }: ExtremeAttributes): Int32Array {
  return extremePositions(
    x,
    axes.map((axis) => axis + x.shape.length),
    sign,
  );
}

function takeExtremes(x: Tensor, attributes: ExtremeAttributes): TakeAttributes {
  const shape = x.shape.map((length, axis) => (attributes.axes.includes(axis - x.shape.length) ? 1 : length));
  return { index: extremeIndex(x, attributes), input: x.shape, shape };
}

/** How many groups have their extreme more than once: its first place differs from its last. */
function countTies(x: Tensor, { axes, sign }: ExtremeAttributes): number {
  const { data } = contiguous(x);
  const { group, shape } = groupOf(
    x.shape,
    axes.map((axis) => axis + x.shape.length),
  );
  const first = extremeIndex(x, { axes, sign });
  const times = new Int32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) if (data[i] === data[first[group[i]]]) times[group[i]]++;
  return times.filter((count) => count > 1).length;
}

export const extremeRow: Selection<ExtremeAttributes> = {
  name: 'reduceExtreme',
  operation: 'max',
  kind: 'selection',
  forward: ([x], attributes) => {
    const { index, input, shape } = takeExtremes(x, attributes);
    return takeEntries(x, index, input, shape);
  },
  select: ([x], attributes) => ({ primitive: takeRow, attributes: takeExtremes(x, attributes) }) as LinearMap,
  kinks: ([x], attributes) => ({ other: countTies(x, attributes) }),
  samples: [
    {
      inputs: [
        [
          [1, 5, 3],
          [7, 2, 6],
        ],
      ],
      attributes: { axes: [-1], sign: 1 },
      output: [[5], [7]],
    },
    {
      inputs: [
        [
          [1, 5, 3],
          [7, 2, 6],
        ],
      ],
      attributes: { axes: [-2], sign: -1 },
      output: [[1, 2, 3]],
    },
  ],
  shape: ([x], { axes }) => x.map((length, axis) => (axes.includes(axis - x.length) ? 1 : length)),
  axes: ({ axes }) => ({ kind: 'reduced', axes }),
  source: 'the first largest (sign 1) or smallest (−1) entry in row-major order',
};

function reduceExtreme(given: Operand, sign: 1 | -1, { axes, options }: Reduction): Tensor {
  const action = sign === 1 ? 'take the maximum' : 'take the minimum';
  const x = lift(given, action);
  const keep = keepsDimensions(options, action);
  const at = reducedAxes(x, axes, action);
  if (at.length === 0) return x;
  wantEntries(x.shape, at, action);
  const rank = x.shape.length;
  const reduced = apply(extremeRow, [x], { axes: at.map((axis) => axis - rank), sign });
  return keep ? reduced : dropAxes(reduced, at);
}

interface Reduction {
  readonly axes: Axes | undefined;
  readonly options: ReduceOptions | undefined;
}

/**
 * The largest entry over axes (all by default); the derivative goes to the first of equals.
 * @throws ShapeError where there is no entry to take.
 * @example
 * max(tensor([[1, 5], [7, 2]]), -1) // [5, 7]
 * grad((x) => max(x))([3, 3]) // [1, 0]
 */
export function max(x: Operand, axes?: Axes, options?: ReduceOptions): Tensor {
  return reduceExtreme(x, 1, { axes, options });
}

/**
 * The smallest entry over axes (all by default); the derivative goes to the first of equals.
 * @throws ShapeError where there is no entry to take.
 * @example
 * min(tensor([[1, 5], [7, 2]])) // 1
 */
export function min(x: Operand, axes?: Axes, options?: ReduceOptions): Tensor {
  return reduceExtreme(x, -1, { axes, options });
}

export const maxPoolRow: Selection<PoolAttributes> = {
  name: 'maxPool',
  kind: 'selection',
  forward: ([x], attributes) => maxPoolForward(x, attributes),
  select: ([x], attributes) => {
    const { positions } = maxPositions(x, attributes);
    const shape = [...x.shape.slice(0, -attributes.kernel.length), ...attributes.output];
    return { primitive: takeRow, attributes: { index: positions, input: x.shape, shape } } as LinearMap;
  },
  kinks: ([x], attributes) => ({ poolTies: maxPositions(x, attributes).ties }),
  samples: [
    {
      inputs: [
        [
          [
            [
              [1, 5, 3, 2],
              [7, 2, 6, 1],
              [0, 9, 8, 4],
            ],
          ],
        ],
      ],
      attributes: {
        kernel: [2, 2],
        strides: [1, 2],
        dilations: [1, 1],
        padsBefore: [0, 0],
        padsAfter: [0, 0],
        output: [2, 2],
      },
      output: [
        [
          [
            [7, 6],
            [9, 8],
          ],
        ],
      ],
    },
  ],
  shape: ([x], { kernel, output }) => [...x.slice(0, -kernel.length), ...output],
  axes: ({ kernel }) => ({ kind: 'windowed', spatial: kernel.length, channels: false }),
  source: 'the first largest entry of each window in row-major order (as PyTorch)',
};

/**
 * Max-pool over the trailing axes of x: [..., spatial] → [..., output]. Ties go to the first entry in row-major order.
 * @example
 * const x = tensor([[[[1, 2, 5, 0], [3, 4, 1, 6]]]]);
 * const window = { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], padsBefore: [0, 0], padsAfter: [0, 0] };
 * maxPool(x, { ...window, output: [1, 2] }) // [[[[4, 6]]]]
 */
export function maxPool(x: Operand, attributes: PoolAttributes): Tensor {
  const action = 'pool';
  const given = lift(x, action);
  checkPool(given.shape, attributes, action);
  return apply(maxPoolRow, [given], attributes);
}
