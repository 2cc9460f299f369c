import { step } from '../../tensor/kernels/wasm/steps.ts';
import { MOST_THREADS } from '../../tensor/kernels/wasm/threads.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Convolution } from './convolutionParts.ts';
import { type Lowered, placeBias, placeMask, type WeightStore } from './lowering.ts';
import { productScratch, productStep } from './product.ts';
import { type Buffer, deviceValue, padded } from './values.ts';

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

/** A 3 × 3 convolution of stride 1 by F(4 × 4, 3 × 3): transforms of tiles around 36 products. */
export function lowerWinograd({ context, x, w, window }: Convolution): Lowered {
  const { node, weights, epilogue, scaling } = context;
  const [filters, channels] = w.shape;
  const output = deviceValue(context.shape);
  const [depth, columns] = [padded(channels), padded(filters)];
  const plane = Math.ceil(filters / 8) * depth * 8;
  const packed = weights.place(
    `${node.outputs[0]} winograd${scaling ? ' scaled' : ''}`,
    PLANES * plane,
    (out) => transformWeights(weights, out, { w, factors: scaling?.factors }),
    { writesAll: depth === channels && filters % 8 === 0 },
  );
  const bias = placeBias(context, 2, filters);
  const zeros = weights.zeros(Math.ceil(filters / 8) * 32);
  const mask = placeMask(weights, filters);
  const tilesAcross = Math.ceil(output.width / 4);
  const tilesPerImage = tilesAcross * Math.ceil(output.height / 4);
  const all = output.images * tilesPerImage;
  const most = Math.max(FEWEST_TILES, Math.floor(ARENA_FLOATS / PLANES / (depth + columns)));
  const blocks = Math.ceil(all / most);
  const count = Math.ceil(all / blocks);
  const inputPlane = planeBytes(count, depth);
  const outputPlane = planeBytes(count, columns);
  const transformed: Buffer = { bytes: PLANES * inputPlane };
  const products: Buffer = { bytes: PLANES * outputPlane };
  const tileScratch = Math.ceil((576 + Math.max(256, PLANES * depth * 4)) / 64) * 64;
  const scratch: Buffer = { bytes: tileScratch * MOST_THREADS };
  const shape = { rows: count, columns, depth, kernelHeight: 1, kernelWidth: 1 };
  const table = productScratch(shape);
  const { residual, low, high } = epilogue;
  const [top, left] = window.padsBefore;
  const block = (floats: number) => Math.max(1, Math.round(CHUNK_FLOATS / floats / 16));
  return {
    output,
    operations: [
      {
        reads: [x.buffer, ...(residual ? [residual.buffer] : [])],
        writes: [output.buffer, transformed, products, scratch, table],
        work: 2 * PLANES * all * depth * columns,
        steps: (at) =>
          Array.from({ length: blocks }, (_, i) => {
            const first = i * count;
            const tiles = Math.min(count, all - first);
            const common = {
              input: at(x.buffer),
              output: at(output.buffer),
              bias,
              residual: residual ? at(residual.buffer) : 0,
              mask,
              low,
              high,
              scratch: at(scratch),
              scratchBytes: tileScratch,
              height: x.height,
              width: x.width,
              outputHeight: output.height,
              outputWidth: output.width,
              top,
              left,
              tilesAcross,
              tilesPerImage,
              first,
              count: tiles,
              outputPixelBytes: output.pixelBytes,
              residualPixelBytes: residual?.pixelBytes ?? 0,
            };
            const before = {
              ...common,
              transformed: at(transformed),
              planeBytes: inputPlane,
              channels: depth,
              block: block(depth),
            };
            const after = {
              ...common,
              transformed: at(products),
              planeBytes: outputPlane,
              channels: columns,
              block: block(columns),
            };
            return [
              step('transformInput', Math.ceil(tiles / before.block), before),
              productStep(
                {
                  ...shape,
                  rows: tiles,
                  input: at(transformed),
                  weights: packed,
                  bias: zeros,
                  output: at(products),
                  residual: 0,
                  zeros: 0,
                  mask: 0,
                  low: Number.NEGATIVE_INFINITY,
                  high: Number.POSITIVE_INFINITY,
                  outputRowBytes: columns * 4,
                  residualRowBytes: 0,
                  pixelBytes: depth * 4,
                  imageBytes: 0,
                  height: 1,
                  width: tiles,
                  outputHeight: 1,
                  outputWidth: tiles,
                  strideY: 1,
                  strideX: 1,
                  dilationY: 1,
                  dilationX: 1,
                  top: 0,
                  left: 0,
                  batchInputBytes: inputPlane,
                  batchWeightBytes: plane * 4,
                  batchOutputBytes: outputPlane,
                },
                { at: at(table), buffer: table },
                PLANES,
              ),
              step('transformOutput', Math.ceil(tiles / after.block), after),
            ];
          }).flat(),
      },
    ],
  };
}
