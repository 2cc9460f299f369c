import { pick } from '../autodiff/primitives/pick.ts';
import { concrete } from '../autodiff/trace.ts';
import { InputError } from '../tensor/errors.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { type FloatArray, rowMajor, type Tensor } from '../tensor/tensor.ts';
import { type Layers, need, number, numbers, valuesOf, wholeMap } from './layer.ts';
import { wrapIndex } from './places.ts';

/** From a bin's start up to its end, whole cells, within the map. */
function binCells(bin: number, [start, size]: readonly number[], length: number): [number, number] {
  const clampCell = (cell: number) => Math.min(length, Math.max(0, cell));
  return [clampCell(Math.floor(bin * size) + start), clampCell(Math.ceil((bin + 1) * size) + start)];
}

/** The largest cells [n, C, bins] in the bins of regions of whole cells. Source: Girshick 2015, Fast R-CNN. */
function maxRoiPool(
  x: Tensor,
  rois: Tensor,
  { bins, scale }: { bins: readonly number[]; scale: number },
): Tensor {
  const [, channels, height, width] = x.shape;
  const [count, step] = [rois.shape[0], rowMajor(x.shape)];
  const regions = valuesOf(rois) as number[];
  const shape = [count, channels, ...bins];
  const rows = rowMajor(shape);
  const find = (values: FloatArray) => {
    const index = new Int32Array(sizeOf(shape)).fill(-1);
    let ties = 0;
    index.forEach((_, p) => {
      const at = shape.map((length, axis) => Math.floor(p / rows[axis]) % length);
      const [image, ...corners] = regions.slice(5 * at[0], 5 * at[0] + 5);
      const [x0, y0, x1, y1] = corners.map((each) => Math.round(each * scale));
      const extent = (from: number, to: number, n: number) => [from, Math.max(to - from + 1, 1) / n];
      const [top, bottom] = binCells(at[2], extent(y0, y1, bins[0]), height);
      const [left, right] = binCells(at[3], extent(x0, x1, bins[1]), width);
      let isTie = false;
      for (let row = top; row < bottom; row++) {
        for (let cell = left; cell < right; cell++) {
          const from =
            wrapIndex(Math.trunc(image), x.shape[0]) * step[0] + at[1] * step[1] + row * width + cell;
          const best = index[p];
          if (best < 0 || values[from] > values[best]) [index[p], isTie] = [from, false];
          else if (values[from] === values[best]) isTie = true;
        }
      }
      if (isTie) ties++;
    });
    return { index, ties };
  };
  return pick(x, shape, find);
}

export const regionMaxima: Layers = {
  MaxRoiPool: {
    ...wholeMap,
    images: () => false,
    inputs: [2, 2],
    attributes: { pooled_shape: 'ints', spatial_scale: 'float' },
    evaluate: (inputs, attributes) => {
      const [x, rois] = [need(inputs, 0, 'X'), need(inputs, 1, 'rois')];
      const bins = numbers(attributes, 'pooled_shape', []);
      if (x.shape.length !== 4 || rois.shape[1] !== 5 || bins.length !== 2)
        throw new InputError(
          `maps [N, C, H, W], regions [n, 5] and a pooled_shape of two are wanted, got ${formatShape(x.shape)}, ${formatShape(rois.shape)} and [${bins.join(', ')}]`,
        );
      return maxRoiPool(x, concrete(rois), { bins, scale: number(attributes, 'spatial_scale', 1) });
    },
  },
};
