import { type Shape, sameShape } from '../../tensor/shape.ts';
import type { AxisPath } from '../primitive.ts';
import { joined, type PlacedInput } from './joined.ts';
import { distinct } from './layout.ts';
import {
  gathered,
  moves,
  normal,
  type Placement,
  type Places,
  type Role,
  type Steps,
  stepsAlong,
} from './placement.ts';
import { renamed } from './spread.ts';
import { taken } from './taken.ts';

const isPlacement = (way: Placement | undefined): way is Placement => way !== undefined;

/** The ways, or that they are not known where one of them is lost. */
function all(ways: readonly (Placement | undefined)[]): Places {
  return ways.every(isPlacement) ? distinct(ways) : 'lost';
}

/** A placement under the axes of a shape that it is broadcast to; undefined where what lies at one place goes to many. */
function broadcast(placement: Placement, from: Shape, to: Shape): Placement | undefined {
  const added = to.length - from.length;
  const spreads = placement.some((steps, axis) => steps !== undefined && from[axis] !== to[axis + added]);
  return spreads ? undefined : [...new Array<undefined>(added).fill(undefined), ...placement];
}

function aligned(inputs: readonly PlacedInput[], output: Shape): Places {
  return distinct(
    inputs.flatMap(({ ways, shape }) => ways.map((way) => broadcast(way, shape, output)).filter(isPlacement)),
  );
}

/** Of ways that are gathered along some axes those that do not lie along them, else what is left of any. */
function remaining(
  inputs: readonly { ways: readonly Placement[]; axes: readonly number[] }[],
): Placement[][] {
  const untouched = inputs.map(({ ways, axes }) =>
    ways.filter((way) => !axes.some((axis) => moves(way[axis]))),
  );
  return untouched.some((ways) => ways.length > 0)
    ? untouched
    : inputs.map(({ ways, axes }) => ways.map((way) => gathered(way, axes)).filter(isPlacement));
}

const onePlace: Steps = stepsAlong('y', 1);

function reduced([{ ways, shape }]: readonly PlacedInput[], axes: readonly number[]): Places {
  const at = axes.map((axis) => axis + shape.length);
  const untouched = ways.filter((way) => !at.some((axis) => moves(way[axis])));
  const only = (way: Placement, rest: Steps | undefined) =>
    way.map((steps, axis) => (!at.includes(axis) ? steps : steps === undefined ? undefined : rest));
  if (untouched.length > 0) return distinct(untouched.map((way) => only(way, undefined)));
  // What is gathered along a side lies along it as a whole.
  const left = ways.filter((way) => gathered(way, at) !== undefined);
  return distinct(left.map((way) => only(way, onePlace)));
}

function multiplied(
  [x, y]: readonly PlacedInput[],
  { left, right }: { left: boolean; right: boolean },
  output: Shape,
): Places {
  const rank = output.length;
  const [row, inner] = left ? [1, 2] : [2, 1];
  const [column, other] = right ? [2, 1] : [1, 2];
  const [lefts, rights] = remaining([
    { ways: x.ways, axes: [x.shape.length - inner] },
    { ways: y.ways, axes: [y.shape.length - other] },
  ]);
  const placed = (
    { shape }: PlacedInput,
    way: Placement,
    own: { from: number; to: number },
  ): Placement | undefined => {
    const batch = broadcast(way.slice(0, -2), shape.slice(0, -2), output.slice(0, -2));
    if (batch === undefined) return undefined;
    const out: (Steps | undefined)[] = [...batch, undefined, undefined];
    out[rank - own.to] = way[shape.length - own.from];
    return out;
  };
  return distinct(
    [
      ...lefts.map((way) => placed(x, way, { from: row, to: 2 })),
      ...rights.map((way) => placed(y, way, { from: column, to: 1 })),
    ].filter(isPlacement),
  );
}

/** A side in another number of cells; undefined where it is none. */
function resized(steps: Steps, length: number, fallback: Role): Steps | undefined {
  const still = (role: Role) => steps[role].every((value) => value === steps[role][0]);
  if (still('y') && still('x')) return stepsAlong(fallback, length);
  if (still('x')) return stepsAlong('y', length);
  return still('y') ? stepsAlong('x', length) : undefined;
}

/**
 * Windows over the last axes: each cell keeps its place where there are as many as before, else they lie over the same picture. Two sides
 * of cells that lie nowhere yet are rows and columns.
 */
function windowed(
  { shape, ways }: PlacedInput,
  { spatial, channels }: { spatial: number; channels: boolean },
  output: Shape,
): Places {
  const rank = shape.length;
  const cells = output.slice(rank - spatial);
  const isCell = (axis: number) => axis >= rank - spatial;
  const roleOf = (axis: number) => (axis === rank - 2 ? 'y' : 'x');
  const sides = () =>
    output.map((length, axis) => (isCell(axis) ? stepsAlong(roleOf(axis), length) : undefined));
  if (ways.length === 0) return spatial === 2 ? [sides()] : [];
  const [left] = channels ? remaining([{ ways, axes: [rank - spatial - 1] }]) : [ways];
  if (left.length === 0) return spatial === 2 ? [sides()] : 'lost';
  if (sameShape(cells, shape.slice(rank - spatial))) return distinct(left);
  return all(
    left.map((way) => {
      const isPlain = way.every(
        (steps, axis) => steps?.period === undefined && (isCell(axis) || !moves(steps)),
      );
      const next = way.map((steps, axis) =>
        steps !== undefined && isCell(axis) ? resized(steps, output[axis], roleOf(axis)) : undefined,
      );
      return isPlain && way.every((steps, axis) => !moves(steps) || next[axis] !== undefined)
        ? next
        : undefined;
    }),
  );
}

/** Where the entries of a primitive's output lie. */
export function follow(path: AxisPath, inputs: readonly PlacedInput[], output: Shape): Places {
  const places = followed(path, inputs, output);
  return places === 'lost' ? places : places.map(normal);
}

function followed(path: AxisPath, inputs: readonly PlacedInput[], output: Shape): Places {
  const [first] = inputs;
  const isPlaced = inputs.some(({ ways }) => ways.length > 0);
  if (!isPlaced && path.kind !== 'windowed') return [];
  switch (path.kind) {
    case 'aligned':
      return aligned(inputs, output);
    case 'renamed':
      return all(first.ways.map((way) => renamed(way, first.shape, output)));
    case 'taken':
      return all(first.ways.map((way) => taken(path.from, way, { input: first.shape, output })));
    case 'joined':
      return joined(inputs, path.axis);
    case 'reduced':
      return reduced(inputs, path.axes);
    case 'multiplied':
      return multiplied(inputs, path, output);
    case 'windowed':
      return windowed(first, path, output);
    case 'lost':
      return 'lost';
  }
}
