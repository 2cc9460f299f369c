import { mapEntries, zipEntries } from '../../tensor/kernels/reference/map.ts';
import { wantNumber } from '../../tensor/options.ts';
import { broadcastShapes } from '../../tensor/shape.ts';
import { contiguous, type Tensor } from '../../tensor/tensor.ts';
import type { KinkCounts, LinearMap, Selection } from '../primitive.ts';
import { apply, concrete } from '../trace.ts';
import { type ChooseAttributes, chooseRow, NONE, scaleRow } from './choose.ts';
import { lift, type Operand } from './lift.ts';
import { alignOperands } from './operand.ts';
import { broadcastTo } from './shaping.ts';

export function countWhere(x: Tensor, at: (value: number) => boolean): number {
  const { data } = contiguous(x);
  let count = 0;
  for (let i = 0; i < data.length; i++) if (at(data[i])) count++;
  return count;
}

/** The linear map that keeps entries for which `keep` holds and makes the others 0. */
export function keepWhere(x: Tensor, keep: (value: number) => boolean): LinearMap {
  const { data } = contiguous(x);
  const from = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) from[i] = keep(data[i]) ? 0 : NONE;
  return {
    primitive: chooseRow,
    attributes: { from, shape: x.shape },
  } as LinearMap;
}

/** The linear map with slope(x) at every entry. */
function slopeMap(x: Tensor, slope: (value: number) => number): LinearMap<{ factor: Tensor }> {
  return { primitive: scaleRow, attributes: { factor: mapEntries(x, slope) } };
}

interface Ramp<A> {
  readonly name: string;
  readonly forward: (x: number, attributes: A) => number;
  /** Slope at x; the kink's own slope is part of the definition. */
  readonly slope: (x: number, attributes: A) => number;
  readonly kinks: (attributes: A) => readonly number[];
  readonly counted?: keyof KinkCounts;
  readonly samples: Selection<A>['samples'];
  readonly source: string;
}

/** A row of a piecewise-linear function of one variable with slopes 0 and 1, or with any fixed slopes. */
function ramp<A>(row: Ramp<A>): Selection<A> {
  return {
    name: row.name,
    kind: 'selection',
    forward: ([x], attributes) => mapEntries(x, (value) => row.forward(value, attributes)),
    select: ([x], attributes) => slopeMap(x, (value) => row.slope(value, attributes)) as LinearMap,
    kinks: ([x], attributes) => {
      const at = row.kinks(attributes);
      return { [row.counted ?? 'other']: countWhere(x, (value) => at.includes(value)) };
    },
    samples: row.samples,
    source: row.source,
  };
}

export const reluRow: Selection = {
  name: 'relu',
  kind: 'selection',
  // A NaN stays a NaN: silence would hide it.
  forward: ([x]) => mapEntries(x, (value) => Math.max(value, 0)),
  select: ([x]) => keepWhere(x, (value) => !(value <= 0)),
  kinks: ([x]) => ({ reluZeros: countWhere(x, (value) => value === 0) }),
  samples: [{ inputs: [[-1, 2, 0.5]], attributes: {}, output: [0, 2, 0.5] }],
  source: "max(x, 0), ReLU'(0) = 0",
};

export const leakyReluRow: Selection<{ alpha: number }> = /* @__PURE__ */ ramp({
  name: 'leakyRelu',
  forward: (x, { alpha }) => (x > 0 ? x : alpha * x),
  slope: (x, { alpha }) => (x > 0 ? 1 : alpha),
  kinks: () => [0],
  counted: 'reluZeros',
  samples: [{ inputs: [[-1, 2, 0.5]], attributes: { alpha: 0.1 }, output: [-0.1, 2, 0.5] }],
  source: 'x for x > 0, else αx; the slope at 0 is α',
});

export const absRow: Selection = /* @__PURE__ */ ramp({
  name: 'abs',
  forward: Math.abs,
  slope: (x) => Math.sign(x),
  kinks: () => [0],
  samples: [{ inputs: [[-1, 2]], attributes: {}, output: [1, 2] }],
  source: "|x|, Abs'(0) = 0",
});

export const clipRow: Selection<{ minimum: number; maximum: number }> = /* @__PURE__ */ ramp({
  name: 'clip',
  forward: (x, { minimum, maximum }) => Math.min(Math.max(x, minimum), maximum),
  slope: (x, { minimum, maximum }) => (x > minimum && x < maximum ? 1 : 0),
  kinks: ({ minimum, maximum }) => [minimum, maximum],
  samples: [{ inputs: [[-1, 0.5, 7]], attributes: { minimum: 0, maximum: 6 }, output: [0, 0.5, 6] }],
  source: 'min(max(x, a), b); the slope at a and b is 0',
});

export const thresholdRow: Selection<{ alpha: number }> = /* @__PURE__ */ ramp({
  name: 'threshold',
  forward: (x, { alpha }) => (x > alpha ? x : 0),
  slope: (x, { alpha }) => (x > alpha ? 1 : 0),
  kinks: ({ alpha }) => [alpha],
  samples: [{ inputs: [[-1, 0.5, 7]], attributes: { alpha: 1 }, output: [0, 0, 7] }],
  source: 'x for x > α, else 0',
});

function firstWins(
  name: string,
  wins: (x: number, y: number) => boolean,
  { output, source }: { output: readonly number[]; source: string },
): Selection {
  return {
    name,
    kind: 'selection',
    forward: ([x, y]) => zipEntries(x, y, (a, b) => (Number.isNaN(a) || wins(a, b) || a === b ? a : b), name),
    select: ([x, y]) => {
      const chosen = zipEntries(x, y, (a, b) => (wins(a, b) || a === b ? 0 : 1), name);
      return {
        primitive: chooseRow,
        attributes: { from: Uint8Array.from(chosen.data), shape: chosen.shape },
      } as LinearMap;
    },
    kinks: ([x, y]) => ({
      other: countWhere(
        zipEntries(x, y, (a, b) => (a === b ? 1 : 0), name),
        (tie) => tie === 1,
      ),
    }),
    samples: [
      {
        inputs: [
          [1, 2, 3],
          [2, 1, -3],
        ],
        attributes: {},
        output,
      },
    ],
    source,
  };
}

export const maximumRow = /* @__PURE__ */ firstWins('maximum', (a, b) => a > b, {
  output: [2, 2, 3],
  source: 'the larger; ties go to the first',
});
export const minimumRow = /* @__PURE__ */ firstWins('minimum', (a, b) => a < b, {
  output: [1, 1, -3],
  source: 'the smaller; ties go to the first',
});

/**
 * max(x, 0). The slope at 0 is 0.
 * @example
 * relu(tensor([-1, 2])) // [0, 2]
 * grad(relu)(0) // 0
 */
export const relu = (x: Operand): Tensor => apply(reluRow, [lift(x, 'take relu')], {});
/**
 * x for x > 0, else alpha · x. The slope at 0 is alpha.
 * @example
 * leakyRelu(tensor([-2, 2]), 0.5) // [-1, 2]
 * grad((x) => leakyRelu(x, 0.5))(0) // 0.5
 */
export const leakyRelu = (x: Operand, alpha = 0.01): Tensor =>
  apply(leakyReluRow, [lift(x, 'take leakyRelu')], { alpha: wantNumber(alpha, 'alpha', 'take leakyRelu') });
/**
 * |x|. The slope at 0 is 0.
 * @example
 * abs(tensor([-3, 2])) // [3, 2]
 * grad(abs)(0) // 0
 */
export const abs = (x: Operand): Tensor => apply(absRow, [lift(x, 'take abs')], {});
/**
 * min(max(x, minimum), maximum). The slope at both bounds is 0.
 * @example
 * clip(tensor([-1, 0.5, 9]), 0, 6) // [0, 0.5, 6]
 */
export const clip = (x: Operand, minimum: number, maximum: number): Tensor =>
  apply(clipRow, [lift(x, 'clip')], {
    minimum: wantNumber(minimum, 'the minimum', 'clip'),
    maximum: wantNumber(maximum, 'the maximum', 'clip'),
  });
/**
 * x for x > alpha, else 0. The slope at alpha is 0.
 * @example
 * threshold(tensor([0.5, 2]), 1) // [0, 2]
 */
export const threshold = (x: Operand, alpha: number): Tensor =>
  apply(thresholdRow, [lift(x, 'take threshold')], { alpha: wantNumber(alpha, 'alpha', 'take threshold') });

function spreadOperands(xs: readonly Operand[], action: string): Tensor[] {
  const aligned = alignOperands(xs, action);
  const shape = broadcastShapes(
    aligned.map((x) => x.shape),
    action,
  );
  return aligned.map((x) => broadcastTo(x, shape));
}

/**
 * The larger of two entries, broadcast. A tie goes to x.
 * @example
 * maximum(tensor([1, 5]), 3) // [3, 5]
 * grad((x) => maximum(x, 3))(3) // 1
 */
export const maximum = (x: Operand, y: Operand): Tensor =>
  apply(maximumRow, spreadOperands([x, y], 'take the maximum'), {});
/**
 * The smaller of two entries, broadcast. A tie goes to x.
 * @example
 * minimum(tensor([1, 5]), 3) // [1, 3]
 */
export const minimum = (x: Operand, y: Operand): Tensor =>
  apply(minimumRow, spreadOperands([x, y], 'take the minimum'), {});

/**
 * x where the condition is not 0, else y; broadcast. The condition has no derivative. Both are computed everywhere, and the
 * derivative of the one not taken is multiplied by 0: where it may be infinite, give it a safe argument.
 * @example
 * const x = tensor([-1, 4]);
 * where(greater(x, 0), x, mul(0.1, x)) // [-0.1, 4]
 * const sinc = (t: Tensor) => {
 *   const safe = where(equal(t, 0), 1, t);
 *   return where(equal(t, 0), 1, div(sin(safe), safe));
 * };
 * grad(sinc)(0) // 0
 */
export function where(condition: Operand, x: Operand, y: Operand): Tensor {
  const action = 'choose';
  const [a, b] = alignOperands([x, y], action);
  const plain = concrete(lift(condition, action));
  const shape = broadcastShapes([plain.shape, a.shape, b.shape], action);
  // A run on shapes alone never asks for the choice.
  let from: Uint8Array | undefined;
  const attributes: ChooseAttributes = {
    shape,
    get from() {
      from ??= Uint8Array.from(contiguous(broadcastTo(plain, shape)).data, (value) => (value === 0 ? 1 : 0));
      return from;
    },
  };
  return apply(chooseRow, [broadcastTo(a, shape), broadcastTo(b, shape)], attributes);
}
