import { resample } from '../image/resample.ts';
import { largestOf } from '../tensor/largest.ts';
import { contiguous, fromData, type Tensor, zeros } from '../tensor/tensor.ts';
import type { SmallMap } from './result.ts';

/** Cells of a side, at most: maps of single pixels are made smaller. */
const MOST = 32;

/** A map in few bytes. */
export function smallMap(raw: Tensor): SmallMap {
  const { data, shape } = contiguous(raw);
  const [height, width] = shape.map((side) => Math.min(MOST, side));
  const values = Float64Array.from(data, (value) => (Number.isFinite(value) ? Math.max(0, value) : 0));
  const small = resample({ height: shape[0], width: shape[1], data: values }, { height, width }).data;
  const most = largestOf(small, 0);
  const bytes = Uint8Array.from(small, (value) => (most > 0 ? Math.floor((255 * value) / most + 0.5) : 0));
  return { height, width, bytes: Buffer.from(bytes).toString('base64') };
}

/** The map again, 0 … 1. */
export function fromSmallMap({ height, width, bytes }: SmallMap): Tensor {
  const values = Buffer.from(bytes, 'base64');
  return values.length === height * width
    ? fromData(
        Float64Array.from(values, (value) => value / 255),
        [height, width],
      )
    : zeros([height, width]);
}
