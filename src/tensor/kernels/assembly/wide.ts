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

/** A product of few float64 rows with a float32 matrix [outputs][depth] that stays where it is. */
@unmanaged
export class FewRows {
  input: usize;
  weights: usize;
  output: usize;
  rows: i32;
  outputs: i32;
  depth: i32;
  /** Outputs (forward) or depths (backward) of one chunk. */
  block: i32;
}

/** Two float32 values as float64. */
@inline
function widen(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** y[n, o] = Σ_k x[n, k] · w[o, k]: the even depths, the odd ones, then both. */
export function fewRowsForward(p: FewRows, chunk: i32, _thread: i32): void {
  const first = chunk * p.block;
  const end = min(first + p.block, p.outputs);
  const bytes = <usize>p.depth * 4;
  const pairs = p.depth & ~1;
  for (let o = first; o < end; o += 2) {
    const second = min(o + 1, p.outputs - 1);
    for (let n = 0; n < p.rows; n += 2) {
      const next = min(n + 1, p.rows - 1);
      let w0 = p.weights + <usize>o * bytes;
      let w1 = p.weights + <usize>second * bytes;
      let x0 = p.input + <usize>n * (bytes * 2);
      let x1 = p.input + <usize>next * (bytes * 2);
      let s00 = f64x2.splat(0);
      let s01 = s00;
      let s10 = s00;
      let s11 = s00;
      for (let k = 0; k < pairs; k += 2) {
        const a = v128.load(x0);
        const b = v128.load(x1);
        let w = widen(w0);
        s00 = f64x2.add(s00, f64x2.mul(a, w));
        s01 = f64x2.add(s01, f64x2.mul(b, w));
        w = widen(w1);
        s10 = f64x2.add(s10, f64x2.mul(a, w));
        s11 = f64x2.add(s11, f64x2.mul(b, w));
        x0 += 16;
        x1 += 16;
        w0 += 8;
        w1 += 8;
      }
      let t00 = f64x2.extract_lane(s00, 0) + f64x2.extract_lane(s00, 1);
      let t01 = f64x2.extract_lane(s01, 0) + f64x2.extract_lane(s01, 1);
      let t10 = f64x2.extract_lane(s10, 0) + f64x2.extract_lane(s10, 1);
      let t11 = f64x2.extract_lane(s11, 0) + f64x2.extract_lane(s11, 1);
      if (pairs < p.depth) {
        const a = load<f64>(x0);
        const b = load<f64>(x1);
        t00 += a * <f64>load<f32>(w0);
        t01 += b * <f64>load<f32>(w0);
        t10 += a * <f64>load<f32>(w1);
        t11 += b * <f64>load<f32>(w1);
      }
      const out = p.output + <usize>(n * p.outputs) * 8;
      const out1 = p.output + <usize>(next * p.outputs) * 8;
      store<f64>(out + <usize>o * 8, t00);
      store<f64>(out1 + <usize>o * 8, t01);
      store<f64>(out + <usize>second * 8, t10);
      store<f64>(out1 + <usize>second * 8, t11);
    }
  }
}

/** y[n, k] = Σ_o x[n, o] · w[o, k], o in order; output is zero before. A chunk's depths are even in number, the last may be odd. */
export function fewRowsBackward(p: FewRows, chunk: i32, _thread: i32): void {
  const first = chunk * p.block;
  const end = min(first + p.block, p.depth);
  const bytes = <usize>p.depth * 4;
  const quads = p.outputs & ~3;
  for (let n = 0; n < p.rows; n++) memory.fill(p.output + <usize>(n * p.depth + first) * 8, 0, <usize>(end - first) * 8);
  for (let o = 0; o < quads; o += 4) {
    const line = p.weights + <usize>o * bytes;
    for (let n = 0; n < p.rows; n++) {
      const x = p.input + <usize>(n * p.outputs + o) * 8;
      const g0 = v128.load64_splat(x);
      const g1 = v128.load64_splat(x, 8);
      const g2 = v128.load64_splat(x, 16);
      const g3 = v128.load64_splat(x, 24);
      if (!v128.any_true(v128.or(v128.or(g0, g1), v128.or(g2, g3)))) continue;
      let w = line + <usize>first * 4;
      let out = p.output + <usize>(n * p.depth + first) * 8;
      let k = first;
      for (; k + 2 <= end; k += 2) {
        let sum = f64x2.add(v128.load(out), f64x2.mul(g0, widen(w)));
        sum = f64x2.add(sum, f64x2.mul(g1, widen(w + bytes)));
        sum = f64x2.add(sum, f64x2.mul(g2, widen(w + 2 * bytes)));
        v128.store(out, f64x2.add(sum, f64x2.mul(g3, widen(w + 3 * bytes))));
        w += 8;
        out += 16;
      }
      if (k < end) {
        let sum = load<f64>(out) + load<f64>(x) * <f64>load<f32>(w);
        sum += load<f64>(x, 8) * <f64>load<f32>(w + bytes);
        sum += load<f64>(x, 16) * <f64>load<f32>(w + 2 * bytes);
        store<f64>(out, sum + load<f64>(x, 24) * <f64>load<f32>(w + 3 * bytes));
      }
    }
  }
  for (let o = quads; o < p.outputs; o++) {
    for (let n = 0; n < p.rows; n++) {
      const g = load<f64>(p.input + <usize>(n * p.outputs + o) * 8);
      for (let k = first; k < end; k++) {
        const out = p.output + <usize>(n * p.depth + k) * 8;
        store<f64>(out, load<f64>(out) + g * <f64>load<f32>(p.weights + <usize>o * bytes + <usize>k * 4));
      }
    }
  }
}
