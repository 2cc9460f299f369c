/** Rows that are looked at as a whole: softmax, normalization, sums. Each sum has one order: four lanes side by side, then the lanes. */
import { exponentialHere, splat } from './functions';

@unmanaged
export class Norm {
  /** What goes in: of a gradient, the cotangent. */
  input: usize;
  /** Of a gradient: what came out of the softmax, or went into the normalization. */
  other: usize;
  output: usize;
  /** Factors and shifts of a normalization; 0 for none. */
  scale: usize;
  bias: usize;
  epsilon: f32;
  /** Multiplies a sum. */
  factor: f32;
  rows: i32;
  /** Numbers of a row. */
  length: i32;
  /** Which of the last four are there, as bits; 0 for all. */
  mask: usize;
  inputRowBytes: i32;
  otherRowBytes: i32;
  outputRowBytes: i32;
  /** Rows of one chunk. */
  block: i32;
}

@inline
function total(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 2) + (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3))
  );
}

/** The last four numbers of a row, with zeros where there are none. */
@inline
function masked(p: Norm, v: v128, c: usize, last: usize): v128 {
  return p.mask && c == last ? v128.and(v, v128.load(p.mask)) : v;
}

@inline
function lastOf(p: Norm): usize {
  return <usize>((p.length - 1) >> 2) * 16;
}

/** y = e^(x − max x) / Σ e^(x − max x). */
export function softmax(p: Norm, chunk: i32): void {
  const end = min((chunk + 1) * p.block, p.rows);
  const last = lastOf(p);
  for (let i = chunk * p.block; i < end; i++) {
    const from = p.input + <usize>i * p.inputRowBytes;
    const out = p.output + <usize>i * p.outputRowBytes;
    let most = splat(-Infinity);
    for (let c: usize = 0; c <= last; c += 16) {
      let v = v128.load(from + c);
      if (p.mask && c == last) v = v128.bitselect(v, splat(-Infinity), v128.load(p.mask));
      most = f32x4.pmax(most, v);
    }
    most = f32x4.pmax(most, i32x4.shuffle(most, most, 2, 3, 0, 1));
    most = f32x4.pmax(most, i32x4.shuffle(most, most, 1, 0, 3, 2));
    let sum = splat(0);
    for (let c: usize = 0; c <= last; c += 16) {
      const v = masked(p, exponentialHere(f32x4.sub(v128.load(from + c), most), splat(0)), c, last);
      sum = f32x4.add(sum, v);
      v128.store(out + c, v);
    }
    const all = splat(total(sum));
    for (let c: usize = 0; c <= last; c += 16) v128.store(out + c, f32x4.div(v128.load(out + c), all));
  }
}

/** y (g − Σ g y), y being what the softmax gave. */
export function softmaxGradient(p: Norm, chunk: i32): void {
  const end = min((chunk + 1) * p.block, p.rows);
  const last = lastOf(p);
  for (let i = chunk * p.block; i < end; i++) {
    const from = p.input + <usize>i * p.inputRowBytes;
    const other = p.other + <usize>i * p.otherRowBytes;
    const out = p.output + <usize>i * p.outputRowBytes;
    let sum = splat(0);
    for (let c: usize = 0; c <= last; c += 16) {
      sum = f32x4.add(sum, masked(p, f32x4.mul(v128.load(from + c), v128.load(other + c)), c, last));
    }
    const all = splat(total(sum));
    for (let c: usize = 0; c <= last; c += 16) {
      const v = f32x4.mul(v128.load(other + c), f32x4.sub(v128.load(from + c), all));
      v128.store(out + c, masked(p, v, c, last));
    }
  }
}

/** factor · Σ x, and zeros that fill the vector. */
export function sumRows(p: Norm, chunk: i32): void {
  const end = min((chunk + 1) * p.block, p.rows);
  for (let i = chunk * p.block; i < end; i++) {
    const sum = sumOf(p, p.input + <usize>i * p.inputRowBytes) * p.factor;
    v128.store(p.output + <usize>i * p.outputRowBytes, f32x4.replace_lane(splat(0), 0, sum));
  }
}

function sumOf(p: Norm, from: usize): f32 {
  const last = lastOf(p);
  let sum = splat(0);
  for (let c: usize = 0; c <= last; c += 16) sum = f32x4.add(sum, masked(p, v128.load(from + c), c, last));
  return total(sum);
}

/** 1 / √(mean of (x − mean)² + ε). */
function inverseDeviation(p: Norm, from: usize, mean: v128): v128 {
  const last = lastOf(p);
  let sum = splat(0);
  for (let c: usize = 0; c <= last; c += 16) {
    const d = f32x4.sub(v128.load(from + c), mean);
    sum = f32x4.add(sum, masked(p, f32x4.mul(d, d), c, last));
  }
  return splat(<f32>1 / sqrt<f32>(total(sum) / <f32>p.length + p.epsilon));
}

/** x̂ · scale + bias, x̂ = (x − mean) / √(variance + ε). */
export function normalize(p: Norm, chunk: i32): void {
  const end = min((chunk + 1) * p.block, p.rows);
  const last = lastOf(p);
  for (let i = chunk * p.block; i < end; i++) {
    const from = p.input + <usize>i * p.inputRowBytes;
    const out = p.output + <usize>i * p.outputRowBytes;
    const mean = splat(sumOf(p, from) / <f32>p.length);
    const inverse = inverseDeviation(p, from, mean);
    for (let c: usize = 0; c <= last; c += 16) {
      let v = f32x4.mul(f32x4.sub(v128.load(from + c), mean), inverse);
      if (p.scale) v = f32x4.mul(v, v128.load(p.scale + c));
      if (p.bias) v = f32x4.add(v, v128.load(p.bias + c));
      v128.store(out + c, masked(p, v, c, last));
    }
  }
}

/** (h − mean h − x̂ · mean(h x̂)) / √(variance + ε), h = g · scale. */
export function normalizeGradient(p: Norm, chunk: i32): void {
  const end = min((chunk + 1) * p.block, p.rows);
  const last = lastOf(p);
  const length = <f32>p.length;
  for (let i = chunk * p.block; i < end; i++) {
    const from = p.input + <usize>i * p.inputRowBytes;
    const other = p.other + <usize>i * p.otherRowBytes;
    const out = p.output + <usize>i * p.outputRowBytes;
    const mean = splat(sumOf(p, other) / length);
    const inverse = inverseDeviation(p, other, mean);
    let sum = splat(0);
    let along = splat(0);
    for (let c: usize = 0; c <= last; c += 16) {
      let h = v128.load(from + c);
      if (p.scale) h = f32x4.mul(h, v128.load(p.scale + c));
      h = masked(p, h, c, last);
      v128.store(out + c, h);
      sum = f32x4.add(sum, h);
      along = f32x4.add(along, f32x4.mul(h, f32x4.mul(f32x4.sub(v128.load(other + c), mean), inverse)));
    }
    const h0 = splat(total(sum) / length);
    const h1 = splat(total(along) / length);
    for (let c: usize = 0; c <= last; c += 16) {
      const x = f32x4.mul(f32x4.sub(v128.load(other + c), mean), inverse);
      const v = f32x4.sub(f32x4.sub(v128.load(out + c), h0), f32x4.mul(x, h1));
      v128.store(out + c, masked(p, f32x4.mul(v, inverse), c, last));
    }
  }
}
