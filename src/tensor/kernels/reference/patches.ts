import { roomFor } from '../../room.ts';
import { sizeOf } from '../../shape.ts';
import type { FloatArray } from '../../tensor.ts';
import type { Floats, Panels } from './panels.ts';
import { asVolume, axisTable, volumeShape, type WindowAttributes, windowOutput } from './window.ts';

/** How the patches of one image are numbered: rows (channel, kernel position), columns (output position). */
export interface PatchPlan {
  readonly input: readonly [number, number, number];
  readonly output: readonly [number, number, number];
  readonly kernel: readonly number[];
  readonly tables: readonly Int32Array[];
  readonly inputSize: number;
  readonly outputSize: number;
  readonly kernelSize: number;
}

/** Columns multiplied at a time: bounds the packed patches, and is a constant so that sums never depend on the machine. */
export const COLUMNS = 2048;

export function planPatches(spatial: readonly number[], attributes: WindowAttributes): PatchPlan {
  const w = asVolume(attributes);
  const input = volumeShape(spatial);
  const output = windowOutput(input, w, 'convolve') as [number, number, number];
  const tables = [0, 1, 2].map((axis) => axisTable(input[axis], output[axis], w, axis));
  return {
    input,
    output,
    kernel: w.kernel,
    tables,
    inputSize: sizeOf(input),
    outputSize: sizeOf(output),
    kernelSize: sizeOf(w.kernel),
  };
}

/** Input index of each column start … start + count for one kernel position, −1 in the padding. */
function columnIndices(plan: PatchPlan, position: number, start: number, out: Int32Array): void {
  const [, height, width] = plan.input;
  const [, rows, columns] = plan.output;
  const [, kh, kw] = plan.kernel;
  const [kd, ky, kx] = [Math.floor(position / (kh * kw)), Math.floor(position / kw) % kh, position % kw];
  let x = start % columns;
  let y = Math.floor(start / columns) % rows;
  let d = Math.floor(start / (columns * rows));
  for (let i = 0; i < out.length; i++) {
    const id = plan.tables[0][kd * plan.output[0] + d];
    const iy = plan.tables[1][ky * rows + y];
    const ix = plan.tables[2][kx * columns + x];
    out[i] = id < 0 || iy < 0 || ix < 0 ? -1 : (id * height + iy) * width + ix;
    if (++x === columns) {
      x = 0;
      if (++y === rows) {
        y = 0;
        d++;
      }
    }
  }
}

/** The index of every (kernel position, column) of a block of columns: [kernelSize][count]. */
export function blockIndices(plan: PatchPlan, start: number, count: number): Int32Array[] {
  // Each is an array of its own, which takes memory however short it is.
  roomFor(plan.kernelSize * Math.max(count, 256));
  return Array.from({ length: plan.kernelSize }, (_, position) => {
    const out = new Int32Array(count);
    columnIndices(plan, position, start, out);
    return out;
  });
}

/** Channels of one image in an array. */
export interface PatchSource {
  readonly data: FloatArray;
  readonly at: number;
  readonly channels: number;
}

/** Patches [channels · kernelSize, count] of one image as right panels. */
export function packPatches(
  { data, at, channels }: PatchSource,
  plan: PatchPlan,
  { indices, floats }: { readonly indices: Int32Array[]; readonly floats: Floats },
): Panels {
  const count = indices[0].length;
  const depth = channels * plan.kernelSize;
  const out = floats(Math.ceil(count / 4) * 4 * depth);
  for (let channel = 0, row = 0; channel < channels; channel++) {
    const base = at + channel * plan.inputSize;
    for (const index of indices) {
      for (let column = 0; column < count; column++) {
        const from = index[column];
        if (from >= 0) out[((column >> 2) * depth + row) * 4 + (column & 3)] = data[base + from];
      }
      row++;
    }
  }
  return { data: out, count, depth };
}

/** The same patches as rows [channels · kernelSize, count] of a plain matrix. */
export function gatherPatches(
  { data, at, channels }: PatchSource,
  plan: PatchPlan,
  indices: Int32Array[],
): Float64Array {
  const count = indices[0].length;
  const out = new Float64Array(channels * plan.kernelSize * count);
  for (let channel = 0, to = 0; channel < channels; channel++) {
    const base = at + channel * plan.inputSize;
    for (const index of indices) {
      for (let column = 0; column < count; column++, to++) {
        if (index[column] >= 0) out[to] = data[base + index[column]];
      }
    }
  }
  return out;
}

/** Adds patches [channels · kernelSize, count] to the cells of one image that they cover. */
export function addPatches(
  sums: Float64Array,
  patches: Float64Array,
  { channels, indices, inputSize }: { channels: number; indices: Int32Array[]; inputSize: number },
): void {
  const count = indices[0].length;
  for (let channel = 0, at = 0; channel < channels; channel++) {
    const base = channel * inputSize;
    for (const index of indices) {
      for (let column = 0; column < count; column++, at++) {
        if (index[column] >= 0) sums[base + index[column]] += patches[at];
      }
    }
  }
}
