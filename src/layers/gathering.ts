import { concat, reshape, takeAt } from '../autodiff/operations.ts';
import { takeBy } from '../autodiff/primitives/indexing.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { roomFor } from '../tensor/room.ts';
import { checkShape, formatShape, normalizeAxis, type Shape, sizeOf } from '../tensor/shape.ts';
import { full, type Tensor } from '../tensor/tensor.ts';
import {
  choice,
  isImageAxis,
  type Layers,
  listOf,
  type NodeView,
  need,
  number,
  numbers,
  unlessAlongImages,
  valuesOf,
  wholeMap,
} from './layer.ts';

function wrapIndex(index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    throw new InputError(`index ${index} is out of range for an axis of ${length}`);
  }
  return index < 0 ? index + length : index;
}

/** x[…, indices, …] along an axis. */
function gather(x: Tensor, indices: Tensor, axis: number): Tensor {
  const at = normalizeAxis(axis, x.shape.length, 'gather');
  const chosen = valuesOf(indices) as number[];
  const outer = sizeOf(x.shape.slice(0, at));
  const inner = sizeOf(x.shape.slice(at + 1));
  const length = x.shape[at];
  const wrapped = chosen.map((each) => wrapIndex(each, length));
  return takeBy(x, [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)], () => {
    const index = new Int32Array(roomFor(outer * wrapped.length * inner));
    let p = 0;
    for (let o = 0; o < outer; o++) {
      for (const each of wrapped) {
        const from = (o * length + each) * inner;
        for (let i = 0; i < inner; i++) index[p++] = from + i;
      }
    }
    return index;
  });
}

/** out[i][j] = x[indices[i][j]][j] for axis 0, and so for any axis. */
function gatherElements(x: Tensor, indices: Tensor, axis: number): Tensor {
  const at = normalizeAxis(axis, x.shape.length, 'gather');
  if (indices.shape.length !== x.shape.length) {
    throw new ShapeError(
      `Cannot gather elements: indices ${formatShape(indices.shape)} and data ${formatShape(x.shape)} differ in rank`,
    );
  }
  const chosen = valuesOf(indices) as number[];
  const shape = indices.shape;
  const index = Int32Array.from(chosen, (each, position) => {
    let rest = position;
    let from = 0;
    let step = 1;
    for (let i = shape.length - 1; i >= 0; i--) {
      const own = rest % shape[i];
      rest = Math.floor(rest / shape[i]);
      from += step * (i === at ? wrapIndex(each, x.shape[at]) : own);
      step *= x.shape[i];
    }
    return from;
  });
  return takeAt(x, index, shape);
}

const padModes = ['constant', 'reflect', 'edge', 'wrap'] as const;
type PadMode = (typeof padModes)[number];

/** Where a padded position reads along one axis; −1 is padding. */
function sourceOf(position: number, length: number, mode: PadMode): number {
  if (position >= 0 && position < length) return position;
  if (mode === 'constant') return -1;
  if (mode === 'edge') return position < 0 ? 0 : length - 1;
  if (mode === 'wrap') return ((position % length) + length) % length;
  const period = Math.max(1, 2 * (length - 1));
  const folded = ((position % period) + period) % period;
  return folded < length ? folded : period - folded;
}

/** Where each position of a padded tensor reads; −1 is padding. */
function paddedPositions(
  own: Shape,
  shape: Shape,
  { before, mode }: { before: readonly number[]; mode: PadMode },
) {
  roomFor(sizeOf(shape));
  let index: Int32Array = Int32Array.of(0);
  for (let axis = 0; axis < shape.length; axis++) {
    const sources = Int32Array.from({ length: shape[axis] }, (_, i) =>
      sourceOf(i - before[axis], own[axis], mode),
    );
    const next: Int32Array = new Int32Array(index.length * shape[axis]);
    let p = 0;
    for (const base of index) {
      for (const source of sources) next[p++] = base < 0 || source < 0 ? -1 : base * own[axis] + source;
    }
    index = next;
  }
  return index;
}

/** x with cells added (or, for negative numbers, cut off) before and behind each axis. */
function pad(
  x: Tensor,
  [before, after]: readonly [readonly number[], readonly number[]],
  { mode = 'constant', value = 0 }: { mode?: PadMode; value?: number } = {},
): Tensor {
  const shape = x.shape.map((length, axis) => length + before[axis] + after[axis]);
  checkShape(shape, 'pad');
  // An axis is worked out even where the tensor is empty.
  for (const length of shape) roomFor(length);
  const positions = () => paddedPositions(x.shape, shape, { before, mode });
  if (value === 0) return takeBy(x, shape, positions);
  // The value stands behind the entries, and padding reads it there.
  const size = sizeOf(x.shape);
  const entries = concat([reshape(x, [-1]), full([1], value, x.dtype)], 0);
  return takeBy(entries, shape, () => positions().map((from) => (from < 0 ? size : from)));
}

/** Whether nothing is added or cut off along the axis of images. */
const keepsImages = (node: NodeView): boolean => {
  const { attributes, rank, constant } = node;
  const list = (name: string, i: number) => numbers(attributes, name) ?? constant(i);
  const axes = constant(3) ?? Array.from({ length: rank }, (_, axis) => axis);
  const pads = list(attributes.paddings === undefined ? 'pads' : 'paddings', 1) ?? [];
  return axes.every((axis, i) => !isImageAxis(axis, node) || (pads[i] === 0 && pads[i + axes.length] === 0));
};

export const gathering: Layers = {
  Gather: {
    affine: 'first',
    ...wholeMap,
    images: unlessAlongImages(0),
    weights: [0],
    inputs: [2, 2],
    attributes: { axis: 'int' },
    evaluate: (inputs, attributes) =>
      gather(need(inputs, 0, 'data'), need(inputs, 1, 'indices'), number(attributes, 'axis', 0)),
  },
  GatherElements: {
    affine: 'first',
    ...wholeMap,
    images: unlessAlongImages(0),
    inputs: [2, 2],
    attributes: { axis: 'int' },
    evaluate: (inputs, attributes) =>
      gatherElements(need(inputs, 0, 'data'), need(inputs, 1, 'indices'), number(attributes, 'axis', 0)),
  },
  Pad: {
    affine: 'first',
    ...wholeMap,
    images: keepsImages,
    steeredFrom: 1,
    moves: 'rearranges',
    inputs: [1, 4],
    attributes: { mode: 'text', pads: 'ints', paddings: 'ints', value: 'float' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'data');
      const pads =
        listOf(attributes, attributes.paddings === undefined ? 'pads' : 'paddings', inputs[1]) ?? [];
      const value = valuesOf(inputs[2])?.[0] ?? number(attributes, 'value', 0);
      const axes =
        valuesOf(inputs[3])?.map((axis) => normalizeAxis(axis, x.shape.length, 'pad')) ??
        x.shape.map((_, i) => i);
      if (pads.length !== 2 * axes.length || !pads.every(Number.isInteger))
        throw new InputError(
          `${2 * axes.length} whole pads are wanted, got [${pads.slice(0, 16).join(', ')}]`,
        );
      const spread = (from: number) =>
        x.shape.map((_, axis) => (axes.includes(axis) ? pads[from + axes.indexOf(axis)] : 0));
      const mode = choice(attributes, 'mode', padModes);
      return pad(x, [spread(0), spread(axes.length)], { mode, value });
    },
  },
};
