/**
 * Convolutions and matrix products in float32: rows are output pixels, columns are output channels.
 *   out[r, o] = clamp(bias[o] + Σ_taps Σ_c x[pixel(r, tap), c] · w[o/8][tap][c][o%8] + residual[r, o])
 * Activations lie as [images, height, width, channels], so a row needs no packing: four row pointers and eight columns are
 * one tile of the micro-kernel. Sums run over (tap, channel) in order, one accumulator for each output: their bits do not depend on
 * the tiles, the threads or the batch.
 */

import { smooth } from './pointwise';

/** What a product reads, in the order in which the host writes it. Strides and lengths in bytes where they end so. */
@unmanaged
export class Product {
  input: usize;
  weights: usize;
  bias: usize;
  output: usize;
  residual: usize;
  zeros: usize;
  /** Which of the last four columns are there, as bits; 0 for all. The others become 0, whatever they were multiplied with. */
  mask: usize;
  scratch: usize;
  scratchBytes: i32;
  low: f32;
  high: f32;
  /** What is taken of each entry behind the bounds, see `smooth`; 0 for none. Of 0 it is 0. */
  kind: i32;
  alpha: f32;
  rows: i32;
  columns: i32;
  /** Channels of one tap, even. */
  depth: i32;
  outputRowBytes: i32;
  residualRowBytes: i32;
  pixelBytes: i32;
  imageBytes: i32;
  height: i32;
  width: i32;
  outputHeight: i32;
  outputWidth: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideY: i32;
  strideX: i32;
  dilationY: i32;
  dilationX: i32;
  top: i32;
  left: i32;
  /** How far one product of this shape is from the next. Inputs and outputs lie in two loops, the inner of `inner`. */
  batchInputBytes: i32;
  batchWeightBytes: i32;
  batchOutputBytes: i32;
  inner: i32;
  outerInputBytes: i32;
  outerOutputBytes: i32;
  /** Chunks are (batch, row block, column block), the last running fastest. */
  rowBlock: i32;
  columnBlock: i32;
  rowBlocks: i32;
  columnBlocks: i32;
}

/** Where a thread's scratch holds the sums of a tile; the table of pixels follows. */
const TILE_BYTES: usize = 128;

/** Pointers of the block's pixels: [row / 4][tap][row % 4]; the last row stands in for those that are missing. */
function findPixels(p: Product, input: usize, table: usize, first: i32, count: i32): void {
  const taps = p.kernelHeight * p.kernelWidth;
  const perImage = p.outputHeight * p.outputWidth;
  const padded = (count + 3) & ~3;
  for (let i = 0; i < padded; i++) {
    const row = first + min(i, count - 1);
    const image = row / perImage;
    const place = row - image * perImage;
    const y = place / p.outputWidth;
    const x = place - y * p.outputWidth;
    const base = input + <usize>image * p.imageBytes;
    const left = x * p.strideX - p.left;
    let at = table + (<usize>(i >> 2) * taps * 4 + (i & 3)) * 4;
    for (let ky = 0; ky < p.kernelHeight; ky++) {
      const iy = y * p.strideY - p.top + ky * p.dilationY;
      for (let kx = 0; kx < p.kernelWidth; kx++) {
        const ix = left + kx * p.dilationX;
        const inside = <u32>iy < <u32>p.height && <u32>ix < <u32>p.width;
        store<usize>(at, inside ? base + <usize>(iy * p.width + ix) * p.pixelBytes : p.zeros);
        at += 16;
      }
    }
  }
}

/**
 * One tile of sums, 4 rows × 8 columns, to `tile`. Exported, so that it stays a function of its own: with more around it, engines run
 * out of registers and lose a third.
 */
export function multiplyTile(table: usize, taps: i32, depth: i32, weights: usize, bias: usize, tile: usize): void {
  let b = weights;
  let c00 = v128.load(bias);
  let c01 = v128.load(bias, 16);
  let c10 = c00;
  let c11 = c01;
  let c20 = c00;
  let c21 = c01;
  let c30 = c00;
  let c31 = c01;
  const end = table + <usize>taps * 16;
  // Tested at its end: where the loop might not run at all, the accumulators are moved about.
  do {
    let a0 = load<usize>(table);
    let a1 = load<usize>(table, 4);
    let a2 = load<usize>(table, 8);
    let a3 = load<usize>(table, 12);
    table += 16;
    for (let k = 0; k < depth; k += 2) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const x0 = v128.load32_splat(a0);
      c00 = f32x4.add(f32x4.mul(b0, x0), c00);
      c01 = f32x4.add(f32x4.mul(b1, x0), c01);
      const x1 = v128.load32_splat(a1);
      c10 = f32x4.add(f32x4.mul(b0, x1), c10);
      c11 = f32x4.add(f32x4.mul(b1, x1), c11);
      const x2 = v128.load32_splat(a2);
      c20 = f32x4.add(f32x4.mul(b0, x2), c20);
      c21 = f32x4.add(f32x4.mul(b1, x2), c21);
      const x3 = v128.load32_splat(a3);
      c30 = f32x4.add(f32x4.mul(b0, x3), c30);
      c31 = f32x4.add(f32x4.mul(b1, x3), c31);
      const d0 = v128.load(b, 32);
      const d1 = v128.load(b, 48);
      const y0 = v128.load32_splat(a0, 4);
      c00 = f32x4.add(f32x4.mul(d0, y0), c00);
      c01 = f32x4.add(f32x4.mul(d1, y0), c01);
      const y1 = v128.load32_splat(a1, 4);
      c10 = f32x4.add(f32x4.mul(d0, y1), c10);
      c11 = f32x4.add(f32x4.mul(d1, y1), c11);
      const y2 = v128.load32_splat(a2, 4);
      c20 = f32x4.add(f32x4.mul(d0, y2), c20);
      c21 = f32x4.add(f32x4.mul(d1, y2), c21);
      const y3 = v128.load32_splat(a3, 4);
      c30 = f32x4.add(f32x4.mul(d0, y3), c30);
      c31 = f32x4.add(f32x4.mul(d1, y3), c31);
      a0 += 8;
      a1 += 8;
      a2 += 8;
      a3 += 8;
      b += 64;
    }
  } while (table < end);
  v128.store(tile, c00);
  v128.store(tile, c01, 16);
  v128.store(tile, c10, 32);
  v128.store(tile, c11, 48);
  v128.store(tile, c20, 64);
  v128.store(tile, c21, 80);
  v128.store(tile, c30, 96);
  v128.store(tile, c31, 112);
}

/** Adds the residual, bounds and stores what a tile has: `rows` rows, and 4 columns where `half`; `mask` is for the last four. */
function storeTile(p: Product, tile: usize, out: usize, residual: usize, rows: i32, half: bool, mask: usize): void {
  const low = f32x4.splat(p.low);
  const high = f32x4.splat(p.high);
  const ends = mask ? v128.load(mask) : i32x4.splat(-1);
  for (let i = 0; i < rows; i++) {
    let left = v128.load(tile);
    let right = v128.load(tile, 16);
    if (residual) {
      left = f32x4.add(left, v128.load(residual));
      if (!half) right = f32x4.add(right, v128.load(residual, 16));
      residual += p.residualRowBytes;
    }
    left = f32x4.pmin(f32x4.pmax(left, low), high);
    v128.store(out, half ? v128.and(left, ends) : left);
    if (!half) v128.store(out, v128.and(f32x4.pmin(f32x4.pmax(right, low), high), ends), 16);
    tile += 32;
    out += p.outputRowBytes;
  }
}

export function product(p: Product, chunk: i32, thread: i32): void {
  const columnBlock = chunk % p.columnBlocks;
  const rest = chunk / p.columnBlocks;
  const rowBlock = rest % p.rowBlocks;
  const batch = rest / p.rowBlocks;
  const outer = batch / p.inner;
  const inner = batch - outer * p.inner;
  const first = rowBlock * p.rowBlock;
  const count = min(p.rowBlock, p.rows - first);
  const taps = p.kernelHeight * p.kernelWidth;
  const tile = p.scratch + <usize>thread * p.scratchBytes;
  const table = tile + TILE_BYTES;
  const input = p.input + outer * p.outerInputBytes + inner * p.batchInputBytes;
  findPixels(p, input, table, first, count);
  const start = columnBlock * p.columnBlock;
  const end = min(start + p.columnBlock, p.columns);
  const panelBytes = <usize>(taps * p.depth) * 32;
  const output =
    p.output + outer * p.outerOutputBytes + inner * p.batchOutputBytes + <usize>first * p.outputRowBytes;
  const residual = p.residual ? p.residual + <usize>first * p.residualRowBytes : 0;
  let weights = p.weights + <usize>batch * p.batchWeightBytes + <usize>(start >> 3) * panelBytes;
  for (let column = start; column < end; column += 8) {
    const across = <usize>column * 4;
    const half = end - column < 8;
    const mask = column + 8 >= p.columns ? p.mask : 0;
    for (let row = 0; row < count; row += 4) {
      multiplyTile(table + <usize>(row * taps) * 4, taps, p.depth, weights, p.bias + across, tile);
      const out = output + <usize>row * p.outputRowBytes + across;
      const added = residual ? residual + <usize>row * p.residualRowBytes + across : 0;
      storeTile(p, tile, out, added, min(4, count - row), half, mask);
    }
    weights += panelBytes;
  }
  if (!p.kind) return;
  for (let row = 0; row < count; row++) {
    const at = output + <usize>row * p.outputRowBytes + <usize>start * 4;
    smooth(p.kind, p.alpha, at, at, <usize>(end - start) * 4);
  }
}
