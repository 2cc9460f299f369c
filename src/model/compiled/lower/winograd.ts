import { type Step, step } from '../../../tensor/kernels/wasm/steps.ts';
import { MOST_THREADS } from '../../../tensor/kernels/wasm/threads.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { Convolution } from './convolutionParts.ts';
import {
  arranged,
  type Lowered,
  type LoweringContext,
  noEpilogue,
  placeBias,
  placeMask,
} from './lowering.ts';
import { productScratch, productStep } from './product.ts';
import { type AddressOf, type Buffer, deviceValue, type MapValue, padded, usualOrder } from './values.ts';
import type { WeightStore } from './weights.ts';
import { cellWindow, windowGeometry } from './windowGeometry.ts';

const PLANES = 36;
const ARENA_FLOATS = 3e6; // of transformed tiles at a time: they stay in the last-level cache
const FEWEST_TILES = 96;
const CHUNK_FLOATS = 32768;

/** Weights [O, C, 3, 3] as U = G g Gᵀ in panels: [36][⌈O / 8⌉][channel][8]. */
function transformWeights(
  { device, lend, borrow }: WeightStore,
  out: Float32Array,
  { w, factors }: { w: Tensor; factors: Float64Array | undefined },
): void {
  const [filters, channels] = w.shape;
  const panels = Math.ceil(filters / 8);
  const transform = (weights: number, scale: number) => {
    const program = device.compile([
      step('transformWeights', panels, {
        weights,
        factors: scale,
        output: out.byteOffset,
        planeBytes: panels * padded(channels) * 32,
        filters,
        channels,
        depth: padded(channels),
      }),
    ]);
    program.run();
    program.release();
  };
  borrow(w, (data) =>
    lend(data instanceof Float32Array ? data : Float32Array.from(data), (weights) => {
      if (factors === undefined) transform(weights, 0);
      else lend(factors, (scale) => transform(weights, scale));
    }),
  );
}

/** Bytes from one of the 36 planes to the next: an odd number of cache lines, so that they do not fall into the same sets. */
function planeBytes(tiles: number, channels: number): number {
  const lines = Math.ceil((tiles * channels * 4) / 64);
  return (lines + 1 - (lines % 2)) * 64;
}

/** How a convolution is cut into blocks of tiles, 4 × 4 pixels of its output each, and what memory a block takes. */
interface Tiling {
  readonly tilesAcross: number;
  readonly tilesPerImage: number;
  /** Tiles of all images, and of one block; the last may have fewer. */
  readonly all: number;
  readonly count: number;
  /** Channels that are read and written. */
  readonly depth: number;
  readonly columns: number;
  /** Of one plane of transformed inputs and of products. */
  readonly inputPlane: number;
  readonly outputPlane: number;
  readonly transformed: Buffer;
  readonly products: Buffer;
  readonly scratch: Buffer;
  readonly table: Buffer;
}

const productShape = ({ depth, columns }: Pick<Tiling, 'depth' | 'columns'>, rows: number) => ({
  ...{ rows, columns, depth, kernelHeight: 1, kernelWidth: 1 },
});

function tilingOf(output: MapValue, depth: number, columns: number): Tiling {
  const tilesAcross = Math.ceil(output.width / 4);
  const tilesPerImage = tilesAcross * Math.ceil(output.height / 4);
  const all = output.images * tilesPerImage;
  const most = Math.max(FEWEST_TILES, Math.floor(ARENA_FLOATS / PLANES / (depth + columns)));
  const count = Math.ceil(all / Math.ceil(all / most));
  const inputPlane = planeBytes(count, depth);
  const outputPlane = planeBytes(count, columns);
  const scratchBytes = Math.ceil((576 + Math.max(256, PLANES * depth * 4)) / 64) * 64;
  return {
    ...{ tilesAcross, tilesPerImage, all, count, depth, columns, inputPlane, outputPlane },
    transformed: { bytes: PLANES * inputPlane },
    products: { bytes: PLANES * outputPlane },
    scratch: { bytes: scratchBytes * MOST_THREADS },
    table: productScratch(productShape({ depth, columns }, count)),
  };
}

/** Addresses of a convolution's constants: its transformed kernels, how far one plane of them is from the next, and the rest. */
interface Constants {
  readonly packed: number;
  readonly planeFloats: number;
  readonly bias: number;
  readonly zeros: number;
  readonly mask: number;
}

function placeConstants({ context, w }: Convolution, { depth }: Tiling): Constants {
  const { node, weights, scaling } = context;
  const [filters, channels] = w.shape;
  const planeFloats = Math.ceil(filters / 8) * depth * 8;
  const packed = weights.place(
    `${node.outputs[0]} winograd${scaling ? ' scaled' : ''}`,
    PLANES * planeFloats,
    (out) => transformWeights(weights, out, { w, factors: scaling?.factors }),
    { writesAll: depth === channels && filters % 8 === 0 },
  );
  const bias = placeBias(context, 2, filters);
  const zeros = weights.zeros(Math.ceil(filters / 8) * 32);
  return { packed, planeFloats, bias, zeros, mask: placeMask(weights, filters) };
}

/** The 36 products of a block of tiles. */
function productsOf(
  { depth, columns, inputPlane, outputPlane, transformed, products, table }: Tiling,
  { packed, planeFloats, zeros }: Constants,
  { at, tiles }: { at: AddressOf; tiles: number },
): Step {
  const row = { height: 1, width: tiles };
  return productStep(
    {
      ...productShape({ depth, columns }, tiles),
      ...windowGeometry(cellWindow, row, row),
      ...{ input: at(transformed), weights: packed, bias: zeros, output: at(products) },
      ...{ residual: 0, zeros: 0, mask: 0, ...noEpilogue },
      outputRowBytes: columns * 4,
      residualRowBytes: 0,
      pixelBytes: depth * 4,
      imageBytes: 0,
      batchInputBytes: inputPlane,
      batchWeightBytes: planeFloats * 4,
      batchOutputBytes: outputPlane,
      ...{ inner: PLANES, outerInputBytes: 0, outerOutputBytes: 0 },
    },
    { at: at(table), buffer: table },
    PLANES,
  );
}

/** A block of tiles from `first` on: the transform of its inputs, its products, the transform of what comes out. */
function blockSteps(
  { context, x, window, residual }: Convolution,
  { tiling, constants, output }: { tiling: Tiling; constants: Constants; output: MapValue },
  { at, first }: { at: AddressOf; first: number },
): Step[] {
  const { tilesAcross, tilesPerImage, all, count, depth, columns, scratch } = tiling;
  const tiles = Math.min(count, all - first);
  const { height, width, outputHeight, outputWidth, top, left } = windowGeometry(window, x, output);
  const common = {
    ...{ height, width, outputHeight, outputWidth, top, left, tilesAcross, tilesPerImage, first },
    ...context.epilogue,
    input: at(x.buffer),
    output: at(output.buffer),
    bias: constants.bias,
    residual: residual ? at(residual.buffer) : 0,
    mask: constants.mask,
    scratch: at(scratch),
    scratchBytes: scratch.bytes / MOST_THREADS,
    count: tiles,
    outputPixelBytes: output.pixelBytes,
    residualPixelBytes: residual?.pixelBytes ?? 0,
  };
  const transform = (
    kernel: 'transformInput' | 'transformOutput',
    planes: { transformed: number; planeBytes: number; channels: number },
  ) => {
    const block = Math.max(1, Math.round(CHUNK_FLOATS / planes.channels / 16));
    return step(kernel, Math.ceil(tiles / block), { ...common, ...planes, block });
  };
  return [
    transform('transformInput', {
      transformed: at(tiling.transformed),
      planeBytes: tiling.inputPlane,
      channels: depth,
    }),
    productsOf(tiling, constants, { at, tiles }),
    transform('transformOutput', {
      transformed: at(tiling.products),
      planeBytes: tiling.outputPlane,
      channels: columns,
    }),
  ];
}

/** The map with its pixels one behind the other, as the transforms read them: some channels of a map are copied out of it. */
function apart(context: LoweringContext, x: MapValue): MapValue {
  if (x.pixelBytes === padded(x.channels) * 4) return x;
  return { ...deviceValue(x.shape), ...arranged(context, x, usualOrder(x.shape)) };
}

/** A 3 × 3 convolution of stride 1 by F(4 × 4, 3 × 3): transforms of tiles around 36 products. */
export function lowerWinograd(convolution: Convolution): Lowered {
  const { context, w, residual } = convolution;
  const [filters, channels] = w.shape;
  const x = apart(context, convolution.x);
  const output = deviceValue(context.shape);
  const tiling = tilingOf(output, padded(channels), padded(filters));
  const constants = placeConstants(convolution, tiling);
  const { all, count, depth, columns, transformed, products, scratch, table } = tiling;
  const firsts = Array.from({ length: Math.ceil(all / count) }, (_, i) => i * count);
  return {
    output,
    operations: [
      {
        reads: [x.buffer, ...(residual ? [residual.buffer] : [])],
        writes: [output.buffer, transformed, products, scratch, table],
        work: 2 * PLANES * all * depth * columns,
        steps: (at) =>
          firsts.flatMap((first) =>
            blockSteps({ ...convolution, x }, { tiling, constants, output }, { at, first }),
          ),
      },
    ],
  };
}
