import type { Shape } from '../../tensor/shape.ts';

/** What each index of an axis adds to a row and a column of the picture; NaN for one that lies nowhere in it. */
export interface Steps {
  readonly y: Float64Array;
  readonly x: Float64Array;
}

/**
 * Where the entries of a tensor lie: row and column are the sums of what their indices add, axis by axis. An axis that adds nothing has
 * none. Windows, merged axes, a roll and a permutation all are sums of this kind.
 */
export type Placement = readonly (Steps | undefined)[];

/** Where the entries of a tensor lie, in as many ways as are known (none for one that is of no place), or that it is not known. */
export type Places = readonly Placement[] | 'lost';

/** Every entry lies at a place or another: a tensor of queries against keys has two ways. */
const MOST_WAYS = 4;

export const countUp = (length: number): Float64Array => Float64Array.from({ length }, (_, i) => i);

/** Steps of an axis along rows or along columns. */
export function stepsAlong(role: 'y' | 'x', length: number): Steps {
  const [own, none] = [countUp(length), new Float64Array(length)];
  return role === 'y' ? { y: own, x: none } : { y: none, x: own };
}

const differs = (values: Float64Array): boolean => values.some((value) => !Object.is(value, values[0]));

/** Whether places differ along an axis. */
export const moves = (steps: Steps | undefined): steps is Steps =>
  steps !== undefined && (differs(steps.y) || differs(steps.x));

const sameValues = (a: Float64Array, b: Float64Array): boolean =>
  a === b || (a.length === b.length && a.every((value, i) => Object.is(value, b[i])));

const sameSteps = (a: Steps | undefined, b: Steps | undefined): boolean => {
  if (!moves(a) || !moves(b)) return !moves(a) && !moves(b);
  return sameValues(a.y, b.y) && sameValues(a.x, b.x);
};

/** Whether two placements of one shape say the same. */
export function samePlacement(a: Placement, b: Placement): boolean {
  return a.every((steps, axis) => sameSteps(steps, b[axis])) || sameLayout(a, b);
}

function sameLayout(a: Placement, b: Placement): boolean {
  const [one, other] = [layoutOf(a), layoutOf(b)];
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}

/** The ways in a list, each once; too many are none that helps. */
export function distinct(ways: readonly Placement[]): Places {
  const out: Placement[] = [];
  for (const way of ways) {
    if (way.some((steps) => steps !== undefined) && !out.some((other) => samePlacement(other, way)))
      out.push(way);
  }
  return out.length > MOST_WAYS ? 'lost' : out;
}

function greatestDivisor(a: number, b: number): number {
  let [divisor, rest] = [Math.abs(a), Math.abs(b)];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return divisor;
}

const finiteOf = (values: Float64Array) => values.filter((value) => !Number.isNaN(value));

const spreadOf = (values: Float64Array): number => {
  const own = finiteOf(values);
  return own.length === 0 ? 0 : own.reduce((a, b) => Math.max(a, b)) - own.reduce((a, b) => Math.min(a, b));
};

/**
 * What is left of a placement whose entries are gathered along some axes: nothing of those, and the rest where one step of it is
 * longer than all that was gathered (patches, blocks of cells). Undefined where places overlap.
 */
export function gathered(placement: Placement, axes: readonly number[]): Placement | undefined {
  for (const role of ['y', 'x'] as const) {
    const lost = axes.reduce(
      (sum, axis) => sum + spreadOf(placement[axis]?.[role] ?? new Float64Array(1)),
      0,
    );
    const least = placement.reduce((divisor, steps, axis) => {
      if (steps === undefined || axes.includes(axis)) return divisor;
      const own = finiteOf(steps[role]);
      return own.reduce((sum, value) => greatestDivisor(sum, value - own[0]), divisor);
    }, 0);
    if (least > 0 && least <= lost) return undefined;
  }
  return placement.map((steps, axis) => (axes.includes(axis) ? undefined : steps));
}

/** What the axes of a layer are. */
export type Layout =
  | { readonly kind: 'NCHW' }
  | { readonly kind: 'NHWC' }
  /** Tokens: `prefix` of no place, then those of a grid of so many rows and columns. */
  | {
      readonly kind: 'NTC';
      readonly grid: readonly [height: number, width: number];
      readonly prefix: number;
    };

/** Whether values rise evenly: by one step at each index, or at each so many. */
function isRamp(values: Float64Array): boolean {
  const run = values.findIndex((value) => value !== values[0]);
  if (run < 0) return values.length === 1;
  const step = values[run] - values[0];
  return (
    step > 0 &&
    values.length % run === 0 &&
    values.every((value, i) => value === values[0] + step * Math.floor(i / run))
  );
}

function isSide(steps: Steps | undefined, role: 'y' | 'x'): boolean {
  if (steps === undefined) return false;
  return isRamp(steps[role]) && !differs(steps[role === 'y' ? 'x' : 'y']);
}

/** Tokens that lie row by row on a grid, behind those that lie nowhere. */
function tokensOf({ y, x }: Steps): Layout | undefined {
  const prefix = y.findIndex((value) => !Number.isNaN(value));
  if (prefix < 0) return undefined;
  const [rows, columns] = [y.subarray(prefix), x.subarray(prefix)];
  const run = rows.findIndex((value) => value !== rows[0]);
  const width = run < 0 ? rows.length : run;
  const height = rows.length / width;
  const firstOfRow = rows.filter((_, i) => i % width === 0);
  const fits =
    Number.isInteger(height) &&
    isRamp(columns.slice(0, width)) &&
    isRamp(firstOfRow) &&
    rows.every((value, i) => value === firstOfRow[Math.floor(i / width)]) &&
    columns.every((value, i) => value === columns[i % width]);
  return fits ? { kind: 'NTC', grid: [height, width], prefix } : undefined;
}

/** The layout that a placement of [N, …] is, where it is one: images apart, every cell of the grid once, in its order. */
export function layoutOf(placement: Placement): Layout | undefined {
  const rank = placement.length;
  if (moves(placement[0])) return undefined;
  const channels = rank === 3 ? [2] : [1, 3];
  for (const channel of channels) {
    const rest = moves(placement[channel]) ? gathered(placement, [channel]) : placement;
    if (rest === undefined) continue;
    if (rank === 3 && rest[1] !== undefined) return tokensOf(rest[1]);
    const [row, column] = channel === 1 ? [2, 3] : [1, 2];
    if (rank === 4 && isSide(rest[row], 'y') && isSide(rest[column], 'x'))
      return { kind: channel === 1 ? 'NCHW' : 'NHWC' };
  }
  return undefined;
}

/** The places of a picture of known layout. */
export function placedAs(layout: 'NCHW' | 'NHWC', shape: Shape): Placement {
  const [row, column] = layout === 'NCHW' ? [2, 3] : [1, 2];
  return shape.map((length, axis) =>
    axis === row ? stepsAlong('y', length) : axis === column ? stepsAlong('x', length) : undefined,
  );
}
