import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { movesIn, type Placement, type Role, roles, type Steps } from './placement.ts';

/** Steps that were made of others, on a side that was rolled where one of them is. */
export function withPeriod(steps: Steps, of: readonly (Steps | undefined)[]): Steps {
  const periods = roles.flatMap((role): [Role, number][] => {
    const period = of.find((part) => part?.period?.[role] !== undefined)?.period?.[role];
    return period === undefined || !movesIn(role, steps) ? [] : [[role, period]];
  });
  return periods.length === 0 ? steps : { ...steps, period: Object.fromEntries(periods) };
}

/** Steps of one axis in row-major order of all axes: what each entry's indices add together. */
export function flattened(parts: readonly (Steps | undefined)[], shape: Shape): Steps | undefined {
  if (parts.every((part) => part === undefined)) return undefined;
  let all: Steps = { y: new Float64Array(1), x: new Float64Array(1) };
  parts.forEach((part, axis) => {
    const length = shape[axis];
    const outer = all;
    const spread = (role: Role) =>
      Float64Array.from({ length: outer.y.length * length }, (_, p) => {
        const own = part === undefined ? 0 : part[role][p % length];
        return outer[role][Math.floor(p / length)] + own;
      });
    all = { y: spread('y'), x: spread('x') };
  });
  return withPeriod(all, parts);
}

/** Row-major strides. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/**
 * Values in row-major order of a shape as sums of what each axis adds; undefined where they are no such sums. An entry is NaN where one
 * of its indices adds NaN.
 */
function separated(values: Float64Array, shape: Shape): Float64Array[] | undefined {
  const strides = stridesOf(shape);
  const origin = values.findIndex((value) => !Number.isNaN(value));
  if (origin < 0) return undefined;
  const parts = shape.map((length, axis) => {
    const own = Math.floor(origin / strides[axis]) % length;
    const base = axis === 0 ? 0 : values[origin];
    return Float64Array.from({ length }, (_, index) => values[origin + (index - own) * strides[axis]] - base);
  });
  let sums: Float64Array = new Float64Array(1);
  for (const part of parts) {
    const outer = sums;
    sums = new Float64Array(outer.length * part.length);
    for (let i = 0, p = 0; i < outer.length; i++) {
      for (let j = 0; j < part.length; j++) sums[p++] = outer[i] + part[j];
    }
  }
  return sums.every((value, i) => Object.is(value + 0, values[i] + 0)) ? parts : undefined;
}

/** Whether an axis adds nothing that tells its entries apart, and none of its own where it has one entry. */
const isIdle = ({ y, x }: Steps): boolean =>
  y.every((value, i) => value === (y.length === 1 ? 0 : y[0]) && x[i] === (x.length === 1 ? 0 : x[0]));

/** Flat steps as a placement of a shape: undefined where they do not fall into axes. */
export function unflattened(flat: Steps | undefined, shape: Shape): Placement | undefined {
  if (flat === undefined) return shape.map(() => undefined);
  if (shape.length < 2) return shape.map(() => flat);
  const [rows, columns] = [separated(flat.y, shape), separated(flat.x, shape)];
  if (rows === undefined || columns === undefined) return undefined;
  return shape.map((_, axis) => {
    const steps = { y: rows[axis], x: columns[axis] };
    return isIdle(steps) ? undefined : withPeriod(steps, [flat]);
  });
}

/** Axes of two shapes of one size in the least groups that hold the same entries. */
function groupsOf(from: Shape, to: Shape): { from: number[]; to: number[] }[] {
  const groups: { from: number[]; to: number[] }[] = [];
  for (let i = 0, j = 0; i < from.length || j < to.length; ) {
    const group = { from: [] as number[], to: [] as number[] };
    let [a, b] = [1, 1];
    if (i < from.length) {
      a = from[i];
      group.from.push(i++);
    }
    if (j < to.length) {
      b = to[j];
      group.to.push(j++);
    }
    while (a !== b) {
      if (a < b && i < from.length) {
        a *= from[i];
        group.from.push(i++);
      } else if (j < to.length) {
        b *= to[j];
        group.to.push(j++);
      } else break;
    }
    groups.push(group);
  }
  return groups;
}

/** Beyond so many entries, axes that are merged are not followed. */
const LARGEST_GROUP = 2 ** 24;

/** A placement under another shape of the same entries. */
export function renamed(placement: Placement, from: Shape, to: Shape): Placement | undefined {
  const out = new Array<Steps | undefined>(to.length).fill(undefined);
  for (const group of groupsOf(from, to)) {
    const own = group.from.map((axis) => from[axis]);
    const parts = group.from.map((axis) => placement[axis]);
    if (parts.every((part) => part === undefined)) continue;
    if (sizeOf(own) > LARGEST_GROUP) return undefined;
    const split = unflattened(
      flattened(parts, own),
      group.to.map((axis) => to[axis]),
    );
    if (split === undefined) return undefined;
    group.to.forEach((axis, i) => {
      out[axis] = split[i];
    });
  }
  return out;
}

/** The same entries of a mask of axes under another shape, projected on its axes; `undefined` is all of an axis. */
export function renamedMask(mask: Mask, from: Shape, to: Shape): Mask {
  const out: (Uint8Array | undefined)[] = to.map(() => undefined);
  for (const group of groupsOf(from, to)) {
    if (group.from.every((axis) => mask[axis] === undefined)) continue;
    const own = group.from.map((axis) => from[axis]);
    const next = group.to.map((axis) => to[axis]);
    const [before, after] = [stridesOf(own), stridesOf(next)];
    const found = next.map((length) => new Uint8Array(length));
    for (let p = 0; p < sizeOf(own); p++) {
      const isIn = group.from.every((axis, i) => mask[axis]?.[Math.floor(p / before[i]) % own[i]] !== 0);
      if (!isIn) continue;
      found.forEach((each, i) => {
        each[Math.floor(p / after[i]) % next[i]] = 1;
      });
    }
    group.to.forEach((axis, i) => {
      out[axis] = found[i];
    });
  }
  return out;
}

/** Which indices of each axis are meant; all where undefined. */
export type Mask = readonly (Uint8Array | undefined)[];
