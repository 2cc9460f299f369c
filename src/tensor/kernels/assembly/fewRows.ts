/** The products of widened.ts for few rows, where memory is the limit: without panels, with the same bits. */
import { chosenRow, widenHigh, widenLow, Widened } from './mixedProduct';

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

/** Four depths of two columns of one row. */
@inline
function addRow(out: usize, g0: v128, g1: v128, g2: v128, g3: v128, v0: v128, v1: v128, v2: v128, v3: v128): void {
  let sum = f64x2.add(v128.load(out), f64x2.mul(g0, v0));
  sum = f64x2.add(sum, f64x2.mul(g1, v1));
  sum = f64x2.add(sum, f64x2.mul(g2, v2));
  v128.store(out, f64x2.add(sum, f64x2.mul(g3, v3)));
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
      const g0 = v128.load64_splat(x);
      const g1 = v128.load64_splat(x, 8);
      const g2 = v128.load64_splat(x, 16);
      const g3 = v128.load64_splat(x, 24);
      if (n + 1 < p.rows) {
        const out1 = out + p.outputRowBytes;
        const x1 = x + xBytes;
        const h0 = v128.load64_splat(x1);
        const h1 = v128.load64_splat(x1, 8);
        const h2 = v128.load64_splat(x1, 16);
        const h3 = v128.load64_splat(x1, 24);
        for (let j = <usize>first * 4; j < <usize>even * 4; j += 8) {
          const v0 = widenLow(v128.load64_zero(w0 + j));
          const v1 = widenLow(v128.load64_zero(w1 + j));
          const v2 = widenLow(v128.load64_zero(w2 + j));
          const v3 = widenLow(v128.load64_zero(w3 + j));
          addRow(out + j * 2, g0, g1, g2, g3, v0, v1, v2, v3);
          addRow(out1 + j * 2, h0, h1, h2, h3, v0, v1, v2, v3);
        }
        addRest(p, out1, k, depth, even, end, x1);
      } else {
        for (let j = <usize>first * 4; j < <usize>even * 4; j += 8) {
          const v0 = widenLow(v128.load64_zero(w0 + j));
          const v1 = widenLow(v128.load64_zero(w1 + j));
          const v2 = widenLow(v128.load64_zero(w2 + j));
          const v3 = widenLow(v128.load64_zero(w3 + j));
          addRow(out + j * 2, g0, g1, g2, g3, v0, v1, v2, v3);
        }
      }
      addRest(p, out, k, depth, even, end, x);
    }
  }
}
