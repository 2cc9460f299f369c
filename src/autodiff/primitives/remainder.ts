import { zipEntries } from '../../tensor/kernels/reference/map.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { minus } from '../coefficients.ts';
import type { Elementwise } from '../primitive.ts';
import { apply, concrete } from '../trace.ts';
import { mul, neg } from './arithmetic.ts';
import { alignOperands } from './operand.ts';
import { onesLike } from './shaping.ts';

interface RemainderAttributes {
  /** The remainder has the sign of x (C's fmod), else that of y (Python's %). */
  readonly ofDividend: boolean;
}

/** −0 and 0 are what IEEE's fmod gives; Python's % shifts it into the divisor's sign. */
function remainderOf(x: number, y: number, ofDividend: boolean): number {
  const rest = x % y;
  return ofDividend || rest === 0 || rest < 0 === y < 0 ? rest : rest + y;
}

/** How often y is taken away: constant but for jumps. */
const times = ([x, y]: readonly Tensor[], { ofDividend }: RemainderAttributes): Tensor =>
  zipEntries(concrete(x), concrete(y), (a, b) => Math[ofDividend ? 'trunc' : 'floor'](a / b), 'divide');

export const remainderRow: Elementwise<RemainderAttributes> = {
  name: 'remainder',
  operation: false,
  kind: 'elementwise',
  forward: ([x, y], { ofDividend }) =>
    zipEntries(x, y, (a, b) => remainderOf(a, b, ofDividend), 'take the remainder'),
  derivatives: [(_, y) => onesLike(y), (xs, _, attributes) => neg(times(xs, attributes))],
  linearIn: [0, 1],
  // r_k = x_k − ⌊x_0 / y_0⌋ y_k
  taylor: ([x, y], r0, order, attributes) => {
    const n = times([x[0] as Tensor, y[0] as Tensor], attributes);
    const rest = Array.from({ length: order }, (_, k) => {
      const dy = y[k + 1];
      return minus(x[k + 1], dy && mul(n, dy));
    });
    return [r0, ...rest];
  },
  samples: [false, true].map((ofDividend) => ({
    inputs: [
      [-7.25, 5.5, 7],
      [2, -3, 2.5],
    ],
    attributes: { ofDividend },
    output: ofDividend ? [-1.25, 2.5, 2] : [0.75, -0.5, 2],
  })),
  source: 'd (x mod y) = dx − ⌊x / y⌋ dy (C: rounded toward zero), between its jumps',
};

/** x mod y, of y's sign, or of x's as C's fmod. */
export const remainder = (x: Tensor, y: Tensor, ofDividend: boolean): Tensor =>
  apply(remainderRow, alignOperands([x, y], 'take the remainder'), { ofDividend });
