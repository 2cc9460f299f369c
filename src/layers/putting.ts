import { putAt } from '../autodiff/operations.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { formatShape, normalizeAxis, type Shape, sizeOf } from '../tensor/shape.ts';
import { rowMajor, type Tensor } from '../tensor/tensor.ts';
import { choice, type Layers, need, number, unlessAlongImages, valuesOf, wholeMap } from './layer.ts';
import { placesOf, positionOf } from './places.ts';
import { replaced } from './scattering.ts';
import type { Attributes } from './types.ts';
import { kernelOf, readSides, windowKinds } from './window.ts';

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

export const putting: Layers = {
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
