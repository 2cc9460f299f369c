import { castTo, contiguous, type DType, fromData, type Tensor } from '../../tensor/tensor.ts';
import type { Linear, Selection } from '../primitive.ts';
import { apply } from '../trace.ts';
import { roundHalfEven } from './constant.ts';
import { countWhere, keepWhere } from './piecewise.ts';

/** How numbers become those that a narrow type holds. */
export interface StaircaseAttributes {
  /** What is added behind the rounding: one number, or one for each entry. */
  readonly zero: Tensor;
  /** The smallest and the largest number that the type holds. */
  readonly least: number;
  readonly most: number;
  /** Between which bounds derivatives pass: those of the type unless given. */
  readonly passes?: readonly [above: number, below: number];
  /** The nearest number without bounds; the nearest whole number, halves to the even one, unless given. */
  readonly nearest?: (x: number) => number;
}

/** f of every entry and its zero point; lanes lie in front. */
function withZero(x: Tensor, zero: Tensor, f: (x: number, zero: number) => number): Tensor {
  const { data } = contiguous(x);
  const zeros = contiguous(zero).data;
  const out = data.slice();
  for (let i = 0, p = 0; i < out.length; i++) {
    out[i] = f(data[i], zeros[p]);
    if (++p === zeros.length) p = 0;
  }
  return fromData(out, x.shape);
}

const unrounded = (x: Tensor, zero: Tensor) => withZero(x, zero, (value, z) => value + z);

const passesOf = ({ least, most, passes = [least, most] }: StaircaseAttributes) => passes;

/**
 * min(max(nearest(x) + zero, least), most), with the derivatives of min(max(x + zero, least), most): *straight through*.
 *
 * A staircase is flat between its steps: its own derivatives are 0, and would say that a quantised network depends on nothing. What is
 * wanted is the network that was quantised, at the values that the quantised one computes. So the choice that is made at order 0, and
 * which all modes apply, is whether x + zero lies strictly between the bounds: there the slope is 1, elsewhere 0, as `clip` has it. It is
 * a `selection`, since rules of `elementwise` rows answer for the function itself. Entries at or beyond a bound are counted as kinks:
 * how many say how much of the layer the quantisation holds back. A NaN stays a NaN.
 */
export const staircaseRow: Selection<StaircaseAttributes> = {
  name: 'staircase',
  operation: false,
  kind: 'selection',
  forward: ([x], { zero, least, most, nearest = roundHalfEven }) =>
    withZero(x, zero, (value, z) => Math.min(Math.max(nearest(value) + z, least), most)),
  select: ([x], attributes) => {
    const [above, below] = passesOf(attributes);
    return keepWhere(unrounded(x, attributes.zero), (value) => value > above && value < below);
  },
  kinks: ([x], attributes) => {
    const [above, below] = passesOf(attributes);
    return { other: countWhere(unrounded(x, attributes.zero), (value) => value <= above || value >= below) };
  },
  straightThrough: ([x], attributes) => {
    const [above, below] = passesOf(attributes);
    return withZero(x, attributes.zero, (value, z) => Math.min(Math.max(value + z, above), below));
  },
  samples: [
    {
      inputs: [[-9.4, -1.5, 0.5, 1.6, 9.4]],
      attributes: { zero: fromData(Float64Array.of(1), []), least: -4, most: 6 },
      output: [-4, -1, 1, 3, 6],
    },
    {
      inputs: [[0.5, 1.5, -2.4]],
      attributes: { zero: fromData(Float64Array.of(0, 1, 3), [3]), least: 0, most: 3 },
      output: [0, 3, 1],
    },
    {
      inputs: [[-9.4, 1.6, 9.4]],
      attributes: {
        zero: fromData(Float64Array.of(1), []),
        ...{ least: -4, most: 6, passes: [Number.NEGATIVE_INFINITY, 6] },
      },
      output: [-4, 3, 6],
    },
  ],
  source: 'Bengio, Léonard and Courville 2013, straight-through estimator; ONNX QuantizeLinear',
};

/** x in another precision; derivatives are those of x. */
export const precisionRow: Linear<{ dtype: DType }> = {
  name: 'precision',
  operation: false,
  kind: 'linear',
  forward: ([x], { dtype }) => castTo(x, dtype),
  transpose: (g) => g,
  samples: [{ inputs: [[1, -2.5]], attributes: { dtype: 'float64' }, output: [1, -2.5] }],
  source: 'definition',
};

/** x in another precision, derivatives and all. */
export const inPrecision = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : apply(precisionRow, [x], { dtype });
