import { broadcastTo, concat, onesLike, reshape, take, transpose } from '../autodiff/operations.ts';
import { InputError, ShapeError, UnsupportedOperationError } from '../tensor/errors.ts';
import { roomFor } from '../tensor/room.ts';
import { broadcastShapes, formatShape, normalizeAxis, sizeOf } from '../tensor/shape.ts';
import { rowMajor, type Tensor } from '../tensor/tensor.ts';
import {
  choice,
  entrywise,
  isImageAxis,
  type Layers,
  listOf,
  type NodeView,
  need,
  number,
  numbers,
  simple,
  unlessAlongImages,
  valuesOf,
  wholeMap,
} from './layer.ts';

/** The shape that Reshape means: 0 keeps a length (unless allowzero), −1 is worked out. */
function reshaped(x: Tensor, wanted: readonly number[], allowZero: boolean): Tensor {
  const shape = wanted.map((length, axis) => (length === 0 && !allowZero ? x.shape[axis] : length));
  return reshape(x, shape);
}

function squeezed(x: Tensor, axes: readonly number[] | undefined): Tensor {
  const rank = x.shape.length;
  const drop = axes?.map((axis) => normalizeAxis(axis, rank, 'squeeze'));
  const bad = drop?.find((axis) => x.shape[axis] !== 1);
  if (bad !== undefined)
    throw new ShapeError(`Cannot squeeze axis ${bad} of ${formatShape(x.shape)}: its length is not 1`);
  return reshape(
    x,
    x.shape.filter((length, axis) => (drop === undefined ? length !== 1 : !drop.includes(axis))),
  );
}

function unsqueezed(x: Tensor, axes: readonly number[]): Tensor {
  const rank = x.shape.length + axes.length;
  const at = axes.map((axis) => normalizeAxis(axis, rank, 'unsqueeze'));
  const rest = [...x.shape];
  return reshape(
    x,
    Array.from({ length: rank }, (_, axis) => (at.includes(axis) ? 1 : (rest.shift() as number))),
  );
}

/** Each axis repeated so many times. */
function tiled(x: Tensor, repeats: readonly number[]): Tensor {
  if (repeats.length !== x.shape.length) {
    throw new InputError(
      `its repeats must be ${x.shape.length} numbers, one for each axis, got ${repeats.length}`,
    );
  }
  // An empty tensor is repeated in vain, too.
  for (const times of repeats) roomFor(times);
  roomFor(sizeOf(x.shape.map((length, axis) => length * repeats[axis])));
  return repeats.reduce(
    (tensor, times, axis) => (times === 1 ? tensor : concat(new Array<Tensor>(times).fill(tensor), axis)),
    x,
  );
}

/** Consecutive parts of the given lengths along an axis. */
function split(x: Tensor, axis: number, lengths: readonly number[]): Tensor[] {
  const stride = rowMajor(x.shape);
  const whole = lengths.every((length) => Number.isInteger(length) && length >= 0);
  if (!whole || lengths.reduce((sum, length) => sum + length, 0) !== x.shape[axis]) {
    throw new InputError(`its parts [${lengths.slice(0, 16).join(', ')}] do not add up to ${x.shape[axis]}`);
  }
  let start = 0;
  return lengths.map((length) => {
    const shape = x.shape.map((own, i) => (i === axis ? length : own));
    const part = take(x, { shape, stride, offset: start * stride[axis] });
    start += length;
    return part;
  });
}

function splitLengths(length: number, parts: number): number[] {
  const each = Math.ceil(length / parts);
  return Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(each, length - i * each)));
}

export interface Slice {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** x[start:end:step] along each axis, with Python's reading of negative and outlying bounds. */
export function sliced(x: Tensor, slices: readonly Slice[]): Tensor {
  const own = rowMajor(x.shape);
  const shape = [...x.shape];
  const stride = [...own];
  let offset = 0;
  for (const { axis: given, start, end, step } of slices) {
    const axis = normalizeAxis(given, x.shape.length, 'slice');
    const length = x.shape[axis];
    if (step === 0) throw new InputError('a slice with step 0 never ends');
    const wrap = (bound: number) => (bound < 0 ? bound + length : bound);
    const clamp = (bound: number, low: number, high: number) => Math.min(Math.max(bound, low), high);
    const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
    const from = clamp(wrap(start), step > 0 ? 0 : low, high);
    const to = clamp(wrap(end), low, high);
    shape[axis] = Math.max(0, Math.ceil((to - from) / step));
    stride[axis] = own[axis] * step;
    offset += from * own[axis];
  }
  return take(x, { shape, stride, offset });
}

/** [N, C, H, W] seen as blocks, its axes reordered, and seen as `shape`. */
function rearranged(
  x: Tensor,
  blocks: readonly number[],
  order: readonly number[],
  shape: readonly number[],
): Tensor {
  return reshape(transpose(reshape(x, blocks), order), shape);
}

/** A slice that takes images as they come; where it takes some only, their number says so. */
const keepsImages = (node: NodeView): boolean => {
  const { attributes, rank, constant } = node;
  const axes = numbers(attributes, 'axes') ?? constant(3) ?? Array.from({ length: rank }, (_, axis) => axis);
  const steps = constant(4);
  return axes.every((axis, i) => !isImageAxis(axis, node) || (steps?.[i] ?? 1) > 0);
};

export const shaping: Layers = {
  Identity: { ...simple((x) => x, entrywise), affine: 'first', moves: 'renames' },
  Dropout: {
    affine: 'first',
    ...entrywise,
    moves: 'renames',
    inputs: [1, 3],
    outputs: 2,
    evaluate: (inputs, _, { outputs, opset }) => {
      const x = need(inputs, 0, 'data');
      const ratio = valuesOf(inputs[1])?.[0] ?? 0.5;
      const training = opset >= 12 && valuesOf(inputs[2])?.[0] === 1;
      if (training && ratio > 0) {
        const name = 'Dropout in training mode';
        throw new UnsupportedOperationError(
          `${name} draws at random, and jetgrad runs networks as they predict`,
          [name],
        );
      }
      return outputs > 1 ? [x, onesLike(x)] : x;
    },
    types: ([type]) => [type, 'bool'],
  },
  Reshape: {
    affine: 'first',
    ...wholeMap,
    steeredFrom: 1,
    moves: 'renames',
    inputs: [1, 2],
    attributes: { shape: 'ints', allowzero: 'int' },
    evaluate: (inputs, attributes) => {
      const shape = listOf(attributes, 'shape', inputs[1]);
      if (shape === undefined) throw new InputError('its shape is missing');
      return reshaped(need(inputs, 0, 'data'), shape, number(attributes, 'allowzero', 0) === 1);
    },
  },
  Flatten: {
    affine: 'first',
    moves: 'renames',
    ...simple(
      (x, attributes) => {
        const axis = number(attributes, 'axis', 1);
        const at = axis < 0 ? axis + x.shape.length : axis;
        return reshape(x, [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at))]);
      },
      wholeMap,
      { axis: 'int' },
    ),
  },
  Squeeze: {
    affine: 'first',
    ...wholeMap,
    steeredFrom: 1,
    moves: 'renames',
    inputs: [1, 2],
    attributes: { axes: 'ints' },
    evaluate: (inputs, attributes) =>
      squeezed(need(inputs, 0, 'data'), listOf(attributes, 'axes', inputs[1])),
  },
  Unsqueeze: {
    affine: 'first',
    ...wholeMap,
    steeredFrom: 1,
    moves: 'renames',
    inputs: [1, 2],
    attributes: { axes: 'ints' },
    evaluate: (inputs, attributes) => {
      const axes = listOf(attributes, 'axes', inputs[1]);
      if (axes === undefined) throw new InputError('its axes are missing');
      return unsqueezed(need(inputs, 0, 'data'), axes);
    },
  },
  Transpose: {
    affine: 'first',
    moves: 'rearranges',
    ...simple((x, attributes) => transpose(x, numbers(attributes, 'perm')), wholeMap, { perm: 'ints' }),
  },
  Expand: {
    affine: 'first',
    ...wholeMap,
    steeredFrom: 1,
    inputs: [2, 2],
    evaluate: (inputs) => {
      const x = need(inputs, 0, 'input');
      return broadcastTo(
        x,
        broadcastShapes([x.shape, valuesOf(need(inputs, 1, 'shape')) as number[]], 'expand'),
      );
    },
  },
  Tile: {
    affine: 'first',
    ...wholeMap,
    steeredFrom: 1,
    inputs: [2, 2],
    evaluate: (inputs) => tiled(need(inputs, 0, 'input'), valuesOf(need(inputs, 1, 'repeats')) as number[]),
  },
  Concat: {
    affine: 'jointly',
    ...entrywise,
    images: unlessAlongImages(1),
    inputs: [1, Number.POSITIVE_INFINITY],
    attributes: { axis: 'int' },
    evaluate: (inputs, attributes) =>
      concat(
        inputs.map((_, i) => need(inputs, i, `${i}`)),
        number(attributes, 'axis', 1),
      ),
  },
  Split: {
    affine: 'first',
    ...entrywise,
    images: unlessAlongImages(0),
    steeredFrom: 1,
    inputs: [1, 2],
    outputs: Number.POSITIVE_INFINITY,
    attributes: { axis: 'int', num_outputs: 'int', split: 'ints' },
    evaluate: (inputs, attributes, { outputs }) => {
      const x = need(inputs, 0, 'input');
      const axis = normalizeAxis(number(attributes, 'axis', 0), x.shape.length, 'split');
      const parts = number(attributes, 'num_outputs', outputs);
      const lengths = listOf(attributes, 'split', inputs[1]);
      if ((lengths?.length ?? parts) !== outputs) {
        throw new InputError(`it splits into ${lengths?.length ?? parts} parts, and has ${outputs} outputs`);
      }
      return split(x, axis, lengths ?? splitLengths(x.shape[axis], parts));
    },
  },
  Slice: {
    affine: 'first',
    moves: 'selects',
    ...wholeMap,
    images: keepsImages,
    steeredFrom: 1,
    inputs: [1, 5],
    attributes: { axes: 'ints', starts: 'ints', ends: 'ints' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'data');
      const starts = listOf(attributes, 'starts', inputs[1]);
      const ends = listOf(attributes, 'ends', inputs[2]);
      if (starts === undefined || ends === undefined) throw new InputError('its starts and ends are missing');
      const axes = listOf(attributes, 'axes', inputs[3]) ?? starts.map((_, i) => i);
      const steps = valuesOf(inputs[4]) ?? starts.map(() => 1);
      return sliced(
        x,
        axes.map((axis, i) => ({ axis, start: starts[i], end: ends[i], step: steps[i] })),
      );
    },
  },
  DepthToSpace: {
    affine: 'first',
    ...simple(
      (x, attributes) => {
        const b = number(attributes, 'blocksize', 1);
        const [n, c, h, w] = x.shape;
        const d = c / (b * b);
        const shape = [n, d, h * b, w * b];
        return choice(attributes, 'mode', ['DCR', 'CRD']) === 'DCR'
          ? rearranged(x, [n, b, b, d, h, w], [0, 3, 4, 1, 5, 2], shape)
          : rearranged(x, [n, d, b, b, h, w], [0, 1, 4, 2, 5, 3], shape);
      },
      wholeMap,
      { blocksize: 'int', mode: 'text' },
    ),
  },
  SpaceToDepth: {
    affine: 'first',
    ...simple(
      (x, attributes) => {
        const b = number(attributes, 'blocksize', 1);
        const [n, c, h, w] = x.shape;
        const order =
          choice(attributes, 'mode', ['DCR', 'CRD']) === 'DCR' ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4];
        return rearranged(x, [n, c, h / b, b, w / b, b], order, [n, c * b * b, h / b, w / b]);
      },
      wholeMap,
      { blocksize: 'int', mode: 'text' },
    ),
  },
};
