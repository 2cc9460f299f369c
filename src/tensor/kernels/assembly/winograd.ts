/**
 * Convolution with 3 × 3 kernels and stride 1 by Winograd's F(4 × 4, 3 × 3): Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A, with the points
 * 0, 1, −1, ½, −2 and ∞, which lose about half as many digits as 0, ±1, ±2. The products in the middle are 36 matrix products over
 * channels. Source: Lavin & Gray 2016; the points: Alam et al. 2022.
 */

import { smooth } from './pointwise';

@unmanaged
export class Tiles {
  input: usize;
  /** [36][tiles][channels], 36 blocks `planeBytes` apart. */
  transformed: usize;
  planeBytes: i32;
  output: usize;
  bias: usize;
  residual: usize;
  /** Which of the last four channels of the output are there, as bits; 0 for all. */
  mask: usize;
  low: f32;
  high: f32;
  /** What is taken of each entry behind the bounds, see `smooth`; 0 for none. Of 0 it is 0. */
  kind: i32;
  alpha: f32;
  scratch: usize;
  scratchBytes: i32;
  channels: i32;
  height: i32;
  width: i32;
  outputHeight: i32;
  outputWidth: i32;
  top: i32;
  left: i32;
  tilesAcross: i32;
  tilesPerImage: i32;
  /** Tiles first … first + count of all images; chunks are blocks of `block` of them. */
  first: i32;
  count: i32;
  block: i32;
  outputPixelBytes: i32;
  residualPixelBytes: i32;
}

/** t = Bᵀ d of six vectors `from + i·step`, written to `to + i·stride`. */
@inline
function inputRow(from: usize, step: usize, to: usize, stride: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + step);
  const d2 = v128.load(from + 2 * step);
  const d3 = v128.load(from + 3 * step);
  const d4 = v128.load(from + 4 * step);
  const d5 = v128.load(from + 5 * step);
  const oneAndHalf = f32x4.splat(1.5);
  const p = f32x4.sub(d4, d2);
  const q = f32x4.sub(d3, d1);
  v128.store(to, f32x4.add(f32x4.add(f32x4.sub(d0, d2), p), f32x4.mul(oneAndHalf, q)));
  const s = f32x4.add(p, f32x4.mul(oneAndHalf, d3));
  const d = f32x4.add(q, f32x4.mul(oneAndHalf, d2));
  v128.store(to + stride, f32x4.add(s, d));
  v128.store(to + 2 * stride, f32x4.sub(s, d));
  v128.store(to + 3 * stride, f32x4.add(p, f32x4.add(q, q)));
  v128.store(to + 4 * stride, f32x4.sub(p, f32x4.mul(f32x4.splat(0.5), q)));
  v128.store(to + 5 * stride, f32x4.add(f32x4.sub(f32x4.sub(d5, d3), q), f32x4.mul(oneAndHalf, p)));
}

/** Copies a 6 × 6 window that reaches over the border, with zeros outside. */
function gatherWindow(p: Tiles, image: usize, y: i32, x: i32, to: usize): void {
  const pixel = <usize>p.channels * 4;
  for (let r = 0; r < 6; r++) {
    const iy = y + r;
    for (let s = 0; s < 6; s++) {
      const ix = x + s;
      if (<u32>iy < <u32>p.height && <u32>ix < <u32>p.width) {
        memory.copy(to, image + <usize>(iy * p.width + ix) * pixel, pixel);
      } else memory.fill(to, 0, pixel);
      to += pixel;
    }
  }
}

export function transformInput(p: Tiles, chunk: i32, thread: i32): void {
  const pixel = <usize>p.channels * 4;
  const scratch = p.scratch + <usize>thread * p.scratchBytes;
  const window = scratch + 36 * 16;
  const plane = <usize>p.planeBytes;
  const start = chunk * p.block;
  const end = min(start + p.block, p.count);
  for (let i = start; i < end; i++) {
    const tile = p.first + i;
    const image = tile / p.tilesPerImage;
    const place = tile - image * p.tilesPerImage;
    const row = place / p.tilesAcross;
    const y = row * 4 - p.top;
    const x = (place - row * p.tilesAcross) * 4 - p.left;
    const base = p.input + <usize>image * (<usize>(p.height * p.width) * pixel);
    let from = base + <usize>(y * p.width + x) * pixel;
    let rowBytes = <usize>p.width * pixel;
    if (y < 0 || x < 0 || y + 6 > p.height || x + 6 > p.width) {
      gatherWindow(p, base, y, x, window);
      from = window;
      rowBytes = 6 * pixel;
    }
    let to = p.transformed + <usize>i * pixel;
    const last = to + pixel;
    while (to < last) {
      for (let s: usize = 0; s < 6; s++) inputRow(from + s * pixel, rowBytes, scratch + s * 16, 96);
      for (let r: usize = 0; r < 6; r++) inputRow(scratch + r * 96, 16, to + r * 6 * plane, plane);
      from += 16;
      to += 16;
    }
  }
}

/** y = Aᵀ m of six vectors, written to four places. */
@inline
function outputRow(from: usize, step: usize, to: usize, stride: usize): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const m4 = v128.load(from + 4 * step);
  const m5 = v128.load(from + 5 * step);
  const sum = f32x4.add(m1, m2);
  const difference = f32x4.sub(m1, m2);
  v128.store(to, f32x4.add(f32x4.add(m0, sum), f32x4.add(m3, m4)));
  const twice = f32x4.add(m4, m4);
  v128.store(to + stride, f32x4.add(difference, f32x4.sub(f32x4.mul(f32x4.splat(0.5), m3), twice)));
  v128.store(
    to + 2 * stride,
    f32x4.add(sum, f32x4.add(f32x4.mul(f32x4.splat(0.25), m3), f32x4.mul(f32x4.splat(4), m4))),
  );
  v128.store(
    to + 3 * stride,
    f32x4.add(
      f32x4.add(difference, m5),
      f32x4.sub(f32x4.mul(f32x4.splat(0.125), m3), f32x4.mul(f32x4.splat(8), m4)),
    ),
  );
}

export function transformOutput(p: Tiles, chunk: i32, thread: i32): void {
  const pixel = <usize>p.channels * 4;
  const scratch = p.scratch + <usize>thread * p.scratchBytes;
  const plane = <usize>p.planeBytes;
  const low = f32x4.splat(p.low);
  const high = f32x4.splat(p.high);
  const start = chunk * p.block;
  const end = min(start + p.block, p.count);
  for (let i = start; i < end; i++) {
    const tile = p.first + i;
    const image = tile / p.tilesPerImage;
    const place = tile - image * p.tilesPerImage;
    const row = place / p.tilesAcross;
    const y = row * 4;
    const x = (place - row * p.tilesAcross) * 4;
    const rows = min(4, p.outputHeight - y);
    const columns = min(4, p.outputWidth - x);
    const corner = <usize>((image * p.outputHeight + y) * p.outputWidth + x);
    const from = p.transformed + <usize>i * pixel;
    for (let c: usize = 0; c < pixel; c += 16) {
      for (let s: usize = 0; s < 6; s++) outputRow(from + c + s * plane, 6 * plane, scratch + s * 16, 96);
      for (let r: usize = 0; r < 4; r++) outputRow(scratch + r * 96, 16, scratch + 576 + r * 64, 16);
      const bias = v128.load(p.bias + c);
      const ends = p.mask && c + 16 == pixel ? v128.load(p.mask) : i32x4.splat(-1);
      for (let r = 0; r < rows; r++) {
        const line = corner + <usize>(r * p.outputWidth);
        for (let s = 0; s < columns; s++) {
          const at = line + s;
          let v = f32x4.add(v128.load(scratch + 576 + <usize>(r * 64 + s * 16)), bias);
          if (p.residual) v = f32x4.add(v, v128.load(p.residual + at * p.residualPixelBytes + c));
          v = f32x4.pmin(f32x4.pmax(v, low), high);
          v128.store(p.output + at * p.outputPixelBytes + c, v128.and(v, ends));
        }
      }
    }
    if (p.kind) smoothTile(p, p.output + corner * p.outputPixelBytes, rows, columns);
  }
}

/** What is taken of each entry of a tile that has been stored. */
function smoothTile(p: Tiles, corner: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    for (let s = 0; s < columns; s++) {
      const at = corner + <usize>(r * p.outputWidth + s) * p.outputPixelBytes;
      smooth(p.kind, p.alpha, at, at, <usize>p.channels * 4);
    }
  }
}

@unmanaged
export class WeightTransform {
  /** [filters][channels][3][3] */
  weights: usize;
  /** One float64 factor a filter, or 0. */
  factors: usize;
  /** 36 planes of panels [⌈filters / 8⌉][depth][8]. */
  output: usize;
  planeBytes: i32;
  filters: i32;
  channels: i32;
  depth: i32;
}

/** Column j of G g: three numbers combined by row j of G. */
@inline
function combine(j: i32, a: f64, b: f64, c: f64): f64 {
  if (j == 0) return a;
  if (j == 1) return (a + b + c) / 3.0;
  if (j == 2) return (b - a - c) / 3.0;
  if (j == 3) return -(16.0 * a + 8.0 * b + 4.0 * c) / 15.0;
  if (j == 4) return (a - 2.0 * b + 4.0 * c) / 15.0;
  return c;
}

/** Six planes of U = G g Gᵀ from row i of G g. */
@inline
function weightPlanes(i: i32, g: usize, factor: f64, out: usize, plane: usize): void {
  const a = combine(i, <f64>load<f32>(g), <f64>load<f32>(g, 12), <f64>load<f32>(g, 24));
  const b = combine(i, <f64>load<f32>(g, 4), <f64>load<f32>(g, 16), <f64>load<f32>(g, 28));
  const c = combine(i, <f64>load<f32>(g, 8), <f64>load<f32>(g, 20), <f64>load<f32>(g, 32));
  store<f32>(out, <f32>(combine(0, a, b, c) * factor));
  store<f32>(out + plane, <f32>(combine(1, a, b, c) * factor));
  store<f32>(out + 2 * plane, <f32>(combine(2, a, b, c) * factor));
  store<f32>(out + 3 * plane, <f32>(combine(3, a, b, c) * factor));
  store<f32>(out + 4 * plane, <f32>(combine(4, a, b, c) * factor));
  store<f32>(out + 5 * plane, <f32>(combine(5, a, b, c) * factor));
}

/**
 * U = G g Gᵀ in float64, rounded once. Row j of G is (1, a_j, a_j²) / Π_{l≠j} (a_j − a_l) for the finite points a, the last row
 * (0, 0, 1). A chunk is one panel of eight filters.
 */
export function transformWeights(p: WeightTransform, chunk: i32, _thread: i32): void {
  const panel = p.output + <usize>(chunk * p.depth) * 32;
  const count = min(8, p.filters - chunk * 8);
  const plane = <usize>p.planeBytes;
  const six = 6 * plane;
  for (let c = 0; c < p.channels; c++) {
    for (let i = 0; i < count; i++) {
      const o = chunk * 8 + i;
      const factor = p.factors ? load<f64>(p.factors + <usize>o * 8) : 1.0;
      const g = p.weights + <usize>((o * p.channels + c) * 9) * 4;
      const out = panel + <usize>(c * 8 + i) * 4;
      weightPlanes(0, g, factor, out, plane);
      weightPlanes(1, g, factor, out + six, plane);
      weightPlanes(2, g, factor, out + 2 * six, plane);
      weightPlanes(3, g, factor, out + 3 * six, plane);
      weightPlanes(4, g, factor, out + 4 * six, plane);
      weightPlanes(5, g, factor, out + 5 * six, plane);
    }
  }
}
