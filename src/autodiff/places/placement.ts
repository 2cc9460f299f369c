/** What each index of an axis adds to a row and a column of the picture; NaN for one that lies nowhere in it. */
export interface Steps {
  readonly y: Float64Array;
  readonly x: Float64Array;
  /** Of a side that was rolled its length: places go on past its end, where they stand for those at its start. */
  readonly period?: Partial<Readonly<Record<Role, number>>>;
}

/** Row or column. */
export type Role = 'y' | 'x';

export const roles: readonly Role[] = ['y', 'x'];

/**
 * Where the entries of a tensor lie: row and column are the sums of what their indices add, axis by axis. An axis that adds nothing has
 * none. Windows, merged axes, a roll and a permutation all are sums of this kind.
 */
export type Placement = readonly (Steps | undefined)[];

/** Where the entries of a tensor lie, in as many ways as are known (none for one that is of no place), or that it is not known. */
export type Places = readonly Placement[] | 'lost';

const countUp = (length: number): Float64Array => Float64Array.from({ length }, (_, i) => i);

/** Steps of an axis along rows or along columns. */
export function stepsAlong(role: Role, length: number): Steps {
  const [own, none] = [countUp(length), new Float64Array(length)];
  return role === 'y' ? { y: own, x: none } : { y: none, x: own };
}

export const differs = (values: Float64Array): boolean =>
  values.some((value) => !Object.is(value, values[0]));

/** Whether rows or columns differ along an axis. */
export const movesIn = (role: Role, steps: Steps | undefined): boolean =>
  steps !== undefined && differs(steps[role]);

/** Whether places differ along an axis. */
export const moves = (steps: Steps | undefined): steps is Steps => movesIn('y', steps) || movesIn('x', steps);

/**
 * The same placement in one form: what is added by axes along which a row (or column) stays the same is added by the first axis along which
 * it moves.
 */
export function normal(placement: Placement): Placement {
  let out = placement;
  for (const role of roles) out = gatheredBase(out, role);
  return out;
}

/** The greatest number that divides every step of a role along the axes that are not left out; 0 where there is none. */
function divisorOf(placement: Placement, role: Role, without: readonly number[] = []): number {
  return placement.reduce((divisor, steps, axis) => {
    if (steps === undefined || without.includes(axis)) return divisor;
    const own = finiteOf(steps[role]);
    return own.reduce((sum, value) => greatestDivisor(sum, value - own[0]), divisor);
  }, 0);
}

function gatheredBase(placement: Placement, role: Role): Placement {
  const first = placement.findIndex((steps) => movesIn(role, steps));
  const still = (steps: Steps | undefined) => steps !== undefined && !movesIn(role, steps);
  const base = placement.reduce((sum, steps) => sum + (still(steps) ? (steps as Steps)[role][0] : 0), 0);
  if (first < 0 || base === 0 || Number.isNaN(base)) return placement;
  return placement.map((steps, axis) => {
    if (steps === undefined) return undefined;
    if (axis === first) return { ...steps, [role]: steps[role].map((value) => value + base) };
    if (!still(steps) || steps[role][0] === 0) return steps;
    const moved = { ...steps, [role]: new Float64Array(steps[role].length) };
    return roles.some((each) => movesIn(each, moved) || moved[each][0] !== 0) ? moved : undefined;
  });
}

/** The greatest number that divides both; 0 where both are 0. */
export function greatestDivisor(a: number, b: number): number {
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
  for (const role of roles) {
    const lost = axes.reduce(
      (sum, axis) => sum + spreadOf(placement[axis]?.[role] ?? new Float64Array(1)),
      0,
    );
    const least = divisorOf(placement, role, axes);
    if (least > 0 && least <= lost) return undefined;
  }
  return placement.map((steps, axis) => (axes.includes(axis) ? undefined : steps));
}
