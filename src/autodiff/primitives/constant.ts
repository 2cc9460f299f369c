import { mapEntries, zipEntries } from '../../tensor/kernels/map.ts';
import { extremePositions } from '../../tensor/kernels/reduce.ts';
import { fromData, type Tensor } from '../../tensor/tensor.ts';
import type { Constant } from '../primitive.ts';
import { apply } from '../trace.ts';
import { alignOperands, lift, type Operand } from './operand.ts';

function step(name: string, f: (x: number) => number): Constant {
  return {
    name,
    kind: 'constant',
    forward: ([x]) => mapEntries(x, f),
    samples: [{ inputs: [[-1.7, 0.3, 2.6]], attributes: {} }],
    source: 'piecewise constant: the derivative is 0 wherever it exists',
  };
}

function comparison(name: string, f: (x: number, y: number) => boolean): Constant {
  return {
    name,
    kind: 'constant',
    forward: ([x, y]) => zipEntries(x, y, (a, b) => (f(a, b) ? 1 : 0), 'compare'),
    samples: [
      {
        inputs: [
          [1, 2, 3],
          [2, 2.5, -1],
        ],
        attributes: {},
      },
    ],
    source: 'piecewise constant: the derivative is 0 wherever it exists',
  };
}

/** The nearest integer, halves to the even one (IEEE, as ONNX). */
function roundHalfEven(x: number): number {
  const nearest = Math.round(x);
  return Math.abs(x % 1) === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

export const signRow = step('sign', Math.sign);
export const floorRow = step('floor', Math.floor);
export const ceilRow = step('ceil', Math.ceil);
export const roundRow = step('round', roundHalfEven);
export const equalRow = comparison('equal', (a, b) => a === b);
export const greaterRow = comparison('greater', (a, b) => a > b);
export const lessRow = comparison('less', (a, b) => a < b);

export const sign = (x: Tensor): Tensor => apply(signRow, [lift(x)], {});
export const floor = (x: Tensor): Tensor => apply(floorRow, [lift(x)], {});
export const ceil = (x: Tensor): Tensor => apply(ceilRow, [lift(x)], {});
/** The nearest integer, halves to the even one. */
export const round = (x: Tensor): Tensor => apply(roundRow, [lift(x)], {});
/** 1 where the entries are equal, else 0. */
export const equal = (x: Operand, y: Operand): Tensor =>
  apply(equalRow, alignOperands([x, y], 'compare'), {});
/** 1 where x > y, else 0. */
export const greater = (x: Operand, y: Operand): Tensor =>
  apply(greaterRow, alignOperands([x, y], 'compare'), {});
/** 1 where x < y, else 0. */
export const less = (x: Operand, y: Operand): Tensor => apply(lessRow, alignOperands([x, y], 'compare'), {});

export const argmaxRow: Constant<{ axis: number; sign: 1 | -1 }> = {
  name: 'argExtreme',
  kind: 'constant',
  forward: ([x], { axis, sign: direction }) => {
    const at = axis + x.shape.length;
    const positions = extremePositions(x, [at], direction);
    const inner = x.shape.slice(at + 1).reduce((a, b) => a * b, 1);
    const shape = x.shape.map((length, i) => (i === at ? 1 : length));
    return fromData(
      Float64Array.from(positions, (p) => Math.floor(p / inner) % x.shape[at]),
      shape,
    );
  },
  samples: [
    {
      inputs: [
        [
          [1, 5, 3],
          [7, 2, 6],
        ],
      ],
      attributes: { axis: -1, sign: 1 },
    },
  ],
  source: 'piecewise constant: the derivative is 0 wherever it exists',
};

/** Index of the first largest (sign 1) or smallest (−1) entry along an axis counted from the end, kept with length 1. */
export function argExtreme(x: Tensor, axis: number, direction: 1 | -1 = 1): Tensor {
  return apply(argmaxRow, [lift(x)], { axis, sign: direction });
}
