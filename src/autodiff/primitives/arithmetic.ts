import { mapEntries, zipArithmetic, zipEntries } from '../../tensor/kernels/map.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Bilinear, Elementwise, Linear } from '../primitive.ts';
import { convolve, minus } from '../series.ts';
import { apply, noAttributes } from '../trace.ts';
import { alignOperands, lift, type Operand } from './operand.ts';

export const addRow: Linear = {
  name: 'add',
  kind: 'linear',
  forward: ([x, y]) => zipArithmetic(x, y, 'add'),
  transpose: (g) => g,
  samples: [
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
        [[5, 6]],
      ],
      attributes: {},
      output: [
        [6, 8],
        [8, 10],
      ],
    },
  ],
  source: 'd(x + y) = dx + dy',
};

export const negRow: Linear = {
  name: 'neg',
  kind: 'linear',
  forward: ([x]) => mapEntries(x, (a) => -a),
  transpose: (g) => neg(g),
  samples: [{ inputs: [[1, -2]], attributes: {}, output: [-1, 2] }],
  source: 'd(−x) = −dx',
};

export const subRow: Linear = {
  name: 'sub',
  kind: 'linear',
  forward: ([x, y]) => zipArithmetic(x, y, 'sub'),
  transpose: (g, _, { index }) => (index === 0 ? g : neg(g)),
  samples: [
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
        [[5, 6]],
      ],
      attributes: {},
      output: [
        [-4, -4],
        [-2, -2],
      ],
    },
  ],
  source: 'd(x − y) = dx − dy',
};

export const mulRow: Bilinear = {
  name: 'mul',
  kind: 'bilinear',
  forward: ([x, y]) => zipArithmetic(x, y, 'mul'),
  transposeLeft: (g, y) => mul(g, y),
  transposeRight: (g, x) => mul(g, x),
  multiplyAdds: (_, output) => sizeOf(output),
  samples: [
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
        [[5, 6]],
      ],
      attributes: {},
      output: [
        [5, 12],
        [15, 24],
      ],
    },
  ],
  source: 'd(x y) = y dx + x dy',
};

export const divRow: Elementwise = {
  name: 'div',
  kind: 'elementwise',
  forward: ([x, y]) => zipEntries(x, y, (a, b) => a / b, 'divide'),
  derivatives: [([, y]) => div(1, y), ([, y], q) => neg(div(q, y))],
  linearIn: [0],
  // q_k = (x_k − Σ_{j=1..k} y_j q_{k−j}) / y_0
  taylor: ([x, y], q0, order) => {
    const q: (Tensor | undefined)[] = [q0];
    for (let k = 1; k <= order; k++) {
      const top = minus(x[k], convolve(y, q, k, 1));
      q.push(top && div(top, y[0] as Tensor));
    }
    return q;
  },
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
 * x + y, broadcast.
 * @example
 * add(tensor([[1, 2], [3, 4]]), [10, 20]) // [[11, 22], [13, 24]]
 */
export function add(x: Operand, y: Operand): Tensor {
  return apply(addRow, alignOperands([x, y], 'add'), noAttributes);
}

/**
 * x − y, broadcast.
 * @example
 * sub(1, tensor([1, 2])) // [0, -1]
 */
export function sub(x: Operand, y: Operand): Tensor {
  return apply(subRow, alignOperands([x, y], 'subtract'), noAttributes);
}

/**
 * x · y entry by entry, broadcast.
 * @example
 * mul(2, tensor([1, 2])) // [2, 4]
 */
export function mul(x: Operand, y: Operand): Tensor {
  return apply(mulRow, alignOperands([x, y], 'multiply'), noAttributes);
}

/**
 * x / y entry by entry, broadcast; a zero divisor gives ±Infinity or NaN, as in IEEE arithmetic.
 * @example
 * div(tensor([1, 2]), 4) // [0.25, 0.5]
 */
export function div(x: Operand, y: Operand): Tensor {
  return apply(divRow, alignOperands([x, y], 'divide'), noAttributes);
}

/**
 * −x.
 * @example
 * neg(tensor([1, -2])) // [-1, 2]
 */
export function neg(x: Operand): Tensor {
  return apply(negRow, [lift(x, 'negate')], noAttributes);
}
