import { takeBy } from '../autodiff/primitives/indexing.ts';
import { concrete } from '../autodiff/trace.ts';
import { InputError } from '../tensor/errors.ts';
import { normalizeAxis, sizeOf } from '../tensor/shape.ts';
import { contiguous, type FloatArray, fromData, type Tensor } from '../tensor/tensor.ts';
import { axisOf } from './choosing.ts';
import { type Layers, need, number, unlessAlongImages, valuesOf, wholeMap } from './layer.ts';
import { placesOf, takeCells } from './places.ts';

const whole = (values: ArrayLike<number>): Tensor => fromData(Float64Array.from(values), [values.length]);

/** The groups of equal rows of a matrix, each by its rows in order: sorted by their values, or as they come. */
function groupsOf(values: FloatArray, rows: number, isSorted: boolean): number[][] {
  const width = values.length / Math.max(1, rows);
  const compare = (a: number, b: number) => {
    for (let i = 0; i < width; i++) {
      const difference = values[a * width + i] - values[b * width + i];
      if (difference !== 0) return difference;
    }
    return 0;
  };
  const groups: number[][] = [];
  for (const row of Array.from({ length: rows }, (_, i) => i).sort((a, b) => compare(a, b) || a - b)) {
    const last = groups.at(-1);
    if (last !== undefined && compare(last[0], row) === 0) last.push(row);
    else groups.push([row]);
  }
  return isSorted ? groups : groups.sort(([a], [b]) => a - b);
}

/** What differs along an axis (of all entries in a row unless given): the first of each, their places, whose each is, how many. */
function unique(x: Tensor, axis: number, isSorted: boolean): Tensor[] {
  const { length, inner, outer } = axisOf(x.shape, axis);
  const plain = contiguous(concrete(x));
  // Rows of a matrix, whatever the axis.
  const order = placesOf([length, outer, inner], ([i, o, j]) => (o * length + i) * inner + j);
  const groups = groupsOf(
    Float64Array.from(order, (from) => plain.data[from]),
    length,
    isSorted,
  );
  const first = groups.map(([row]) => row);
  const shape = x.shape.map((own, i) => (i === axis ? first.length : own));
  const y = takeBy(x, shape, () =>
    placesOf([outer, first.length, inner], ([o, i, j]) => (o * length + first[i]) * inner + j),
  );
  const inverse = new Float64Array(length);
  groups.forEach((group, i) => {
    for (const row of group) inverse[row] = i;
  });
  return [y, whole(first), whole(inverse), whole(groups.map((group) => group.length))];
}

const flat = (x: Tensor): Tensor => takeCells(x, [sizeOf(x.shape)], (_, p) => p);

export const sifting: Layers = {
  NonZero: {
    ...wholeMap,
    images: () => false,
    steeredFrom: 0,
    inputs: [1, 1],
    evaluate: (inputs) => {
      const x = contiguous(concrete(need(inputs, 0, 'X')));
      const places = Array.from(x.data.keys()).filter((p) => x.data[p] !== 0);
      const rank = x.shape.length;
      const rows = x.shape.map((length, axis) => {
        const { inner } = axisOf(x.shape, axis);
        return places.map((p) => Math.floor(p / inner) % length);
      });
      return fromData(Float64Array.from(rows.flat()), [rank, places.length]);
    },
    types: () => ['int64'],
  },
  Compress: {
    affine: 'first',
    ...wholeMap,
    images: ({ attributes, ...node }) =>
      attributes.axis !== undefined && unlessAlongImages()({ attributes, ...node }),
    steeredFrom: 1,
    inputs: [2, 2],
    attributes: { axis: 'int' },
    evaluate: (inputs, attributes) => {
      const given = need(inputs, 0, 'input');
      const x = attributes.axis === undefined ? flat(given) : given;
      const axis = normalizeAxis(number(attributes, 'axis', 0), x.shape.length, 'compress');
      const { length, inner, outer } = axisOf(x.shape, axis);
      const kept = (valuesOf(need(inputs, 1, 'condition')) as number[]).flatMap((keep, i) =>
        keep === 0 ? [] : [i],
      );
      if (kept.some((i) => i >= length))
        throw new InputError(`its condition is longer than its axis of ${length}`);
      const shape = x.shape.map((own, i) => (i === axis ? kept.length : own));
      return takeBy(x, shape, () =>
        placesOf([outer, kept.length, inner], ([o, i, j]) => (o * length + kept[i]) * inner + j),
      );
    },
  },
  Unique: {
    ...wholeMap,
    images: () => false,
    steeredFrom: 0,
    inputs: [1, 1],
    outputs: 4,
    attributes: { axis: 'int', sorted: 'int' },
    evaluate: (inputs, attributes) => {
      const given = need(inputs, 0, 'X');
      const x = attributes.axis === undefined ? flat(given) : given;
      const axis = normalizeAxis(number(attributes, 'axis', 0), x.shape.length, 'find what differs');
      return unique(x, axis, number(attributes, 'sorted', 1) === 1);
    },
    types: ([type]) => [type, 'int64', 'int64', 'int64'],
  },
};
