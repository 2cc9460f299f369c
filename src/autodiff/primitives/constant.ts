import { describe } from '../../tensor/describe.ts';
import { InputError } from '../../tensor/errors.ts';
import { mapEntries, zipEntries } from '../../tensor/kernels/reference/map.ts';
import { extremePositions } from '../../tensor/kernels/reference/reduce.ts';
import { normalizeAxis } from '../../tensor/shape.ts';
import { fromData, type Tensor } from '../../tensor/tensor.ts';
import type { Constant } from '../primitive.ts';
import { apply } from '../trace.ts';
import { lift, type Operand } from './lift.ts';
import { alignOperands } from './operand.ts';
import { wantEntries } from './shaping.ts';

const source = 'piecewise constant: the derivative is 0 wherever it exists';

/** A step function, with its values at [−1.7, 0.3, 2.6] and at [−0.5, 0, 2.5], where some jump. */
function step(
  name: string,
  f: (x: number) => number,
  { output, atJumps }: { output: readonly number[]; atJumps: readonly number[] },
): Constant {
  return {
    name,
    kind: 'constant',
    forward: ([x]) => mapEntries(x, f),
    samples: [
      { inputs: [[-1.7, 0.3, 2.6]], attributes: {}, output },
      { inputs: [[-0.5, 0, 2.5]], attributes: {}, output: atJumps, valuesOnly: true },
    ],
    source,
  };
}

/** A comparison, with its values at (1, 2), (2, 2.5), (3, −1) and at (1, 1), (NaN, NaN), (0, −0), where some jump. */
function comparison(
  name: string,
  f: (x: number, y: number) => boolean,
  { output, atJumps }: { output: readonly number[]; atJumps: readonly number[] },
): Constant {
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
        output,
      },
      {
        inputs: [
          [1, Number.NaN, 0],
          [1, Number.NaN, -0],
        ],
        attributes: {},
        output: atJumps,
        valuesOnly: true,
      },
    ],
    source,
  };
}

/** The nearest integer, halves to the even one (IEEE, as ONNX). */
export function roundHalfEven(x: number): number {
  const nearest = Math.round(x);
  return Math.abs(x % 1) === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

export const signRow = /* @__PURE__ */ step('sign', Math.sign, { output: [-1, 1, 1], atJumps: [-1, 0, 1] });
export const floorRow = /* @__PURE__ */ step('floor', Math.floor, {
  output: [-2, 0, 2],
  atJumps: [-1, 0, 2],
});
export const ceilRow = /* @__PURE__ */ step('ceil', Math.ceil, { output: [-1, 1, 3], atJumps: [0, 0, 3] });
export const roundRow = /* @__PURE__ */ step('round', roundHalfEven, {
  output: [-2, 0, 3],
  atJumps: [0, 0, 2],
});
export const equalRow = /* @__PURE__ */ comparison('equal', (a, b) => a === b, {
  output: [0, 0, 0],
  atJumps: [1, 0, 1],
});
export const greaterRow = /* @__PURE__ */ comparison('greater', (a, b) => a > b, {
  output: [0, 0, 1],
  atJumps: [0, 0, 0],
});
export const lessRow = /* @__PURE__ */ comparison('less', (a, b) => a < b, {
  output: [1, 1, 0],
  atJumps: [0, 0, 0],
});

/**
 * −1, 0 or 1. The derivative is 0.
 * @example
 * sign(tensor([-3, 0, 2])) // [-1, 0, 1]
 */
export const sign = (x: Operand): Tensor => apply(signRow, [lift(x, 'take sign')], {});
/**
 * The largest whole number ≤ x. The derivative is 0.
 * @example
 * floor(tensor([1.5, -1.5])) // [1, -2]
 */
export const floor = (x: Operand): Tensor => apply(floorRow, [lift(x, 'take floor')], {});
/**
 * The smallest whole number ≥ x. The derivative is 0.
 * @example
 * ceil(tensor([1.5, -1.5])) // [2, -1]
 */
export const ceil = (x: Operand): Tensor => apply(ceilRow, [lift(x, 'take ceil')], {});
/**
 * The nearest integer, halves to the even one.
 * @example
 * round(tensor([0.5, 1.5, 2.4])) // [0, 2, 2]
 */
export const round = (x: Operand): Tensor => apply(roundRow, [lift(x, 'take round')], {});
/**
 * 1 where the entries are equal, else 0.
 * @example
 * equal(tensor([1, 2]), 2) // [0, 1]
 */
export const equal = (x: Operand, y: Operand): Tensor =>
  apply(equalRow, alignOperands([x, y], 'compare'), {});
/**
 * 1 where x > y, else 0.
 * @example
 * greater(tensor([1, 2]), 1) // [0, 1]
 */
export const greater = (x: Operand, y: Operand): Tensor =>
  apply(greaterRow, alignOperands([x, y], 'compare'), {});
/**
 * 1 where x < y, else 0.
 * @example
 * less(tensor([1, 2]), 2) // [1, 0]
 */
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
      output: [[1], [0]],
    },
  ],
  shape: ([x], { axis }) => x.map((length, i) => (i === axis + x.length ? 1 : length)),
  axes: ({ axis }) => ({ kind: 'reduced', axes: [axis] }),
  source,
};

/**
 * Index of the first largest (sign 1) or smallest (−1) entry along an axis counted from the end, kept with length 1.
 * @throws ShapeError where there is no entry to find.
 * @example
 * argExtreme(tensor([[1, 5, 5], [9, 0, 2]]), -1) // [[1], [0]]
 */
export function argExtreme(x: Operand, axis: number, direction: 1 | -1 = 1): Tensor {
  const action = 'take argExtreme';
  const given = lift(x, action);
  const rank = given.shape.length;
  if (direction !== 1 && direction !== -1) {
    throw new InputError(`Cannot ${action}: the direction is 1 or −1, got ${describe(direction)}`);
  }
  const at = normalizeAxis(axis, rank, action);
  wantEntries(given.shape, [at], action);
  return apply(argmaxRow, [given], { axis: at - rank, sign: direction });
}
