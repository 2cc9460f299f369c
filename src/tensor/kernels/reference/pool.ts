import { ShapeError } from '../../errors.ts';
import { roomFor } from '../../room.ts';
import { checkShape, formatShape, type Shape, sizeOf } from '../../shape.ts';
import { allocate, contiguous, fromData, type Tensor } from '../../tensor.ts';
import {
  asVolume,
  axisTable,
  checkWindow,
  volumeShape,
  type WindowAttributes,
  windowOutput,
} from './window.ts';

/** For each (output position, window position), row-major: the input position in one channel, −1 outside. */
function windowIndices(
  spatial: readonly number[],
  attributes: WindowAttributes,
  output: readonly number[],
): Int32Array {
  const w = asVolume(attributes);
  const input = volumeShape(spatial);
  const out = volumeShape(output);
  const [td, ty, tx] = [0, 1, 2].map((axis) => axisTable(input[axis], out[axis], w, axis));
  const [kd, kh, kw] = w.kernel;
  const indices = new Int32Array(roomFor(sizeOf(out) * kd * kh * kw));
  let at = 0;
  for (let d = 0; d < out[0]; d++) {
    for (let y = 0; y < out[1]; y++) {
      for (let x = 0; x < out[2]; x++) {
        for (let a = 0; a < kd; a++) {
          for (let b = 0; b < kh; b++) {
            for (let c = 0; c < kw; c++) {
              const id = td[a * out[0] + d];
              const iy = ty[b * out[1] + y];
              const ix = tx[c * out[2] + x];
              indices[at++] = id < 0 || iy < 0 || ix < 0 ? -1 : (id * input[1] + iy) * input[2] + ix;
            }
          }
        }
      }
    }
  }
  return indices;
}

/** A window that slides, and how many places it has. */
export interface PoolAttributes extends WindowAttributes {
  /** Output lengths, which ceil_mode may have made larger than the window formula's. */
  readonly output: readonly number[];
}

export function poolOutput(spatial: readonly number[], w: WindowAttributes, ceil: boolean): number[] {
  if (!ceil) return windowOutput(spatial, w, 'pool');
  return spatial.map((length, i) => {
    const reach = w.dilations[i] * (w.kernel[i] - 1) + 1;
    const steps = Math.ceil((length + w.padsBefore[i] + w.padsAfter[i] - reach) / w.strides[i]);
    // A window that would start in the padding behind the input is dropped.
    const starts = steps * w.strides[i] < length + w.padsBefore[i];
    return (starts ? steps : steps - 1) + 1;
  });
}

/** @throws ShapeError where lists differ in length, hold anything but whole numbers, or do not fit the shape. */
export function checkPool(shape: Shape, attributes: PoolAttributes, action: string): void {
  checkWindow(attributes, shape.length, action);
  const spatial = attributes.kernel.length;
  checkShape(attributes.output, action);
  if (attributes.output.length === spatial) return;
  throw new ShapeError(
    `Cannot ${action}: output must have ${spatial} lengths, got ${formatShape(attributes.output)}`,
  );
}

/** Position in the whole tensor of each window's first largest entry (row-major in the window), −1 for an empty one. */
export function maxPositions(x: Tensor, attributes: PoolAttributes): { positions: Int32Array; ties: number } {
  const { data } = contiguous(x);
  const rank = attributes.kernel.length;
  const spatial = x.shape.slice(-rank);
  const plane = sizeOf(spatial);
  const windows = windowIndices(spatial, attributes, attributes.output);
  const size = sizeOf(attributes.kernel);
  const outputs = sizeOf(attributes.output);
  const planes = data.length / plane;
  const positions = new Int32Array(roomFor(planes * outputs));
  let ties = 0;
  for (let p = 0, to = 0; p < planes; p++) {
    for (let o = 0; o < outputs; o++) {
      let best = -1;
      let tied = false;
      for (let k = o * size, end = k + size; k < end; k++) {
        if (windows[k] < 0) continue;
        const at = p * plane + windows[k];
        if (best < 0 || data[at] > data[best] || Number.isNaN(data[at])) {
          best = at;
          tied = false;
        } else if (data[at] === data[best]) tied = true;
      }
      if (tied) ties++;
      positions[to++] = best;
    }
  }
  return { positions, ties };
}

/** Max-pool over the last axes: [..., spatial] → [..., output]. */
export function maxPoolForward(x: Tensor, attributes: PoolAttributes): Tensor {
  const { positions } = maxPositions(x, attributes);
  const { data } = contiguous(x);
  const out = allocate(positions.length, x.dtype);
  for (let i = 0; i < out.length; i++) out[i] = positions[i] < 0 ? -Infinity : data[positions[i]];
  return fromData(out, [...x.shape.slice(0, -attributes.kernel.length), ...attributes.output]);
}
