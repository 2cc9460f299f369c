/** Products of float64 rows with float32 weights that stay where they are and are widened on the way. */
import { addProducts } from './float64Product';

/** A product of float64 panels with a float32 matrix that stays where it is, widened on the way. */
@unmanaged
export class Widened {
  /** Slices of the depth one after another, each as panels of four rows; for few rows, the rows themselves. */
  left: usize;
  weights: usize;
  /** The depths of the matrix that are taken, or 0 for all; only where its columns lie side by side. */
  chosen: usize;
  output: usize;
  scratch: usize;
  scratchBytes: i32;
  /** A multiple of 4, but for few rows. */
  rows: i32;
  columns: i32;
  depth: i32;
  /** From one column to the next and from one depth to the next; one of them is 4. */
  columnBytes: i32;
  depthBytes: i32;
  outputRowBytes: i32;
  /** Columns of one chunk, a multiple of 8. */
  block: i32;
  /** Depths that are widened at a time, a multiple of 4. */
  slice: i32;
}

/** From one widened panel to the next: not a power of two, lest they fall into the same sets. */
@inline
function panelBytes(p: Widened): usize {
  return <usize>p.slice * 32 + 64;
}

@inline
export function widenLow(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

@inline
export function widenHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 2, 3));
}

/** Where the k-th of the depths that are taken begins. */
@inline
export function chosenRow(p: Widened, k: i32): usize {
  return p.weights + <usize>(p.chosen ? load<i32>(p.chosen + <usize>k * 4) : k) * p.depthBytes;
}

/** Panels of columns that lie side by side: each depth is one stretch of memory. */
function widenRows(p: Widened, own: usize, first: i32, count: i32, start: i32, depth: i32): void {
  const quads = count & ~3;
  const panel = panelBytes(p);
  for (let k = 0; k < depth; k++) {
    let from = chosenRow(p, start + k) + <usize>first * 4;
    let to = own + <usize>k * 32;
    for (let c = 0; c < quads; c += 4) {
      const v = v128.load(from);
      v128.store(to, widenLow(v));
      v128.store(to, widenHigh(v), 16);
      from += 16;
      to += panel;
    }
    for (let c = quads; c < count; c++) {
      store<f64>(to, <f64>load<f32>(from));
      from += 4;
      to += 8;
    }
  }
}

/** Panels of columns each of which is a stretch of memory; the last column stands in for those that are missing. */
function widenColumns(p: Widened, own: usize, first: i32, count: i32, start: i32, depth: i32): void {
  const quads = depth & ~3;
  const last = first + count - 1;
  let panel = own;
  for (let c = first; c <= last; c += 4) {
    const deep = p.weights + <usize>start * 4;
    let w0 = deep + <usize>c * p.columnBytes;
    let w1 = deep + <usize>min(c + 1, last) * p.columnBytes;
    let w2 = deep + <usize>min(c + 2, last) * p.columnBytes;
    let w3 = deep + <usize>min(c + 3, last) * p.columnBytes;
    let to = panel;
    for (let k = 0; k < quads; k += 4) {
      const r0 = v128.load(w0);
      const r1 = v128.load(w1);
      const r2 = v128.load(w2);
      const r3 = v128.load(w3);
      const left = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
      const right = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
      v128.store(to, widenLow(left));
      v128.store(to, widenLow(right), 16);
      v128.store(to, widenHigh(left), 32);
      v128.store(to, widenHigh(right), 48);
      const left2 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
      const right2 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
      v128.store(to, widenLow(left2), 64);
      v128.store(to, widenLow(right2), 80);
      v128.store(to, widenHigh(left2), 96);
      v128.store(to, widenHigh(right2), 112);
      w0 += 16;
      w1 += 16;
      w2 += 16;
      w3 += 16;
      to += 128;
    }
    for (let k = quads; k < depth; k++) {
      store<f64>(to, <f64>load<f32>(w0));
      store<f64>(to, <f64>load<f32>(w1), 8);
      store<f64>(to, <f64>load<f32>(w2), 16);
      store<f64>(to, <f64>load<f32>(w3), 24);
      w0 += 4;
      w1 += 4;
      w2 += 4;
      w3 += 4;
      to += 32;
    }
    panel += panelBytes(p);
  }
}

/**
 * out[i, j] = Σ_k left[i, k] · w[k, j], k in order. The sums of a chunk stay together while the depth goes by: the scratch holds the
 * widened panels, then the sums as [column / 4][row / 4] tiles of 4 × 4.
 */
export function multiplyWidened(p: Widened, chunk: i32, thread: i32): void {
  const first = chunk * p.block;
  const count = min(p.block, p.columns - first);
  const own = p.scratch + <usize>thread * p.scratchBytes;
  const sums = own + <usize>(p.block >> 2) * panelBytes(p);
  const tiles = (count + 3) >> 2;
  memory.fill(sums, 0, <usize>(tiles * p.rows) * 32);
  for (let start = 0; start < p.depth; start += p.slice) {
    const depth = min(p.slice, p.depth - start);
    if (p.columnBytes == 4) widenRows(p, own, first, count, start, depth);
    else widenColumns(p, own, first, count, start, depth);
    const slice = p.left + <usize>(p.rows * start) * 8;
    let b = own;
    let tile = sums;
    for (let column = 0; column < tiles; column++) {
      let a = slice;
      for (let row = 0; row < p.rows; row += 4) {
        addProducts(a, b, depth, tile, 32);
        a += <usize>depth * 32;
        tile += 128;
      }
      b += panelBytes(p);
    }
  }
  for (let row = 0; row < p.rows; row++) {
    let to = p.output + <usize>row * p.outputRowBytes + <usize>first * 8;
    let from = sums + <usize>row * 32;
    for (let column = 0; column < tiles; column++) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += <usize>p.rows * 32;
      to += 32;
    }
  }
}
