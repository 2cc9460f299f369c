import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { TakenFrom } from '../primitive.ts';
import type { Placement, Role, Steps } from './placement.ts';
import { flattened, type Mask, stridesOf, unflattened, withPeriod } from './spread.ts';

/** For each axis of the output how far its indices go in the input; −1 stands for what is taken from nowhere. */
interface Strided {
  /** Where the first entry that is taken from somewhere lies. */
  readonly origin: number;
  readonly offsets: readonly Float64Array[];
}

function ofView({ view }: TakenFrom, shape: Shape): Strided | undefined {
  if (view === undefined || sizeOf(shape) === 0) return undefined;
  const offsets = shape.map((length, axis) => Float64Array.from({ length }, (_, i) => i * view.stride[axis]));
  return { origin: view.offset, offsets };
}

/** An index as sums of what each axis adds; an entry is taken from nowhere where one of its indices is. */
function ofIndex({ index }: TakenFrom, shape: Shape): Strided | undefined {
  const first = index.findIndex((from) => from >= 0);
  if (first < 0) return undefined;
  const strides = stridesOf(shape);
  const origin = index[first];
  const offsets = shape.map((length, axis) => {
    const own = Math.floor(first / strides[axis]) % length;
    return Float64Array.from({ length }, (_, i) => {
      const from = index[first + (i - own) * strides[axis]];
      return from < 0 ? Number.NaN : from - origin;
    });
  });
  let rows: Float64Array = Float64Array.of(origin);
  const last = offsets.at(-1) ?? Float64Array.of(0);
  for (const part of offsets.slice(0, -1)) {
    const outer = rows;
    rows = new Float64Array(outer.length * part.length);
    for (let i = 0, p = 0; i < outer.length; i++)
      for (let j = 0; j < part.length; j++) rows[p++] = outer[i] + part[j];
  }
  for (let row = 0, p = 0; row < rows.length; row++) {
    for (let j = 0; j < last.length; j++, p++) {
      const from = rows[row] + last[j];
      if (Number.isNaN(from) ? index[p] >= 0 : index[p] !== from) return undefined;
    }
  }
  return { origin, offsets };
}

const digitsOf = (position: number, shape: Shape, strides: readonly number[]): number[] =>
  shape.map((length, axis) => Math.floor(position / strides[axis]) % length);

/** Places that go on as they did: what is put around a side lies around it. */
function goingOn(values: Float64Array): Float64Array {
  const first = values.findIndex((value) => !Number.isNaN(value));
  const last = values.findLastIndex((value) => !Number.isNaN(value));
  const step = values[first + 1] - values[first];
  const isEven =
    first < last &&
    values.every((value, i) => i < first || i > last || value === values[first] + (i - first) * step);
  return isEven ? values.map((_, i) => values[first] + (i - first) * step) : values;
}

/** The steps of one axis of the output, its indices changing these axes of the input. */
function stepsOf(offsets: Float64Array, digits: readonly number[], from: FromInput): Steps | undefined {
  const { placement, shape, strides, origin } = from;
  const parts = digits.flatMap((axis) => {
    const steps = placement[axis];
    return steps === undefined
      ? []
      : [{ steps, axis, base: Math.floor(origin / strides[axis]) % shape[axis] }];
  });
  if (parts.length === 0) return undefined;
  const along = (role: Role) => {
    const values = offsets.map((offset) =>
      parts.reduce((sum, { steps, axis }) => {
        const at = Math.floor((origin + offset) / strides[axis]) % shape[axis];
        return sum + (Number.isNaN(offset) ? Number.NaN : steps[role][at]);
      }, 0),
    );
    const isPad = values.every((value, i) => Number.isNaN(value) === Number.isNaN(offsets[i]));
    return isPad ? goingOn(values) : values;
  };
  return withPeriod(
    { y: along('y'), x: along('x') },
    parts.map(({ steps }) => steps),
  );
}

interface FromInput {
  readonly placement: Placement;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly origin: number;
}

/** The axes of the input that each axis of the output moves along; undefined where two share one. */
function movedAlong({ origin, offsets }: Strided, shape: Shape): number[][] | undefined {
  const strides = stridesOf(shape);
  const base = digitsOf(origin, shape, strides);
  const taken = new Set<number>();
  const digits = offsets.map((part) => {
    const own = new Set<number>();
    for (const offset of part) {
      if (Number.isNaN(offset)) continue;
      digitsOf(origin + offset, shape, strides).forEach((digit, axis) => {
        if (digit !== base[axis]) own.add(axis);
      });
    }
    return [...own];
  });
  for (const axis of digits.flat()) {
    if (taken.has(axis)) return undefined;
    taken.add(axis);
  }
  return digits;
}

/** Axis by axis, where each axis of the output moves along axes of the input of its own. */
function byAxes(strided: Strided, placement: Placement, shape: Shape): Placement | undefined {
  const { origin, offsets } = strided;
  const strides = stridesOf(shape);
  const digits = movedAlong(strided, shape);
  if (digits === undefined) return undefined;
  // What is taken at one index of an axis keeps its place there, where an axis of one entry is left for it.
  const moved = new Set(digits.flat());
  offsets.forEach((part, axis) => {
    const isLeft = part.length === 1 && offsets.length === shape.length && !moved.has(axis);
    if (isLeft && placement[axis] !== undefined) digits[axis].push(axis);
  });
  return offsets.map((part, axis) => stepsOf(part, digits[axis], { placement, shape, strides, origin }));
}

/**
 * Which indices of each axis of the input are taken for those of the output in a mask: axis by axis where the positions go so, else
 * entry by entry.
 */
export function takenBy(from: TakenFrom, mask: Mask, shapes: { input: Shape; output: Shape }): Mask {
  const { input, output } = shapes;
  const strides = stridesOf(input);
  const found = input.map((length) => new Uint8Array(length));
  const strided = ofView(from, output) ?? ofIndex(from, output);
  const digits = strided && movedAlong(strided, input);
  if (digits !== undefined) {
    const { origin, offsets } = strided as Strided;
    const base = digitsOf(origin, input, strides);
    found.forEach((part, axis) => {
      const moving = digits.findIndex((own) => own.includes(axis));
      if (moving < 0) part[base[axis]] = 1;
      else
        offsets[moving].forEach((offset, i) => {
          if (Number.isNaN(offset) || mask[moving]?.[i] === 0) return;
          part[Math.floor((origin + offset) / strides[axis]) % input[axis]] = 1;
        });
    });
    return found;
  }
  const own = stridesOf(output);
  from.index.forEach((at, p) => {
    const isIn = mask.every((part, axis) => part?.[Math.floor(p / own[axis]) % output[axis]] !== 0);
    if (at < 0 || !isIn) return;
    found.forEach((part, axis) => {
      part[Math.floor(at / strides[axis]) % input[axis]] = 1;
    });
  });
  return found;
}

/** Entry by entry. */
function byEntries({ index }: TakenFrom, placement: Placement, shapes: { input: Shape; output: Shape }) {
  const flat = flattened(placement, shapes.input);
  const pick = (values: Float64Array) =>
    Float64Array.from(index, (from) => (from < 0 ? Number.NaN : values[from]));
  return unflattened(flat && { ...flat, y: pick(flat.y), x: pick(flat.x) }, shapes.output);
}

/** Beyond so many entries, what does not go axis by axis is not followed. */
const MOST_ENTRIES = 2 ** 22;

/** The placement of entries that are taken from elsewhere; undefined where it is none. */
export function taken(from: TakenFrom, placement: Placement, shapes: { input: Shape; output: Shape }) {
  const { input, output } = shapes;
  if (from.input.length !== input.length || sizeOf(output) === 0) return undefined;
  const strided = ofView(from, output) ?? ofIndex(from, output);
  const found = strided && byAxes(strided, placement, input);
  if (found !== undefined) return found;
  return Math.max(sizeOf(input), sizeOf(output)) > MOST_ENTRIES
    ? undefined
    : byEntries(from, placement, shapes);
}
