import type { Shape } from '../../tensor/shape.ts';
import {
  differs,
  gathered,
  moves,
  type Placement,
  type Places,
  type Role,
  type Steps,
  stepsAlong,
} from './placement.ts';

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

function isSide(steps: Steps | undefined, role: Role): boolean {
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
  if (moves(placement[0]) || placement.some((steps) => steps?.period !== undefined)) return undefined;
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

const sameValues = (a: Float64Array, b: Float64Array): boolean =>
  a === b || (a.length === b.length && a.every((value, i) => Object.is(value, b[i])));

const sameSteps = (a: Steps | undefined, b: Steps | undefined): boolean => {
  if (!moves(a) || !moves(b)) return !moves(a) && !moves(b);
  return (
    a.period?.y === b.period?.y && a.period?.x === b.period?.x && sameValues(a.y, b.y) && sameValues(a.x, b.x)
  );
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

/** Every entry lies at a place or another: a tensor of queries against keys has two ways. */
const MOST_WAYS = 4;
