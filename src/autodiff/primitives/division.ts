import { zipEntries } from '../../tensor/kernels/reference/map.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { convolve, minus } from '../coefficients.ts';
import type { Elementwise, Series } from '../primitive.ts';
import { apply, noAttributes } from '../trace.ts';
import { neg } from './arithmetic.ts';
import type { Operand } from './lift.ts';
import { alignOperands } from './operand.ts';

/** q = x / y from its first coefficient on: q_k = (x_k − Σ_{j=1..k} y_j q_{k−j}) / y_0. */
export function quotient(
  x: Series,
  y: Series,
  { first, order }: { first: Tensor; order: number },
): (Tensor | undefined)[] {
  const q: (Tensor | undefined)[] = [first];
  for (let k = 1; k <= order; k++) {
    const top = minus(x[k], convolve(y, q, k, 1));
    q.push(top && div(top, y[0] as Tensor));
  }
  return q;
}

export const divRow: Elementwise = {
  name: 'div',
  kind: 'elementwise',
  forward: ([x, y]) => zipEntries(x, y, (a, b) => a / b, 'divide'),
  derivatives: [([, y]) => div(1, y), ([, y], q) => neg(div(q, y))],
  linearIn: [0],
  taylor: ([x, y], q, order) => quotient(x, y, { first: q, order }),
  samples: [
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
        [[5, -0.5]],
      ],
      attributes: {},
      output: [
        [0.2, -4],
        [0.6, -8],
      ],
    },
  ],
  source: 'd(x / y) = (dx − (x / y) dy) / y',
};

/**
 * x / y entry by entry, broadcast; a zero divisor gives ±Infinity or NaN, as in IEEE arithmetic.
 * @example
 * div(tensor([1, 2]), 4) // [0.25, 0.5]
 */
export function div(x: Operand, y: Operand): Tensor {
  return apply(divRow, alignOperands([x, y], 'divide'), noAttributes);
}
