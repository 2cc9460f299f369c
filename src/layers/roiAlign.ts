import {
  add,
  clip,
  concat,
  max,
  maximum,
  mul,
  reshape,
  stack,
  sub,
  sum,
  take,
  where,
} from '../autodiff/operations.ts';
import { gather } from '../autodiff/selecting.ts';
import { concrete } from '../autodiff/trace.ts';
import { ShapeError } from '../tensor/errors.ts';
import { zipEntries } from '../tensor/kernels/reference/map.ts';
import { roomFor } from '../tensor/room.ts';
import { formatShape } from '../tensor/shape.ts';
import { castTo, contiguous, fromData, type Tensor, zeros } from '../tensor/tensor.ts';
import { choice, type Layers, need, number, valuesOf, wholeMap } from './layer.ts';
import { wrapIndex } from './places.ts';
import { cellsAt, clampTo, linearFilter } from './sampling.ts';
import type { Attributes } from './types.ts';

/** Column i of a matrix, as [rows, 1]. */
const column = (x: Tensor, i: number): Tensor =>
  take(x, { shape: [x.shape[0], 1], stride: [x.shape[1], 1], offset: i });

interface Extent {
  readonly start: Tensor;
  readonly size: Tensor;
  /** Samples in each bin, one for each region. */
  readonly counts: readonly number[];
}

/** Along one axis: where regions [n, 4] start, how long a bin is, and how many samples lie in one. */
function extentOf(
  rois: Tensor,
  axis: number,
  { bins, attributes, isHalf }: { bins: number; attributes: Attributes; isHalf: boolean },
): Extent {
  const scale = number(attributes, 'spatial_scale', 1);
  const [start, end] = [axis, axis + 2].map((i) => sub(mul(scale, column(rois, i)), isHalf ? 0.5 : 0));
  const length = isHalf ? sub(end, start) : maximum(sub(end, start), 1);
  const ratio = number(attributes, 'sampling_ratio', 0);
  const lengths = contiguous(concrete(length)).data;
  const counts = Array.from(lengths, (each) => (ratio > 0 ? ratio : Math.max(0, Math.ceil(each / bins))));
  return { start, size: mul(1 / bins, length), counts };
}

/** Places of samples, [n, bins · count]. */
function samplesOf({ start, size }: Extent, bins: number, count: number): Tensor {
  const steps = Float64Array.from(
    { length: roomFor(bins * count) },
    (_, i) => Math.floor(i / count) + ((i % count) + 0.5) / count,
  );
  return add(start, mul(size, castTo(fromData(steps, [1, steps.length]), start.dtype)));
}

/** Rows of a tensor along its first axis. */
const rowsOf = (x: Tensor, rows: readonly number[]): Tensor => gather(x, rows as number[], 0);

interface Align {
  readonly images: readonly number[];
  /** Bins along the height and the width. */
  readonly bins: readonly [number, number];
  readonly isMean: boolean;
}

/** Regions whose bins have so many samples each: [n, C, bins]. */
function alignedBins(
  x: Tensor,
  extents: readonly Extent[],
  { images, bins, isMean, counts }: Align & { counts: readonly number[] },
): Tensor {
  const [n, channels] = [images.length, x.shape[1]];
  const lines = extents.map((extent, axis) => samplesOf(extent, bins[axis], counts[axis]));
  const [height, width] = lines.map((line) => line.shape[1]);
  const zero = zeros([1, height, width]);
  roomFor(n * height * width);
  const shapes = [
    [n, height, 1],
    [n, 1, width],
  ];
  const lengths = x.shape.slice(2);
  const spread = lines.map((line, axis) =>
    reshape(add(reshape(line, shapes[axis]), castTo(zero, line.dtype)), [n, height * width]),
  );
  const [isIn, isInToo] = spread.map((line, axis) =>
    Float64Array.from(contiguous(concrete(line)).data, (at) => Number(at >= -1 && at <= lengths[axis])),
  );
  const inside = zipEntries(
    fromData(isIn, [n, 1, height * width]),
    fromData(isInToo, [n, 1, height * width]),
    (a, b) => a * b,
    'mask',
  );
  const at = spread.map((line, axis) => clip(line, 0, lengths[axis] - 1));
  const cells = cellsAt(x, {
    at,
    images,
    filter: linearFilter,
    beyond: (cell, axis) => clampTo(lengths[axis], cell),
  });
  const grid = [n, channels, bins[0], counts[0], bins[1], counts[1]];
  const parts = cells.map((cell) => reshape(where(inside, cell, 0), grid));
  if (isMean) return mul(1 / Math.max(1, counts[0] * counts[1]), sum(parts.reduce(add), [3, 5]));
  return max(max(stack(parts), 0), [3, 5]);
}

/** Means, or maxima, of samples in the bins of regions of interest. Source: He et al. 2017, Mask R-CNN. */
function roiAlign(
  x: Tensor,
  rois: Tensor,
  { images, bins, isMean, attributes, isHalf }: Align & { attributes: Attributes; isHalf: boolean },
): Tensor {
  const extents = [1, 0].map((axis) => extentOf(rois, axis, { bins: bins[1 - axis], attributes, isHalf }));
  const groups = new Map<string, number[]>();
  images.forEach((_, roi) => {
    const key = extents.map(({ counts }) => counts[roi]).join();
    groups.set(key, [...(groups.get(key) ?? []), roi]);
  });
  const parts = [...groups].map(([key, rows]) => {
    const own = extents.map(({ start, size, counts }) => ({
      start: rowsOf(start, rows),
      size: rowsOf(size, rows),
      counts,
    }));
    return alignedBins(x, own, {
      images: rows.map((roi) => images[roi]),
      bins,
      isMean,
      counts: key.split(',').map(Number),
    });
  });
  if (parts.length === 0) return mul(0, rowsOf(reshape(x, [x.shape[0], -1]), []));
  const order = [...groups.values()].flat();
  return rowsOf(
    concat(parts, 0),
    order.map((_, roi) => order.indexOf(roi)),
  );
}

export const regionMeans: Layers = {
  RoiAlign: {
    affine: ({ attributes }) => (attributes.mode === 'max' ? undefined : 'first'),
    ...wholeMap,
    images: () => false,
    inputs: [3, 3],
    attributes: {
      ...{ mode: 'text', coordinate_transformation_mode: 'text', spatial_scale: 'float' },
      ...{ output_height: 'int', output_width: 'int', sampling_ratio: 'int' },
    },
    evaluate: (inputs, attributes, { opset }) => {
      const x = need(inputs, 0, 'X');
      const rois = need(inputs, 1, 'rois');
      if (x.shape.length !== 4 || rois.shape.length !== 2 || rois.shape[1] !== 4) {
        throw new ShapeError(
          `maps [N, C, H, W] and regions [n, 4] are wanted, got ${formatShape(x.shape)} and ${formatShape(rois.shape)}`,
        );
      }
      const modes = ['half_pixel', 'output_half_pixel'] as const;
      const given = opset < 16 ? modes[1] : choice(attributes, 'coordinate_transformation_mode', modes);
      const images = (valuesOf(need(inputs, 2, 'batch_indices')) as number[]).map((i) =>
        wrapIndex(i, x.shape[0]),
      );
      const bins = [number(attributes, 'output_height', 1), number(attributes, 'output_width', 1)] as const;
      const isMean = choice(attributes, 'mode', ['avg', 'max']) === 'avg';
      const y = roiAlign(x, rois, {
        images,
        bins,
        isMean,
        attributes,
        isHalf: given === modes[0],
      });
      return images.length === 0 ? reshape(y, [0, x.shape[1], ...bins]) : y;
    },
  },
};
