import { add, concat, maximum, minimum, mul, putAt, reshape, takeAt } from '../autodiff/operations.ts';
import { takeBy } from '../autodiff/primitives/indexing.ts';
import { isDifferentiated, isTraced } from '../autodiff/trace.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { roomFor } from '../tensor/room.ts';
import { formatShape, normalizeAxis, type Shape, sameShape, sizeOf } from '../tensor/shape.ts';
import { rowMajor, type Tensor } from '../tensor/tensor.ts';
import {
  choice,
  type Layer,
  type Layers,
  need,
  number,
  unlessAlongImages,
  valuesOf,
  wholeMap,
} from './layer.ts';
import { elementPlaces, placesOf, positionOf, slicesOf } from './places.ts';
import type { Attributes, AttributeValue } from './types.ts';
import { kernelOf, readSides, windowKinds } from './window.ts';

const reductions = ['none', 'add', 'mul', 'max', 'min'] as const;

/** x with the entries at some positions replaced; of several for one position the last stays. */
function replaced(x: Tensor, to: Int32Array, updates: Tensor): Tensor {
  const size = sizeOf(x.shape);
  const both = concat([reshape(x, [-1]), reshape(updates, [-1])], 0);
  return takeBy(both, x.shape, () => {
    const from = Int32Array.from({ length: roomFor(size) }, (_, i) => i);
    to.forEach((place, i) => {
      from[place] = size + i;
    });
    return from;
  });
}

/** The updates, by number, in rounds in which no position comes twice. */
function roundsOf(to: Int32Array): number[][] {
  const times = new Map<number, number>();
  const rounds: number[][] = [];
  to.forEach((place, i) => {
    const round = times.get(place) ?? 0;
    times.set(place, round + 1);
    rounds[round] ??= [];
    rounds[round].push(i);
  });
  return rounds;
}

/** Where updates go. */
interface Targets {
  readonly indices: Tensor;
  places(): Int32Array;
  readonly reduction: AttributeValue | undefined;
}

/** x with updates put at positions, or combined with what is there. */
function scattered(x: Tensor, updates: Tensor, { indices, places, reduction }: Targets): Tensor {
  // Of indices that are not known yet only the shape counts.
  if (isTraced(indices) && !isDifferentiated(indices)) {
    return add(
      x,
      takeBy(updates, x.shape, () => new Int32Array(sizeOf(x.shape))),
    );
  }
  const to = places();
  const how = choice({ reduction } as Attributes, 'reduction', reductions);
  if (to.length !== sizeOf(updates.shape)) {
    throw new ShapeError(
      `its updates ${formatShape(updates.shape)} are ${sizeOf(updates.shape)}, for ${to.length} places`,
    );
  }
  if (how === 'none') return replaced(x, to, updates);
  if (how === 'add') return add(x, reshape(putAt(reshape(updates, [-1]), to, [sizeOf(x.shape)]), x.shape));
  const combine = { mul, max: maximum, min: minimum }[how];
  let y = reshape(x, [-1]);
  const flat = reshape(updates, [-1]);
  const rounds = roundsOf(to);
  roomFor(rounds.length * sizeOf(x.shape));
  for (const round of rounds) {
    const places = Int32Array.from(round, (i) => to[i]);
    const count = [round.length];
    y = replaced(y, places, combine(takeAt(y, places, count), takeAt(flat, round, count)));
  }
  return reshape(y, x.shape);
}

const isSum = ({ attributes }: { attributes: Attributes }) =>
  ['none', 'add', undefined].includes(attributes.reduction as string | undefined) ? 'jointly' : undefined;

const scatterElements: Layer = {
  affine: isSum,
  ...wholeMap,
  images: unlessAlongImages(0),
  inputs: [3, 3],
  attributes: { axis: 'int', reduction: 'text' },
  evaluate: (inputs, attributes) => {
    const x = need(inputs, 0, 'data');
    const axis = normalizeAxis(number(attributes, 'axis', 0), x.shape.length, 'scatter');
    const [indices, updates] = [need(inputs, 1, 'indices'), need(inputs, 2, 'updates')];
    const places = () => elementPlaces(indices, x.shape, axis);
    return scattered(x, updates, { indices, places, reduction: attributes.reduction });
  },
};

/** Where a cache [N, …] is written: from an index for each of its entries on, along an axis. */
function cachePlaces(
  cache: Shape,
  update: Shape,
  { axis, from, isCircular }: { axis: number; from: readonly number[]; isCircular: boolean },
): Int32Array {
  const fits =
    cache.length === update.length &&
    cache.every((length, i) => length === update[i] || (i === axis && length > update[i]));
  if (!fits || from.length !== cache[0]) {
    throw new ShapeError(
      `its update ${formatShape(update)} and ${from.length} indices do not fit the cache ${formatShape(cache)}`,
    );
  }
  const step = rowMajor(cache);
  return placesOf(update, (at) => {
    const given = from[at[0]] + at[axis];
    const to = isCircular ? given % cache[axis] : given;
    if (!(to >= 0 && to < cache[axis]))
      throw new InputError(`it writes at ${to} of a cache of ${cache[axis]}`);
    return positionOf(at, step) + (to - at[axis]) * step[axis];
  });
}

/** The shape that a pool of this shape was made of, as far as it is known. */
function unpooledShape(x: Tensor, attributes: Attributes): Shape {
  const { kernel, strides, pads } = readSides(attributes, kernelOf(attributes));
  return x.shape.map((length, axis) => {
    const i = axis - 2;
    return i < 0 ? length : (length - 1) * strides[i] - pads[i] - pads[i + kernel.length] + kernel[i];
  });
}

/** Row-major positions of one shape in a larger one. */
function within(index: readonly number[], own: Shape, shape: Shape): Int32Array {
  const [from, to] = [rowMajor(own), rowMajor(shape)];
  return Int32Array.from(index, (position) => {
    if (!Number.isInteger(position) || position < 0 || position >= sizeOf(own))
      throw new InputError(`its index ${position} is out of range for ${sizeOf(own)} entries`);
    return own.reduce(
      (sum, length, axis) => sum + (Math.floor(position / from[axis]) % length) * to[axis],
      0,
    );
  });
}

/** For columns [N, C · kernel, cells], where in an image [N, C, …] each entry is added; −1 is the padding. */
function imagePlaces(
  columns: Shape,
  image: Shape,
  { kernel, strides, dilations, pads }: ReturnType<typeof readSides>,
): Int32Array {
  const spatial = image.slice(2);
  const counts = spatial.map(
    (length, i) =>
      Math.floor(
        (length + pads[i] + pads[i + kernel.length] - dilations[i] * (kernel[i] - 1) - 1) / strides[i],
      ) + 1,
  );
  if (columns.length !== 3 || columns[1] !== image[1] * sizeOf(kernel) || columns[2] !== sizeOf(counts)) {
    throw new ShapeError(
      `its columns ${formatShape(columns)} are not ${sizeOf(counts)} windows [${kernel.join(', ')}] of ${formatShape(image)}`,
    );
  }
  const step = rowMajor(image);
  const rank = kernel.length;
  return placesOf([image[0], image[1], ...kernel, ...counts], (at) => {
    let place = at[0] * step[0] + at[1] * step[1];
    for (let i = 0; i < rank; i++) {
      const to = at[2 + rank + i] * strides[i] + at[2 + i] * dilations[i] - pads[i];
      if (to < 0 || to >= spatial[i]) return -1;
      place += to * step[2 + i];
    }
    return place;
  });
}

export const scattering: Layers = {
  ScatterElements: scatterElements,
  Scatter: scatterElements,
  ScatterND: {
    affine: isSum,
    ...wholeMap,
    images: () => false,
    inputs: [3, 3],
    attributes: { reduction: 'text' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'data');
      const [indices, updates] = [need(inputs, 1, 'indices'), need(inputs, 2, 'updates')];
      const slices = slicesOf(indices, x.shape);
      if (!sameShape(slices.shape, updates.shape)) {
        throw new ShapeError(
          `its updates must have the shape ${formatShape(slices.shape)}, got ${formatShape(updates.shape)}`,
        );
      }
      return scattered(x, updates, { indices, ...slices, reduction: attributes.reduction });
    },
  },
  TensorScatter: {
    affine: 'jointly',
    ...wholeMap,
    images: unlessAlongImages(-2),
    inputs: [2, 3],
    attributes: { axis: 'int', mode: 'text' },
    evaluate: (inputs, attributes) => {
      const [x, update] = [need(inputs, 0, 'past_cache'), need(inputs, 1, 'update')];
      const axis = normalizeAxis(number(attributes, 'axis', -2), x.shape.length, 'scatter');
      const from = valuesOf(inputs[2]) ?? new Array<number>(x.shape[0]).fill(0);
      const isCircular = choice(attributes, 'mode', ['linear', 'circular']) === 'circular';
      return replaced(x, cachePlaces(x.shape, update.shape, { axis, from, isCircular }), update);
    },
  },
  MaxUnpool: {
    affine: 'first',
    ...wholeMap,
    // Positions are counted over all images.
    images: () => false,
    steeredFrom: 2,
    inputs: [2, 3],
    attributes: { kernel_shape: 'ints', strides: 'ints', pads: 'ints' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'X');
      const own = unpooledShape(x, attributes);
      const shape = valuesOf(inputs[2]) ?? own;
      const places = within(valuesOf(need(inputs, 1, 'I')) as number[], own, shape);
      return putAt(x, places, shape);
    },
  },
  Col2Im: {
    affine: 'first',
    ...wholeMap,
    steeredFrom: 1,
    inputs: [3, 3],
    attributes: { strides: windowKinds.strides, dilations: windowKinds.dilations, pads: windowKinds.pads },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'input');
      const spatial = valuesOf(need(inputs, 1, 'image_shape')) as number[];
      const sides = readSides(attributes, valuesOf(need(inputs, 2, 'block_shape')) as number[]);
      const channels = x.shape[1] / sizeOf(sides.kernel);
      const image = [x.shape[0], channels, ...spatial];
      return putAt(x, imagePlaces(x.shape, image, sides), image);
    },
  },
};
