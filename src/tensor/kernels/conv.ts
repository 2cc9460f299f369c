import { roomFor } from '../room.ts';
import { sizeOf } from '../shape.ts';
import { allocate, contiguous, type FloatArray, fromData, type Tensor } from '../tensor.ts';
import { laneOffsets } from './matmul.ts';
import { commonDType } from './reference/map.ts';
import { type MatrixView, type Panels, packColumns, packRows, sparseRows } from './reference/panels.ts';
import {
  addPatches,
  blockIndices,
  COLUMNS,
  gatherPatches,
  packPatches,
  planPatches,
} from './reference/patches.ts';
import type { WindowAttributes } from './reference/window.ts';
import { type Workspace, withWorkspace } from './workspace.ts';

/** Convolution attributes: a window (kernel taken from the weights) and `groups`. */
export interface ConvAttributes extends WindowAttributes {
  readonly groups: number;
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
  const work = lanes.x.length * outImage * depth;
  withWorkspace(work, (workspace) => {
    for (let start = 0; start < plan.outputSize; start += COLUMNS) {
      const indices = blockIndices(plan, start, Math.min(COLUMNS, plan.outputSize - start));
      for (let group = 0; group < groups; group++) {
        workspace.part(() => {
          let left: Panels | undefined;
          for (let image = 0; image < lanes.x.length; image++) {
            if (left === undefined || lanes.w[image] !== lanes.w[image - 1]) {
              const weights = rowsView(ws, lanes.w[image] + group * filters * depth, depth);
              left = packRows(weights, [filters, depth], workspace);
            }
            const factor = left;
            workspace.part(() => {
              const at = lanes.x[image] + group * channels * plan.inputSize;
              const { floats } = workspace;
              const right = packPatches({ data: xs, at, channels }, plan, { indices, floats });
              const offset = image * outImage + group * filters * plan.outputSize + start;
              const target = { offset, rowStride: plan.outputSize, accumulate: false };
              workspace.multiply(out, target, [factor, right]);
            });
          }
        });
      }
    }
  });
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
  const sums = new Float64Array(roomFor(lanes.x.length * outImage));

  const weightsOf = (image: number, group: number) =>
    columnsView(ws, lanes.w[image] + group * filters * depth, depth);

  /** Cotangents of the patches of one image and group at a block of columns; undefined where they are all 0. */
  function patchCotangents(
    workspace: Workspace,
    { image, group, start, count }: { image: number; group: number; start: number; count: number },
    whole: () => Panels,
  ): Float64Array | undefined {
    const from = lanes.x[image] + group * filters * plan.outputSize + start;
    const cotangent = rowsView(gs, from, plan.outputSize);
    const chosen = sparseRows(cotangent, filters, count);
    if (chosen?.length === 0) return undefined;
    const patches = new Float64Array(depth * count);
    const all = chosen === undefined ? whole() : undefined;
    workspace.part(() => {
      const left = all ?? packRows(weightsOf(image, group), [depth, filters], { ...workspace, chosen });
      const right = packColumns(cotangent, [filters, count], { ...workspace, chosen });
      workspace.multiply(patches, { offset: 0, rowStride: count, accumulate: false }, [left, right]);
    });
    return patches;
  }

  const work = lanes.x.length * groups * filters * plan.outputSize * depth;
  withWorkspace(work, (workspace) => {
    for (let start = 0; start < plan.outputSize; start += COLUMNS) {
      const count = Math.min(COLUMNS, plan.outputSize - start);
      const indices = blockIndices(plan, start, count);
      for (let group = 0; group < groups; group++) {
        let packed: { readonly at: number; readonly panels: Panels } | undefined;
        for (let image = 0; image < lanes.x.length; image++) {
          const at = lanes.w[image];
          const whole = () => {
            if (packed?.at !== at) {
              packed = { at, panels: packRows(weightsOf(image, group), [depth, filters], workspace) };
            }
            return packed.panels;
          };
          const patches = patchCotangents(workspace, { image, group, start, count }, whole);
          if (patches === undefined) continue;
          const base = image * outImage + group * channels * plan.inputSize;
          addPatches(sums.subarray(base, base + channels * plan.inputSize), patches, {
            channels,
            indices,
            inputSize: plan.inputSize,
          });
        }
      }
    }
  });
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
  const work = xAt.length * images * groups * block * plan.outputSize;
  withWorkspace(work, (workspace) => {
    for (let start = 0; start < plan.outputSize; start += COLUMNS) {
      const count = Math.min(COLUMNS, plan.outputSize - start);
      const indices = blockIndices(plan, start, count);
      for (let lane = 0; lane < xAt.length; lane++) {
        for (let image = 0; image < images; image++) {
          for (let group = 0; group < groups; group++) {
            workspace.part(() => {
              const from = gAt[lane] + image * gImage + group * filters * plan.outputSize + start;
              const left = packRows(rowsView(gs, from, plan.outputSize), [filters, count], workspace);
              const at = xAt[lane] + image * xImage + group * channels * plan.inputSize;
              const patches = gatherPatches({ data: xs, at, channels }, plan, indices);
              const right = packColumns(columnsView(patches, 0, count), [count, depth], workspace);
              const offset = (lane * groups + group) * block;
              workspace.multiply(sums, { offset, rowStride: depth, accumulate: true }, [left, right]);
            });
          }
        }
      }
    }
  });
  const dtype = commonDType([x, g]);
  return fromData(dtype === 'float64' ? sums : Float32Array.from(sums), [
    ...lead,
    groups * filters,
    channels,
    ...attributes.kernel,
  ]);
}
