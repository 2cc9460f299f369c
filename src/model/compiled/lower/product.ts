import { type Parameters, type Step, step } from '../../../tensor/kernels/wasm/steps.ts';
import { MOST_THREADS } from '../../../tensor/kernels/wasm/threads.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import type { Convolution } from './convolutionParts.ts';
import { type Lowered, placeBias, placeMask } from './lowering.ts';
import { type Buffer, deviceValue, padded } from './values.ts';
import { windowGeometry } from './windowGeometry.ts';

/** Rows of activations that one chunk holds in the second-level cache, in floats. */
const CACHED_FLOATS = 65536;
const CHUNK_WORK = 8e6; // additions and multiplications: a fifth of a millisecond
const MOST_ROWS = 128;
const TILE_BYTES = 128;

type Geometry = Omit<
  Parameters<'product'>,
  'rowBlock' | 'columnBlock' | 'rowBlocks' | 'columnBlocks' | 'scratchBytes' | 'scratch'
>;

/** Rows and columns of one chunk. They depend on the layer alone, never on the threads (same bits), and are small enough to occupy 16. */
function blocksFor(p: Pick<Geometry, 'rows' | 'columns' | 'depth' | 'kernelHeight' | 'kernelWidth'>) {
  const taps = p.kernelHeight * p.kernelWidth;
  const cached = Math.max(16, Math.floor(CACHED_FLOATS / p.depth / 4) * 4);
  const rowBlock = Math.min(MOST_ROWS, cached, Math.ceil(p.rows / 4) * 4);
  const perColumn = 2 * rowBlock * taps * p.depth;
  const columnBlock =
    Math.min(Math.ceil(p.columns / 8), Math.max(1, Math.round(CHUNK_WORK / perColumn / 8))) * 8;
  return {
    rowBlock,
    columnBlock,
    rowBlocks: Math.ceil(p.rows / rowBlock),
    columnBlocks: Math.ceil(p.columns / columnBlock),
  };
}

/** One product and no stack of them. */
export const single = {
  ...{ batchInputBytes: 0, batchWeightBytes: 0, batchOutputBytes: 0 },
  ...{ inner: 1, outerInputBytes: 0, outerOutputBytes: 0 },
} as const;

/** Bytes of scratch that a product needs for each thread: the sums of a tile and a table of pixel addresses. */
export function productScratch(
  p: Pick<Geometry, 'rows' | 'columns' | 'depth' | 'kernelHeight' | 'kernelWidth'>,
): Buffer {
  const bytes = TILE_BYTES + blocksFor(p).rowBlock * p.kernelHeight * p.kernelWidth * 4;
  return { bytes: Math.ceil(bytes / 64) * 64 * MOST_THREADS };
}

/** The step of a product, `batches` of them side by side. */
export function productStep(p: Geometry, scratch: { at: number; buffer: Buffer }, batches = 1): Step {
  const blocks = blocksFor(p);
  return step('product', batches * blocks.rowBlocks * blocks.columnBlocks, {
    ...p,
    ...blocks,
    scratch: scratch.at,
    scratchBytes: scratch.buffer.bytes / MOST_THREADS,
  });
}

/** Weights [O, C, kernel] as panels of eight columns: [⌈O / 8⌉][tap][channel][8], scaled where a factor is folded in. */
function packWeights(
  out: Float32Array,
  w: ArrayLike<number>,
  {
    filters,
    channels,
    taps,
    from,
    factors,
  }: {
    filters: number;
    channels: number;
    taps: number;
    from: number;
    factors: Float64Array | undefined;
  },
): void {
  const depth = padded(channels);
  for (let o = 0; o < filters; o++) {
    const factor = factors?.[from + o] ?? 1;
    const panel = (o >> 3) * taps * depth * 8 + (o & 7);
    for (let c = 0; c < channels; c++) {
      const source = ((from + o) * channels + c) * taps;
      for (let t = 0; t < taps; t++) out[panel + (t * depth + c) * 8] = w[source + t] * factor;
    }
  }
}

/** The kernels of all groups as panels: their address, and the floats of one group. */
function placePanels({ context, w, groups }: Convolution): { packed: number; panel: number } {
  const { node, weights, scaling } = context;
  const [allFilters, channels, ...kernel] = w.shape;
  const filters = allFilters / groups;
  const taps = sizeOf(kernel);
  const panel = Math.ceil(filters / 8) * taps * padded(channels) * 8;
  const key = `${node.outputs[0]} panels${scaling ? ' scaled' : ''}`;
  const packed = weights.place(key, groups * panel, (out) =>
    weights.borrow(w, (data) => {
      for (let g = 0; g < groups; g++) {
        const part = { filters, channels, taps, from: g * filters, factors: scaling?.factors };
        packWeights(out.subarray(g * panel, (g + 1) * panel), data, part);
      }
    }),
  );
  return { packed, panel };
}

/** A convolution as one product for each group: rows are output pixels, the depth is (kernel position, channel). */
export function lowerProduct(convolution: Convolution): Lowered | undefined {
  const { context, x, w, window, groups, residual } = convolution;
  const { weights, epilogue } = context;
  const [allFilters, channels] = w.shape;
  const filters = allFilters / groups;
  if (groups > 1 && (channels % 4 !== 0 || filters % 4 !== 0)) return undefined;
  const output = deviceValue(context.shape);
  const [kernelHeight, kernelWidth] = window.kernel;
  const depth = padded(channels);
  const { packed, panel } = placePanels(convolution);
  const bias = placeBias(context, 2, allFilters);
  const zeros = weights.zeros(depth * 4);
  const mask = placeMask(weights, filters);
  const shape = {
    rows: output.images * output.height * output.width,
    columns: padded(filters),
    depth,
    kernelHeight,
    kernelWidth,
  };
  const scratch = productScratch(shape);
  return {
    output,
    operations: [
      {
        reads: [x.buffer, ...(residual ? [residual.buffer] : [])],
        writes: [output.buffer, scratch],
        work: 2 * shape.rows * shape.columns * kernelHeight * kernelWidth * depth * groups,
        steps: (at) =>
          Array.from({ length: groups }, (_, g) =>
            productStep(
              {
                ...shape,
                input: at(x.buffer) + g * channels * 4,
                weights: packed + g * panel * 4,
                bias: bias + g * filters * 4,
                output: at(output.buffer) + g * filters * 4,
                residual: residual ? at(residual.buffer) + g * filters * 4 : 0,
                zeros,
                mask,
                ...epilogue,
                outputRowBytes: output.pixelBytes,
                residualRowBytes: residual?.pixelBytes ?? 0,
                pixelBytes: x.pixelBytes,
                imageBytes: x.height * x.width * x.pixelBytes,
                ...windowGeometry(window, x, output),
                ...single,
              },
              { at: at(scratch), buffer: scratch },
            ),
          ),
      },
    ],
  };
}
