import { takeAt } from '../autodiff/operations.ts';
import { takeBy } from '../autodiff/primitives/indexing.ts';
import { InputError } from '../tensor/errors.ts';
import { roomFor } from '../tensor/room.ts';
import { normalizeAxis, sizeOf } from '../tensor/shape.ts';
import { rowMajor, type Tensor } from '../tensor/tensor.ts';
import { type Layers, need, number, unlessAlongImages, valuesOf, wholeMap } from './layer.ts';
import { elementPlaces, slicesOf, takeCells, wrapIndex } from './places.ts';

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
  return takeAt(x, elementPlaces(indices, x.shape, at), indices.shape);
}

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
  GatherND: {
    affine: 'first',
    ...wholeMap,
    // Without an axis of batches the first axis is one that is indexed.
    images: ({ attributes }) => number(attributes, 'batch_dims', 0) > 0,
    inputs: [2, 2],
    attributes: { batch_dims: 'int' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'data');
      const slices = slicesOf(need(inputs, 1, 'indices'), x.shape, number(attributes, 'batch_dims', 0));
      return takeBy(x, slices.shape, slices.places);
    },
  },
  ReverseSequence: {
    affine: 'first',
    ...wholeMap,
    images: ({ attributes }) => number(attributes, 'batch_axis', 1) === 0,
    moves: 'rearranges',
    inputs: [2, 2],
    attributes: { batch_axis: 'int', time_axis: 'int' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'input');
      const lengths = valuesOf(need(inputs, 1, 'sequence_lens')) as number[];
      const [batch, time] = [number(attributes, 'batch_axis', 1), number(attributes, 'time_axis', 0)].map(
        (axis) => normalizeAxis(axis, x.shape.length, 'reverse'),
      );
      if (lengths.length !== x.shape[batch]) {
        throw new InputError(`it has ${lengths.length} lengths, for ${x.shape[batch]} sequences`);
      }
      const step = rowMajor(x.shape);
      return takeCells(x, x.shape, (at, p) => {
        const last = lengths[at[batch]] - 1;
        return at[time] > last ? p : p + (last - 2 * at[time]) * step[time];
      });
    },
  },
};
