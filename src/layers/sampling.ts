import { add, mul, reshape, sub, take, where } from '../autodiff/operations.ts';
import { takeBy } from '../autodiff/primitives/indexing.ts';
import { concrete } from '../autodiff/trace.ts';
import { ShapeError } from '../tensor/errors.ts';
import { mapEntries } from '../tensor/kernels/reference/map.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { castTo, contiguous, fromData, rowMajor, type Tensor } from '../tensor/tensor.ts';
import { choice, type Layers, need, number, wholeMap } from './layer.ts';
import { placesOf } from './places.ts';

/** How values between cells are made: of cells from `first` on beside the one before a point, weighted by where it lies between them. */
export interface Filter {
  readonly first: number;
  weights(t: Tensor): readonly Tensor[];
}

export const linearFilter: Filter = { first: 0, weights: (t) => [sub(1, t), t] };

const KEYS = -0.75;

/** Keys' cubic kernel at t, and at 1 + t, s = 1 − t: products that keep their digits near its zeros. */
const near = (t: Tensor, s: Tensor) => mul(s, sub(add(1, t), mul(KEYS + 2, mul(t, t))));
const far = (t: Tensor, s: Tensor) => mul(mul(KEYS, t), mul(s, s));

function cubicWeights(t: Tensor): Tensor[] {
  const s = sub(1, t);
  return [far(t, s), near(t, s), near(s, t), far(s, t)];
}

const filters = {
  linear: linearFilter,
  nearest: { first: 0, weights: () => [] },
  cubic: { first: -1, weights: cubicWeights },
} satisfies Record<string, Filter>;

/** The cell that stands for a cell beyond the ends; −1 where there is none, and 0 is read. */
export type Beyond = (cell: number, axis: number) => number;

export interface Points {
  /** Where points lie along each spatial axis, in cells: [n, points]. */
  readonly at: readonly Tensor[];
  /** The image that the n-th of them lie in. */
  readonly images: ArrayLike<number>;
  readonly filter: Filter;
  readonly beyond: Beyond;
}

/**
 * What x [N, C, spatial] has at points, as the weighted cells beside them: terms [n, C, points] whose sum is the value. Differentiable in
 * x and in where the points lie, the cells they lie between being held.
 */
export function cellsAt(x: Tensor, { at, images, filter, beyond }: Points): Tensor[] {
  const step = rowMajor(x.shape);
  const [n, points] = at[0].shape;
  const shape = [n, x.shape[1], points];
  const before = at.map((each) => mapEntries(contiguous(concrete(each)), Math.floor));
  const weights = at.map((each, axis) => filter.weights(sub(each, before[axis])));
  const counts = weights.map((each) => Math.max(1, each.length));
  return Array.from({ length: sizeOf(counts) }, (_, term) => {
    const taps = rowMajor(counts).map((own, axis) => Math.floor(term / own) % counts[axis]);
    const value = takeBy(x, shape, () =>
      placesOf(shape, ([i, c, p]) => {
        let place = images[i] * step[0] + c * step[1];
        for (let axis = 0; axis < taps.length; axis++) {
          const cell = beyond(before[axis].data[i * points + p] + filter.first + taps[axis], axis);
          if (!(cell >= 0)) return -1;
          place += cell * step[axis + 2];
        }
        return place;
      }),
    );
    const factors = taps.flatMap((tap, axis) => weights[axis][tap] ?? []);
    if (factors.length === 0) return value;
    return mul(reshape(factors.reduce(mul), [n, 1, points]), value);
  });
}

export const clampTo = (length: number, cell: number): number => Math.min(length - 1, Math.max(0, cell));

/** A coordinate folded back at the ends, and the slope of that: 1 where it is inside. */
function reflected(at: number, low: number, high: number): [value: number, slope: number] {
  const outside = at < low ? low - at : at - high;
  if (!(outside > 0)) return [at, 1];
  const range = high - low;
  if (range === 0) return [low, 0];
  const times = Math.floor(outside / range);
  const rest = outside - times * range;
  return [at < low === (times % 2 === 0) ? low + rest : high - rest, times % 2 === 0 ? -1 : 1];
}

/** Half to the even one. */
const roundEven = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

interface Grid {
  readonly mode: keyof typeof filters;
  readonly padding: 'zeros' | 'border' | 'reflection';
  readonly isAligned: boolean;
}

/** x [N, C, spatial] at the points of a grid [N, spatial′, axes] from −1 to 1, its coordinates last axis first. */
function gridSample(x: Tensor, grid: Tensor, { mode, padding, isAligned }: Grid): Tensor {
  const lengths = x.shape.slice(2);
  const [n, ...rest] = grid.shape;
  const rank = rest.pop();
  if (lengths.length === 0 || rank !== lengths.length || grid.shape.length !== rank + 2 || n !== x.shape[0])
    throw new ShapeError(
      `its grid ${formatShape(grid.shape)} does not fit the input ${formatShape(x.shape)}`,
    );
  const points = sizeOf(rest);
  const ends = lengths.map((length) => (isAligned ? [0, length - 1] : [-0.5, length - 0.5]));
  const at = lengths.map((length, axis) => {
    const own = take(grid, { shape: [n, points], stride: [points * rank, rank], offset: rank - 1 - axis });
    const given = isAligned ? mul((length - 1) / 2, add(own, 1)) : mul(0.5, sub(mul(length, add(own, 1)), 1));
    const cells = mode === 'nearest' ? mapEntries(contiguous(concrete(given)), roundEven) : given;
    if (padding === 'zeros') return cells;
    const values = contiguous(concrete(cells)).data;
    const [low, high] = ends[axis];
    const back = Array.from(values, (value) =>
      padding === 'reflection'
        ? reflected(value, low, high)
        : value < low || value > high
          ? [clampTo(length, value), 0]
          : [value, 1],
    );
    if (back.every(([, slope]) => slope === 1)) return cells;
    const constant = (f: (i: number) => number) =>
      castTo(
        fromData(
          Float64Array.from(back, (_, i) => f(i)),
          [n, points],
        ),
        cells.dtype,
      );
    const slope = constant((i) => back[i][1]);
    return add(
      where(slope, mul(slope, cells), 0),
      constant((i) => back[i][0] - back[i][1] * (back[i][1] && values[i])),
    );
  });
  const beyond: Beyond = (cell, axis) => {
    const length = lengths[axis];
    if (cell >= 0 && cell < length) return cell;
    if (padding === 'zeros') return -1;
    return clampTo(
      length,
      padding === 'border' ? cell : Math.trunc(reflected(cell, ends[axis][0], ends[axis][1])[0]),
    );
  };
  const images = Array.from({ length: n }, (_, i) => i);
  const cells = cellsAt(x, { at, images, filter: filters[mode], beyond });
  return reshape(cells.reduce(add), [n, x.shape[1], ...rest]);
}

const aligned = 'align_corners';

export const sampling: Layers = {
  GridSample: {
    affine: 'first',
    ...wholeMap,
    inputs: [2, 2],
    attributes: { mode: 'text', padding_mode: 'text', [aligned]: 'int' },
    evaluate: (inputs, attributes) => {
      const mode = choice(attributes, 'mode', ['linear', 'bilinear', 'nearest', 'cubic', 'bicubic']);
      return gridSample(need(inputs, 0, 'X'), need(inputs, 1, 'grid'), {
        mode: mode.replace(/^bi/, '') as Grid['mode'],
        padding: choice(attributes, 'padding_mode', ['zeros', 'border', 'reflection']),
        isAligned: number(attributes, aligned, 0) === 1,
      });
    },
  },
};
