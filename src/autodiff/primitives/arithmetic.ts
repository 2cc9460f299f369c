import { mapEntries, zipArithmetic } from '../../tensor/kernels/reference/map.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Bilinear, Linear } from '../primitive.ts';
import { apply, noAttributes } from '../trace.ts';
import { lift, type Operand } from './lift.ts';
import { alignOperands } from './operand.ts';

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
 * −x.
 * @example
 * neg(tensor([1, -2])) // [-1, 2]
 */
export function neg(x: Operand): Tensor {
  return apply(negRow, [lift(x, 'negate')], noAttributes);
}
