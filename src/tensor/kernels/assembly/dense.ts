/**
 * Products of few rows with weights [outputs][depth] that stay where they are, in float32: each weight is read once for all rows.
 * Memory, not arithmetic, is the limit.
 */

import { smooth } from './pointwise';

@unmanaged
export class Dense {
  input: usize;
  weights: usize;
  bias: usize;
  output: usize;
  low: f32;
  high: f32;
  /** What is taken of each entry behind the bounds, see `smooth`; 0 for none. Of 0 it is 0. */
  kind: i32;
  alpha: f32;
  rows: i32;
  outputs: i32;
  /** A multiple of 4. */
  depth: i32;
  inputRowBytes: i32;
  outputRowBytes: i32;
  /** Outputs of one chunk, a multiple of 4. */
  block: i32;
}

@inline
function total(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 2) + (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3))
  );
}

@inline
function put(p: Dense, row: i32, o: i32, sum: v128): void {
  if (row >= p.rows) return;
  let v: f32 = 0;
  if (o < p.outputs) {
    v = total(sum) + load<f32>(p.bias + <usize>o * 4);
    if (v < p.low) v = p.low;
    if (v > p.high) v = p.high;
  }
  store<f32>(p.output + <usize>row * p.outputRowBytes + <usize>o * 4, v);
}

/**
 * y[n, o] = clamp(b[o] + Σ_k x[n, k] · w[o, k]); every output sums its four lanes in order, then the lanes. Rows are padded with
 * zeros to a multiple of four.
 */
export function dense(p: Dense, chunk: i32, _thread: i32): void {
  const first = chunk * p.block;
  const end = min(first + p.block, p.outputs);
  const bytes = <usize>p.depth * 4;
  const lastOutput = p.outputs - 1;
  for (let o = first; o < end; o += 4) {
    for (let n = 0; n < p.rows; n += 2) {
      let w0 = p.weights + <usize>o * bytes;
      let w1 = p.weights + <usize>min(o + 1, lastOutput) * bytes;
      let w2 = p.weights + <usize>min(o + 2, lastOutput) * bytes;
      let w3 = p.weights + <usize>min(o + 3, lastOutput) * bytes;
      let x0 = p.input + <usize>n * p.inputRowBytes;
      let x1 = p.input + <usize>min(n + 1, p.rows - 1) * p.inputRowBytes;
      let s00 = f32x4.splat(0);
      let s01 = s00;
      let s10 = s00;
      let s11 = s00;
      let s20 = s00;
      let s21 = s00;
      let s30 = s00;
      let s31 = s00;
      for (let k: usize = 0; k < bytes; k += 16) {
        const a = v128.load(x0);
        const b = v128.load(x1);
        let w = v128.load(w0);
        s00 = f32x4.add(s00, f32x4.mul(a, w));
        s01 = f32x4.add(s01, f32x4.mul(b, w));
        w = v128.load(w1);
        s10 = f32x4.add(s10, f32x4.mul(a, w));
        s11 = f32x4.add(s11, f32x4.mul(b, w));
        w = v128.load(w2);
        s20 = f32x4.add(s20, f32x4.mul(a, w));
        s21 = f32x4.add(s21, f32x4.mul(b, w));
        w = v128.load(w3);
        s30 = f32x4.add(s30, f32x4.mul(a, w));
        s31 = f32x4.add(s31, f32x4.mul(b, w));
        x0 += 16;
        x1 += 16;
        w0 += 16;
        w1 += 16;
        w2 += 16;
        w3 += 16;
      }
      put(p, n, o, s00);
      put(p, n + 1, o, s01);
      put(p, n, o + 1, s10);
      put(p, n + 1, o + 1, s11);
      put(p, n, o + 2, s20);
      put(p, n + 1, o + 2, s21);
      put(p, n, o + 3, s30);
      put(p, n + 1, o + 3, s31);
    }
  }
  if (!p.kind) return;
  for (let n = 0; n < p.rows; n++) {
    const at = p.output + <usize>n * p.outputRowBytes + <usize>first * 4;
    smooth(p.kind, p.alpha, at, at, (<usize>(end - first) * 4 + 15) & ~15);
  }
}
