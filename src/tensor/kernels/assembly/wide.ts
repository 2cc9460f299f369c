/** Matrix products in float64, for derivatives. */

/** Panels of four rows and four columns interleaved by depth, as the reference kernels pack them. */
@unmanaged
export class Panels {
  left: usize;
  right: usize;
  output: usize;
  rows: i32;
  columns: i32;
  depth: i32;
  outputRowBytes: i32;
  /** Columns of one chunk, a multiple of 4. */
  block: i32;
}

/** Rows and depths that are taken at a time: a block of the left factor stays in the second-level cache, a panel of the right in the first. */
const ROWS = 64;
const DEPTH = 256;

/** A tile of 4 × 4 sums goes on over `depth` ≥ 1 further terms. Exported, so that it stays a function of its own. */
export function addProducts(a: usize, b: usize, depth: i32, out: usize, step: usize): void {
  const line1 = out + step;
  const line2 = line1 + step;
  const line3 = line2 + step;
  let c00 = v128.load(out);
  let c01 = v128.load(out, 16);
  let c10 = v128.load(line1);
  let c11 = v128.load(line1, 16);
  let c20 = v128.load(line2);
  let c21 = v128.load(line2, 16);
  let c30 = v128.load(line3);
  let c31 = v128.load(line3, 16);
  const end = a + <usize>depth * 32;
  do {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load64_splat(a);
    c00 = f64x2.add(f64x2.mul(b0, x0), c00);
    c01 = f64x2.add(f64x2.mul(b1, x0), c01);
    const x1 = v128.load64_splat(a, 8);
    c10 = f64x2.add(f64x2.mul(b0, x1), c10);
    c11 = f64x2.add(f64x2.mul(b1, x1), c11);
    const x2 = v128.load64_splat(a, 16);
    c20 = f64x2.add(f64x2.mul(b0, x2), c20);
    c21 = f64x2.add(f64x2.mul(b1, x2), c21);
    const x3 = v128.load64_splat(a, 24);
    c30 = f64x2.add(f64x2.mul(b0, x3), c30);
    c31 = f64x2.add(f64x2.mul(b1, x3), c31);
    a += 32;
    b += 32;
  } while (a < end);
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(line1, c10);
  v128.store(line1, c11, 16);
  v128.store(line2, c20);
  v128.store(line2, c21, 16);
  v128.store(line3, c30);
  v128.store(line3, c31, 16);
}

/** out[i, j] += Σ_k left[i, k] · right[k, j], k in order; out has room for whole tiles of 4 × 4. */
export function multiplyPanels(p: Panels, chunk: i32, _thread: i32): void {
  const first = chunk * p.block;
  const end = min(first + p.block, p.columns);
  const panel = <usize>p.depth * 32;
  const step = <usize>p.outputRowBytes;
  for (let k = 0; k < p.depth; k += DEPTH) {
    const depth = min(DEPTH, p.depth - k);
    const deep = <usize>k * 32;
    for (let top = 0; top < p.rows; top += ROWS) {
      const bottom = min(top + ROWS, p.rows);
      for (let column = first; column < end; column += 4) {
        const b = p.right + <usize>(column >> 2) * panel + deep;
        for (let row = top; row < bottom; row += 4) {
          const a = p.left + <usize>(row >> 2) * panel + deep;
          addProducts(a, b, depth, p.output + <usize>row * step + <usize>column * 8, step);
        }
      }
    }
  }
}

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
  /** Columns of one chunk, a multiple of 4. */
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
function widenLow(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

@inline
function widenHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 2, 3));
}

/** Panels of columns that lie side by side: each depth is one stretch of memory. */
function widenRows(p: Widened, own: usize, first: i32, count: i32, start: i32, depth: i32): void {
  const quads = count & ~3;
  const panel = panelBytes(p);
  for (let k = 0; k < depth; k++) {
    const row = p.chosen ? load<i32>(p.chosen + <usize>(start + k) * 4) : start + k;
    let from = p.weights + <usize>row * p.depthBytes + <usize>first * 4;
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

/** Four depths of four columns: two sums, each of two columns, go on over them. */
@inline
function addFour(sum: v128, r0: v128, r1: v128, x: usize): v128 {
  const near = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(x), widenLow(near)));
  sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(x, 8), widenHigh(near)));
  const far = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(x, 16), widenLow(far)));
  return f64x2.add(sum, f64x2.mul(v128.load64_splat(x, 24), widenHigh(far)));
}

@inline
function addOne(sum: v128, w0: usize, w1: usize, x: usize): v128 {
  const w = f64x2.replace_lane(f64x2.splat(<f64>load<f32>(w0)), 1, <f64>load<f32>(w1));
  return f64x2.add(sum, f64x2.mul(v128.load64_splat(x), w));
}

/** The same product for few rows and columns that are stretches of memory, without panels: eight columns at a time. */
export function fewRowsAcross(p: Widened, chunk: i32): void {
  const first = chunk * p.block;
  const end = min(first + p.block, p.columns);
  const last = end - 1;
  const quads = p.depth & ~3;
  const bytes = <usize>p.columnBytes;
  for (let c = first; c < end; c += 8) {
    const base = p.weights + <usize>c * bytes;
    const d1 = <usize>(min(c + 1, last) - c) * bytes;
    const d2 = <usize>(min(c + 2, last) - c) * bytes;
    const d3 = <usize>(min(c + 3, last) - c) * bytes;
    const d4 = <usize>(min(c + 4, last) - c) * bytes;
    const d5 = <usize>(min(c + 5, last) - c) * bytes;
    const d6 = <usize>(min(c + 6, last) - c) * bytes;
    const d7 = <usize>(min(c + 7, last) - c) * bytes;
    for (let n = 0; n < p.rows; n++) {
      let w = base;
      let x = p.left + <usize>(n * p.depth) * 8;
      let s0 = f64x2.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      for (let k = 0; k < quads; k += 4) {
        s0 = addFour(s0, v128.load(w), v128.load(w + d1), x);
        s1 = addFour(s1, v128.load(w + d2), v128.load(w + d3), x);
        s2 = addFour(s2, v128.load(w + d4), v128.load(w + d5), x);
        s3 = addFour(s3, v128.load(w + d6), v128.load(w + d7), x);
        w += 16;
        x += 32;
      }
      for (let k = quads; k < p.depth; k++) {
        s0 = addOne(s0, w, w + d1, x);
        s1 = addOne(s1, w + d2, w + d3, x);
        s2 = addOne(s2, w + d4, w + d5, x);
        s3 = addOne(s3, w + d6, w + d7, x);
        w += 4;
        x += 8;
      }
      const out = p.output + <usize>n * p.outputRowBytes + <usize>c * 8;
      v128.store(out, s0);
      v128.store(out, s1, 16);
      v128.store(out, s2, 32);
      v128.store(out, s3, 48);
    }
  }
}

@inline
function chosenRow(p: Widened, k: i32): usize {
  return p.weights + <usize>(p.chosen ? load<i32>(p.chosen + <usize>k * 4) : k) * p.depthBytes;
}

/** Four depths of two columns of one row. */
@inline
function addRow(out: usize, x: usize, v0: v128, v1: v128, v2: v128, v3: v128): void {
  let sum = f64x2.add(v128.load(out), f64x2.mul(v128.load64_splat(x), v0));
  sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(x, 8), v1));
  sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(x, 16), v2));
  v128.store(out, f64x2.add(sum, f64x2.mul(v128.load64_splat(x, 24), v3)));
}

/** The columns or depths that do not fill vectors, one by one. */
function addRest(p: Widened, row: usize, k: i32, depth: i32, column: i32, end: i32, x: usize): void {
  for (let j = column; j < end; j++) {
    let sum = load<f64>(row + <usize>j * 8);
    for (let d = 0; d < depth; d++) {
      sum += load<f64>(x + <usize>d * 8) * <f64>load<f32>(chosenRow(p, k + d) + <usize>j * 4);
    }
    store<f64>(row + <usize>j * 8, sum);
  }
}

/**
 * The same product for few rows and columns that lie side by side: four depths at a time, of two rows, go into the sums where they
 * lie.
 */
export function fewRowsAlong(p: Widened, chunk: i32): void {
  const first = chunk * p.block;
  const end = min(first + p.block, p.columns);
  const pairs = first + ((end - first) & ~1);
  const xBytes = <usize>p.depth * 8;
  for (let k = 0; k < p.depth; k += 4) {
    const depth = min(4, p.depth - k);
    const even = depth == 4 ? pairs : first;
    const w0 = chosenRow(p, k);
    const w1 = chosenRow(p, min(k + 1, p.depth - 1));
    const w2 = chosenRow(p, min(k + 2, p.depth - 1));
    const w3 = chosenRow(p, min(k + 3, p.depth - 1));
    for (let n = 0; n < p.rows; n += 2) {
      const x = p.left + <usize>n * xBytes + <usize>k * 8;
      const out = p.output + <usize>n * p.outputRowBytes;
      const both = n + 1 < p.rows;
      if (both) {
        const out1 = out + p.outputRowBytes;
        const x1 = x + xBytes;
        for (let j = <usize>first * 4; j < <usize>even * 4; j += 8) {
          const v0 = widenLow(v128.load64_zero(w0 + j));
          const v1 = widenLow(v128.load64_zero(w1 + j));
          const v2 = widenLow(v128.load64_zero(w2 + j));
          const v3 = widenLow(v128.load64_zero(w3 + j));
          addRow(out + j * 2, x, v0, v1, v2, v3);
          addRow(out1 + j * 2, x1, v0, v1, v2, v3);
        }
        addRest(p, out1, k, depth, even, end, x1);
      } else {
        for (let j = <usize>first * 4; j < <usize>even * 4; j += 8) {
          const v0 = widenLow(v128.load64_zero(w0 + j));
          const v1 = widenLow(v128.load64_zero(w1 + j));
          const v2 = widenLow(v128.load64_zero(w2 + j));
          const v3 = widenLow(v128.load64_zero(w3 + j));
          addRow(out + j * 2, x, v0, v1, v2, v3);
        }
      }
      addRest(p, out, k, depth, even, end, x);
    }
  }
}
