import { sizeOf } from '../shape.ts';
import { allocate, contiguous, type FloatArray, fromData, type Tensor } from '../tensor.ts';
import { commonDType } from './map.ts';
import { type MatrixView, multiplyPanels, type Panels, packColumns, packRows } from './matmul.ts';
import { laneOffsets } from './product.ts';
import { asVolume, axisTable, volumeShape, type WindowAttributes, windowOutput } from './window.ts';

/** Convolution attributes: a window (kernel taken from the weights) and `groups`. */
export interface ConvAttributes extends WindowAttributes {
  readonly groups: number;
}

/** How the patches of one image are numbered: rows (channel, kernel position), columns (output position). */
interface PatchPlan {
  readonly input: readonly [number, number, number];
  readonly output: readonly [number, number, number];
  readonly kernel: readonly number[];
  readonly tables: readonly Int32Array[];
  readonly inputSize: number;
  readonly outputSize: number;
  readonly kernelSize: number;
}

/** Columns multiplied at a time: bounds the packed patches, and is a constant so that sums never depend on the machine. */
const COLUMNS = 2048;

function planPatches(spatial: readonly number[], attributes: ConvAttributes): PatchPlan {
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
function blockIndices(plan: PatchPlan, start: number, count: number): Int32Array[] {
  return Array.from({ length: plan.kernelSize }, (_, position) => {
    const out = new Int32Array(count);
    columnIndices(plan, position, start, out);
    return out;
  });
}

/** Patches [channels · kernelSize, count] of one image as right panels. */
function packPatches(
  data: FloatArray,
  at: number,
  channels: number,
  plan: PatchPlan,
  indices: Int32Array[],
): Panels {
  const count = indices[0].length;
  const depth = channels * plan.kernelSize;
  const out = new Float64Array(Math.ceil(count / 4) * 4 * depth);
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
function gatherPatches(
  data: FloatArray,
  at: number,
  channels: number,
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

const rowsView = (data: FloatArray, offset: number, columns: number): MatrixView => ({
  data,
  offset,
  rowStride: columns,
  columnStride: 1,
});

const columnsView = (data: FloatArray, offset: number, columns: number): MatrixView => ({
  data,
  offset,
  rowStride: 1,
  columnStride: columns,
});

interface Lanes {
  readonly lead: number[];
  readonly x: number[];
  readonly w: number[];
}

/** Leading axes: those of x before its last s + 1 are images; the weights' before their last s + 2 are lanes of x's. */
function pairLanes(x: Tensor, w: Tensor, spatial: number, sizes: readonly [number, number]): Lanes {
  const own = x.shape.slice(0, -spatial - 1);
  const extra = w.shape.slice(0, -spatial - 2);
  if (extra.length === 0) {
    const count = sizeOf(own);
    return {
      lead: own,
      x: Array.from({ length: count }, (_, i) => i * sizes[0]),
      w: new Array<number>(count).fill(0),
    };
  }
  const images = own[own.length - 1];
  const weightLanes = [...extra, 1];
  const lead = [...new Array<number>(Math.max(0, weightLanes.length - own.length)).fill(1), ...own];
  for (let i = 0; i < extra.length; i++) {
    const at = lead.length - weightLanes.length + i;
    lead[at] = Math.max(lead[at], extra[i]);
  }
  lead[lead.length - 1] = images;
  return { lead, x: laneOffsets(own, lead, sizes[0]), w: laneOffsets(weightLanes, lead, sizes[1]) };
}

/**
 * Convolution (cross-correlation) x [..., C, spatial] * w [O, C/groups, kernel] → [..., O, spatial'].
 * One to three spatial axes.
 */
export function convForward(x: Tensor, w: Tensor, attributes: ConvAttributes): Tensor {
  const spatial = attributes.kernel.length;
  const inputSpatial = x.shape.slice(-spatial);
  const plan = planPatches(inputSpatial, attributes);
  const { groups } = attributes;
  const channels = w.shape[w.shape.length - spatial - 1];
  const filters = w.shape[w.shape.length - spatial - 2] / groups;
  const depth = channels * plan.kernelSize;
  const [xs, ws] = [contiguous(x).data, contiguous(w).data];
  const lanes = pairLanes(x, w, spatial, [groups * channels * plan.inputSize, groups * filters * depth]);
  const outImage = groups * filters * plan.outputSize;
  const out = allocate(lanes.x.length * outImage, commonDType([x, w]));
  for (let start = 0; start < plan.outputSize; start += COLUMNS) {
    const indices = blockIndices(plan, start, Math.min(COLUMNS, plan.outputSize - start));
    for (let group = 0; group < groups; group++) {
      let left: Panels | undefined;
      for (let image = 0; image < lanes.x.length; image++) {
        if (left === undefined || lanes.w[image] !== lanes.w[image - 1]) {
          left = packRows(rowsView(ws, lanes.w[image] + group * filters * depth, depth), filters, depth);
        }
        const from = lanes.x[image] + group * channels * plan.inputSize;
        const right = packPatches(xs, from, channels, plan, indices);
        const offset = image * outImage + group * filters * plan.outputSize + start;
        multiplyPanels(out, { offset, rowStride: plan.outputSize, accumulate: false }, [left, right]);
      }
    }
  }
  const outSpatial = plan.output.slice(3 - spatial);
  return fromData(out, [...lanes.lead, groups * filters, ...outSpatial]);
}

/**
 * The transpose of `convForward` in x: g [..., O, spatial'] , w [O, C/groups, kernel] → [..., C, inputSpatial].
 */
export function convInput(
  g: Tensor,
  w: Tensor,
  attributes: ConvAttributes & { readonly inputSpatial: readonly number[] },
): Tensor {
  const spatial = attributes.kernel.length;
  const plan = planPatches(attributes.inputSpatial, attributes);
  const { groups } = attributes;
  const channels = w.shape[w.shape.length - spatial - 1];
  const filters = w.shape[w.shape.length - spatial - 2] / groups;
  const depth = channels * plan.kernelSize;
  const [gs, ws] = [contiguous(g).data, contiguous(w).data];
  const lanes = pairLanes(g, w, spatial, [groups * filters * plan.outputSize, groups * filters * depth]);
  const outImage = groups * channels * plan.inputSize;
  const sums = new Float64Array(lanes.x.length * outImage);
  for (let start = 0; start < plan.outputSize; start += COLUMNS) {
    const count = Math.min(COLUMNS, plan.outputSize - start);
    const indices = blockIndices(plan, start, count);
    const patches = new Float64Array(depth * count);
    for (let group = 0; group < groups; group++) {
      let left: Panels | undefined;
      for (let image = 0; image < lanes.x.length; image++) {
        if (left === undefined || lanes.w[image] !== lanes.w[image - 1]) {
          left = packRows(columnsView(ws, lanes.w[image] + group * filters * depth, depth), depth, filters);
        }
        const from = lanes.x[image] + group * filters * plan.outputSize + start;
        const right = packColumns(rowsView(gs, from, plan.outputSize), filters, count);
        multiplyPanels(patches, { offset: 0, rowStride: count, accumulate: false }, [left, right]);
        let at = 0;
        for (let channel = 0; channel < channels; channel++) {
          const base = image * outImage + (group * channels + channel) * plan.inputSize;
          for (const index of indices) {
            for (let column = 0; column < count; column++, at++) {
              if (index[column] >= 0) sums[base + index[column]] += patches[at];
            }
          }
        }
      }
    }
  }
  const dtype = commonDType([g, w]);
  return fromData(dtype === 'float64' ? sums : Float32Array.from(sums), [
    ...lanes.lead,
    groups * channels,
    ...attributes.inputSpatial,
  ]);
}

/**
 * The transpose of `convForward` in w: x [..., N, C, spatial], g [..., N, O, spatial'] → [..., O, C/groups, kernel],
 * summed over the N images; axes before N are lanes, broadcast.
 */
export function convKernel(x: Tensor, g: Tensor, attributes: ConvAttributes): Tensor {
  const spatial = attributes.kernel.length;
  const plan = planPatches(x.shape.slice(-spatial), attributes);
  const { groups } = attributes;
  const channels = x.shape[x.shape.length - spatial - 1] / groups;
  const filters = g.shape[g.shape.length - spatial - 1] / groups;
  const images = x.shape[x.shape.length - spatial - 2];
  const depth = channels * plan.kernelSize;
  const [xs, gs] = [contiguous(x).data, contiguous(g).data];
  const [xImage, gImage] = [groups * channels * plan.inputSize, groups * filters * plan.outputSize];
  const own = x.shape.slice(0, -spatial - 2);
  const other = g.shape.slice(0, -spatial - 2);
  const lead = own.length >= other.length ? [...own] : [...other];
  const [xAt, gAt] = [laneOffsets(own, lead, images * xImage), laneOffsets(other, lead, images * gImage)];
  const block = filters * depth;
  const sums = new Float64Array(xAt.length * groups * block);
  for (let start = 0; start < plan.outputSize; start += COLUMNS) {
    const count = Math.min(COLUMNS, plan.outputSize - start);
    const indices = blockIndices(plan, start, count);
    for (let lane = 0; lane < xAt.length; lane++) {
      for (let image = 0; image < images; image++) {
        for (let group = 0; group < groups; group++) {
          const from = gAt[lane] + image * gImage + group * filters * plan.outputSize + start;
          const left = packRows(rowsView(gs, from, plan.outputSize), filters, count);
          const at = xAt[lane] + image * xImage + group * channels * plan.inputSize;
          const patches = gatherPatches(xs, at, channels, plan, indices);
          const right = packColumns(columnsView(patches, 0, count), count, depth);
          const offset = (lane * groups + group) * block;
          multiplyPanels(sums, { offset, rowStride: depth, accumulate: true }, [left, right]);
        }
      }
    }
  }
  const dtype = commonDType([x, g]);
  return fromData(dtype === 'float64' ? sums : Float32Array.from(sums), [
    ...lead,
    groups * filters,
    channels,
    ...attributes.kernel,
  ]);
}
