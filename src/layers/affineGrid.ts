import { matmul, reshape, transpose } from '../autodiff/operations.ts';
import { InputError } from '../tensor/errors.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { castTo, fromData, rowMajor, type Tensor } from '../tensor/tensor.ts';
import { type Layers, need, number, valuesOf, wholeMap } from './layer.ts';
import { placesOf } from './places.ts';

/** The places of a picture's cells from −1 to 1, [cells, axes + 1], the last axis first, a 1 behind. */
function baseGrid(lengths: readonly number[], isAligned: boolean): Tensor {
  const columns = lengths.length + 1;
  const step = rowMajor(lengths);
  const data = new Float64Array(placesOf([sizeOf(lengths), columns], () => 1));
  for (let i = 0; i < data.length; i++) {
    const axis = lengths.length - 1 - (i % columns);
    if (axis < 0) continue;
    const length = lengths[axis];
    const cell = Math.floor(Math.floor(i / columns) / step[axis]) % length;
    data[i] = isAligned ? (length === 1 ? -1 : (2 * cell) / (length - 1) - 1) : (2 * cell + 1) / length - 1;
  }
  return fromData(data, [sizeOf(lengths), columns]);
}

const aligned = 'align_corners';

export const affineGrids: Layers = {
  AffineGrid: {
    affine: 'first',
    ...wholeMap,
    steeredFrom: 1,
    inputs: [2, 2],
    attributes: { [aligned]: 'int' },
    evaluate: (inputs, attributes) => {
      const theta = need(inputs, 0, 'theta');
      const [n, , ...lengths] = valuesOf(need(inputs, 1, 'size')) as number[];
      const rank = lengths.length;
      if (formatShape(theta.shape) !== formatShape([n, rank, rank + 1]))
        throw new InputError(
          `its theta must have the shape [${n}, ${rank}, ${rank + 1}], got ${formatShape(theta.shape)}`,
        );
      const base = castTo(baseGrid(lengths, number(attributes, aligned, 0) === 1), theta.dtype);
      return reshape(matmul(base, transpose(theta, [0, 2, 1])), [n, ...lengths, rank]);
    },
  },
};
