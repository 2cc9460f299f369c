import { add, matmul, mul, reshape, take } from '../autodiff/operations.ts';
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { castTo, fromData, rowMajor, type Tensor } from '../tensor/tensor.ts';
import { type Layers, need, number, wholeMap } from './layer.ts';
import { placesOf } from './places.ts';
import { cellsAt, linearFilter } from './sampling.ts';
import type { Attributes } from './types.ts';
import { kernelOf, readSides, windowKinds } from './window.ts';

/** A convolution whose window's cells lie where offsets [N, groups · cells · axes, spatial′] move them. Source: Dai et al. 2017; the mask, Zhu et al. 2019. */
function deformConv(
  x: Tensor,
  [w, offset, mask]: readonly [Tensor, Tensor, Tensor | undefined],
  attributes: Attributes,
): Tensor {
  const { kernel, strides, dilations, pads } = readSides(attributes, kernelOf(attributes, w.shape));
  const [n, channels, ...lengths] = x.shape;
  const [groups, parts] = [number(attributes, 'group', 1), number(attributes, 'offset_group', 1)];
  const output = offset.shape.slice(2);
  const [cells, rank, places] = [sizeOf(kernel), kernel.length, sizeOf(output)];
  const fits = channels === w.shape[1] * groups && channels % parts === 0 && w.shape[0] % groups === 0;
  if (
    !fits ||
    lengths.length !== rank ||
    formatShape(offset.shape) !== formatShape([n, parts * cells * rank, ...output])
  )
    throw new ShapeError(
      `its weights ${formatShape(w.shape)} and offsets ${formatShape(offset.shape)} do not fit the input ${formatShape(x.shape)}`,
    );
  const at = lengths.map((_, axis) => {
    const moved = take(offset, {
      shape: [n * parts, cells, places],
      stride: [cells * rank * places, rank * places, 1],
      offset: axis * places,
    });
    const [inner, outer] = [rowMajor(kernel)[axis], rowMajor(output)[axis]];
    const still = placesOf(
      [1, cells, places],
      ([, cell, place]) =>
        (Math.floor(place / outer) % output[axis]) * strides[axis] +
        (Math.floor(cell / inner) % kernel[axis]) * dilations[axis] -
        pads[axis],
    );
    const base = castTo(fromData(Float64Array.from(still), [1, cells, places]), offset.dtype);
    return reshape(add(moved, base), [n * parts, cells * places]);
  });
  const split = reshape(x, [n * parts, channels / parts, ...lengths]);
  const images = Array.from({ length: n * parts }, (_, i) => i);
  const beyond = (cell: number, axis: number) => (cell < lengths[axis] ? cell : -1);
  const read = cellsAt(split, { at, images, filter: linearFilter, beyond }).reduce(add);
  const weighed = mask === undefined ? read : mul(read, reshape(mask, [n * parts, 1, cells * places]));
  const columns = reshape(weighed, [n, groups, (channels / groups) * cells, places]);
  const rows = reshape(w, [groups, w.shape[0] / groups, w.shape[1] * cells]);
  return reshape(matmul(rows, columns), [n, w.shape[0], ...output]);
}

export const deformable: Layers = {
  DeformConv: {
    affine: 'first',
    ...wholeMap,
    inputs: [3, 5],
    attributes: { ...windowKinds, group: 'int', offset_group: 'int' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'X');
      const y = deformConv(x, [need(inputs, 1, 'W'), need(inputs, 2, 'offset'), inputs[4]], attributes);
      return inputs[3] === undefined ? y : add(y, reshape(inputs[3], [-1, ...x.shape.slice(2).map(() => 1)]));
    },
  },
};
