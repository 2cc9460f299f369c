import { concat, reshape } from '../autodiff/operations.ts';
import { takeBy } from '../autodiff/primitives/indexing.ts';
import { InputError } from '../tensor/errors.ts';
import { roomFor } from '../tensor/room.ts';
import { checkShape, normalizeAxis, type Shape, sizeOf } from '../tensor/shape.ts';
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
  valuesOf,
  wholeMap,
} from './layer.ts';

export const padModes = ['constant', 'reflect', 'edge', 'wrap'] as const;
type PadMode = (typeof padModes)[number];

/** Where a padded position reads along one axis; −1 is padding. */
export function padSource(position: number, length: number, mode: PadMode): number {
  if (position >= 0 && position < length) return position;
  if (mode === 'constant') return -1;
  if (mode === 'edge') return position < 0 ? 0 : length - 1;
  const period = mode === 'wrap' ? length : Math.max(1, 2 * (length - 1));
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
      padSource(i - before[axis], own[axis], mode),
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

/** The middle of x, or x in the middle of zeros, along each of some axes; of an odd rest the smaller part lies before it. */
function centred(x: Tensor, axes: readonly number[], lengths: readonly number[]): Tensor {
  const before = x.shape.map(() => 0);
  const after = x.shape.map(() => 0);
  axes.forEach((given, i) => {
    const axis = normalizeAxis(given, x.shape.length, 'crop');
    const more = lengths[i] - x.shape[axis];
    before[axis] = Math.trunc(more / 2);
    after[axis] = more - before[axis];
  });
  return pad(x, [before, after]);
}

export const padding: Layers = {
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
  CenterCropPad: {
    affine: 'first',
    ...wholeMap,
    images: (node) => numbers(node.attributes, 'axes')?.every((axis) => !isImageAxis(axis, node)) === true,
    steeredFrom: 1,
    moves: 'rearranges',
    inputs: [2, 2],
    attributes: { axes: 'ints' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'input_data');
      const lengths = valuesOf(need(inputs, 1, 'shape')) as number[];
      const axes = numbers(attributes, 'axes') ?? x.shape.map((_, i) => i);
      if (lengths.length !== axes.length) {
        throw new InputError(
          `its shape must have a length for each of ${axes.length} axes, got ${lengths.length}`,
        );
      }
      return centred(x, axes, lengths);
    },
  },
};
