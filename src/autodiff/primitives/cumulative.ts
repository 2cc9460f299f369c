import { type Cumulation, cumulativeSum } from '../../tensor/kernels/reference/cumulate.ts';
import { checkOptions } from '../../tensor/options.ts';
import { normalizeAxis } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Linear } from '../primitive.ts';
import { apply } from '../trace.ts';
import { lift, type Operand } from './lift.ts';

export const cumsumRow: Linear<Cumulation> = {
  name: 'cumsum',
  kind: 'linear',
  forward: ([x], attributes) => cumulativeSum(x, attributes),
  // What an entry is added to lies on its other side.
  transpose: (g, attributes) =>
    apply(cumsumRow, [g], { ...attributes, reverse: attributes.reverse !== true }),
  samples: [
    {
      inputs: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      attributes: { axis: -1 },
      output: [
        [1, 3, 6],
        [4, 9, 15],
      ],
    },
    {
      inputs: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      attributes: { axis: -2, exclusive: true, reverse: true },
      output: [
        [4, 5, 6],
        [0, 0, 0],
      ],
    },
  ],
  source: 'definition',
  shape: ([x]) => x,
  axes: ({ axis }) => ({ kind: 'aligned', mixes: [axis] }),
};

/** Which way `cumsum` runs, and whether an entry counts itself. */
export interface CumsumOptions {
  /** From the last entry back to the first. */
  readonly reverse?: boolean | undefined;
  /** Without the entry itself: the first sum is 0. */
  readonly exclusive?: boolean | undefined;
}

/**
 * Running sums along an axis, the last unless given: y_k = Σ_{j ≤ k} x_j, of x's shape.
 * @throws ShapeError when there is no such axis.
 * @example
 * cumsum(tensor([1, 2, 3])) // [1, 3, 6]
 * cumsum(tensor([1, 2, 3]), 0, { reverse: true, exclusive: true }) // [5, 3, 0]
 */
export function cumsum(x: Operand, axis = -1, options?: CumsumOptions): Tensor {
  const action = 'take cumsum';
  const given = lift(x, action);
  checkOptions(options, { reverse: 'boolean', exclusive: 'boolean' }, action);
  const rank = given.shape.length;
  return apply(cumsumRow, [given], { ...options, axis: normalizeAxis(axis, rank, action) - rank });
}
