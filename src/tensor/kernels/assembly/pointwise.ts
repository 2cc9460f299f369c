/** Entry by entry in float32, over rows at any strides: operations on one value or two, and how cotangents pass them. */
import {
  bell,
  erf,
  exp,
  geluHere,
  geluSlope,
  sigmoid,
  sigmoidHere,
  sigmoidSlope,
  splat,
  tanh,
} from './functions';

@unmanaged
export class Pointwise {
  a: usize;
  b: usize;
  output: usize;
  /** What is done, see `operate`. */
  kind: i32;
  /** Bounds of the result, or of what a gate looks at. */
  low: f32;
  high: f32;
  /** Of stairs, the height of a step; their bounds are counted in steps. */
  alpha: f32;
  beta: f32;
  /** Rows are numbered (i0, i1, i2, i3), the last running fastest; lengths of all but the first. */
  n1: i32;
  n2: i32;
  n3: i32;
  /** Bytes that each index takes the operands further. */
  a0: i32;
  a1: i32;
  a2: i32;
  a3: i32;
  b0: i32;
  b1: i32;
  b2: i32;
  b3: i32;
  /** 0 where a row of b is one number. */
  bStrand: i32;
  rows: i32;
  /** Floats of a row, a multiple of 4. */
  channels: i32;
  /** Which of the last four are there, as bits; 0 for all. The others become 0. */
  mask: usize;
  outputRowBytes: i32;
  /** Rows of one chunk. */
  block: i32;
}

/** α (e^x − 1), from its series where e^x would lose the digits. */
function expMinusOne(x: v128): v128 {
  const half = f32x4.mul(x, splat(0.5));
  const t = tanh(half);
  // e^x − 1 = 2 t / (1 − t), t = tanh(x / 2)
  const near = f32x4.div(f32x4.add(t, t), f32x4.sub(splat(1), t));
  return v128.bitselect(near, f32x4.sub(exp(x), splat(1)), f32x4.gt(x, splat(-1)));
}

/** What is done. The host has them in this order, too. */
const enum Kind {
  ADD,
  MULTIPLY,
  AFFINE,
  CLAMP,
  GATE,
  SUBTRACT,
  SUBTRACT_FROM,
  DIVIDE,
  DIVIDE_INTO,
  MAXIMUM,
  MINIMUM,
  LEAKY,
  LEAKY_GATE,
  LEAKY_BY,
  LEAKY_SLOPE,
  HARD_SIGMOID,
  HARD_SWISH,
  HARD_SWISH_GATE,
  SIGMOID,
  SIGMOID_GATE,
  SILU,
  SILU_GATE,
  GELU,
  GELU_GATE,
  ERF,
  ERF_GATE,
  TANH,
  TANH_GATE,
  ELU,
  ELU_GATE,
  EXP,
  SQRT,
  STAIRS,
  STAIRS_GATE,
}

/** x and y are numbers of a and b; of a gate, a cotangent and what its function was given. */
function operate(p: Pointwise, x: v128, y: v128): v128 {
  const zero = splat(0);
  const one = splat(1);
  const alpha = splat(p.alpha);
  let slope = one;
  switch (p.kind) {
    case Kind.SUBTRACT:
      return f32x4.sub(x, y);
    case Kind.SUBTRACT_FROM:
      return f32x4.sub(y, x);
    case Kind.DIVIDE:
      return f32x4.div(x, y);
    case Kind.DIVIDE_INTO:
      return f32x4.div(y, x);
    case Kind.MAXIMUM:
      return f32x4.max(x, y);
    case Kind.MINIMUM:
      return f32x4.min(x, y);
    case Kind.LEAKY:
      return v128.bitselect(x, f32x4.mul(alpha, x), f32x4.gt(x, zero));
    case Kind.LEAKY_GATE:
      return v128.bitselect(x, f32x4.mul(alpha, x), f32x4.gt(y, zero));
    case Kind.LEAKY_BY:
      return v128.bitselect(x, f32x4.mul(y, x), f32x4.gt(x, zero));
    case Kind.LEAKY_SLOPE:
      return v128.bitselect(one, y, f32x4.gt(x, zero));
    case Kind.HARD_SIGMOID:
    case Kind.HARD_SWISH: {
      const gate = f32x4.pmin(f32x4.pmax(f32x4.add(f32x4.mul(alpha, x), splat(p.beta)), zero), one);
      return p.kind == Kind.HARD_SWISH ? f32x4.mul(x, gate) : gate;
    }
    case Kind.HARD_SWISH_GATE: {
      // g h + α g y where 0 < α y + β < 1, h = clamp(α y + β, 0, 1)
      const t = f32x4.add(f32x4.mul(alpha, y), splat(p.beta));
      const gate = f32x4.pmin(f32x4.pmax(t, zero), one);
      const open = v128.and(f32x4.gt(t, zero), f32x4.lt(t, one));
      return f32x4.add(f32x4.mul(x, gate), v128.and(f32x4.mul(f32x4.mul(x, y), alpha), open));
    }
    case Kind.ERF:
      return erf(x);
    case Kind.TANH:
      return tanh(x);
    case Kind.ELU:
      return v128.bitselect(x, f32x4.mul(alpha, expMinusOne(x)), f32x4.gt(x, zero));
    case Kind.EXP:
      return exp(x);
    case Kind.SQRT:
      return f32x4.sqrt(x);
    case Kind.SIGMOID_GATE:
      slope = sigmoidSlope(y);
      break;
    case Kind.SILU_GATE: {
      // σ(αy) + αy σ′(αy)
      const t = f32x4.mul(alpha, y);
      slope = f32x4.add(sigmoid(t), f32x4.mul(t, sigmoidSlope(t)));
      break;
    }
    case Kind.GELU_GATE:
      slope = geluSlope(y);
      break;
    case Kind.ERF_GATE:
      slope = f32x4.mul(splat(1.1283791670955126), bell(y, one));
      break;
    case Kind.TANH_GATE:
      slope = f32x4.mul(splat(4), sigmoidSlope(f32x4.add(y, y)));
      break;
    case Kind.STAIRS_GATE: {
      const t = f32x4.div(y, alpha);
      return v128.andnot(x, v128.or(f32x4.le(t, splat(p.low)), f32x4.ge(t, splat(p.high))));
    }
    case Kind.ELU_GATE:
      slope = v128.bitselect(one, f32x4.mul(alpha, exp(y)), f32x4.gt(y, zero));
  }
  return f32x4.mul(x, slope);
}

/** A row of what takes no longer than reading it; `kind` is known where this is inlined. */
@inline
function shortRow(p: Pointwise, kind: i32, a: usize, b: usize, out: usize): void {
  const bytes = <usize>p.channels * 4;
  const low = splat(p.low);
  const high = splat(p.high);
  const isNumber = !p.bStrand;
  const number = kind == Kind.CLAMP ? low : v128.load32_splat(b);
  for (let c: usize = 0; c < bytes; c += 16) {
    let v = v128.load(a + c);
    if (kind != Kind.CLAMP) {
      const y = isNumber ? number : v128.load(b + c);
      if (kind == Kind.ADD) v = f32x4.add(v, y);
      else if (kind == Kind.GATE) {
        // α g, 0 where y ≤ low or y ≥ high; a NaN in y closes nothing.
        const closed = v128.or(f32x4.le(y, low), f32x4.ge(y, high));
        v = v128.andnot(f32x4.mul(splat(p.alpha), v), closed);
      } else v = f32x4.mul(v, y);
      if (kind == Kind.AFFINE) v = f32x4.add(v, v128.load(b + bytes + c));
    }
    v128.store(out + c, kind == Kind.GATE ? v : f32x4.pmin(f32x4.pmax(v, low), high));
  }
}

@inline
function smoothRow(kind: i32, scale: f32, a: usize, out: usize, bytes: usize): void {
  const alpha = splat(scale);
  for (let c: usize = 0; c < bytes; c += 16) {
    const x = v128.load(a + c);
    let v: v128;
    if (kind == Kind.GELU) v = geluHere(x);
    else if (kind == Kind.SILU) v = f32x4.mul(x, sigmoidHere(f32x4.mul(alpha, x)));
    else v = sigmoidHere(x);
    v128.store(out + c, v);
  }
}

/** What many networks take of each entry: in loops of their own, their constants are set up once. */
export function smooth(kind: i32, alpha: f32, a: usize, out: usize, bytes: usize): void {
  if (kind == Kind.SILU) smoothRow(Kind.SILU, alpha, a, out, bytes);
  else if (kind == Kind.GELU) smoothRow(Kind.GELU, alpha, a, out, bytes);
  else smoothRow(Kind.SIGMOID, alpha, a, out, bytes);
}

/** The nearest step, halves to the even one; −0 becomes 0, as where a zero point is added and taken away. */
function stairsRow(p: Pointwise, a: usize, out: usize): void {
  const bytes = <usize>p.channels * 4;
  const alpha = splat(p.alpha);
  const low = splat(p.low);
  const high = splat(p.high);
  for (let c: usize = 0; c < bytes; c += 16) {
    const steps = f32x4.add(f32x4.nearest(f32x4.div(v128.load(a + c), alpha)), splat(0));
    v128.store(out + c, f32x4.mul(f32x4.pmin(f32x4.pmax(steps, low), high), alpha));
  }
}

function row(p: Pointwise, a: usize, b: usize, out: usize): void {
  switch (p.kind) {
    case Kind.SIGMOID:
    case Kind.SILU:
    case Kind.GELU:
      return smooth(p.kind, p.alpha, a, out, <usize>p.channels * 4);
    case Kind.STAIRS:
      return stairsRow(p, a, out);
    case Kind.ADD:
      return shortRow(p, Kind.ADD, a, b, out);
    case Kind.MULTIPLY:
      return shortRow(p, Kind.MULTIPLY, a, b, out);
    case Kind.AFFINE:
      return shortRow(p, Kind.AFFINE, a, b, out);
    case Kind.CLAMP:
      return shortRow(p, Kind.CLAMP, a, b, out);
    case Kind.GATE:
      return shortRow(p, Kind.GATE, a, b, out);
  }
  const bytes = <usize>p.channels * 4;
  for (let c: usize = 0; c < bytes; c += 16) {
    const x = v128.load(a + c);
    const y = !b ? x : p.bStrand ? v128.load(b + c) : v128.load32_splat(b);
    v128.store(out + c, operate(p, x, y));
  }
}

export function pointwise(p: Pointwise, chunk: i32): void {
  let i = chunk * p.block;
  const end = min(i + p.block, p.rows);
  let i3 = i % p.n3;
  let rest = i / p.n3;
  let i2 = rest % p.n2;
  rest /= p.n2;
  let i1 = rest % p.n1;
  let i0 = rest / p.n1;
  let out = p.output + <usize>i * p.outputRowBytes;
  const last = <usize>p.channels * 4 - 16;
  while (i < end) {
    let a = p.a + i0 * p.a0 + i1 * p.a1 + i2 * p.a2 + i3 * p.a3;
    let b = p.b + i0 * p.b0 + i1 * p.b1 + i2 * p.b2 + i3 * p.b3;
    const stop = min(end, i + p.n3 - i3);
    for (; i < stop; i++) {
      row(p, a, b, out);
      if (p.mask) v128.store(out + last, v128.and(v128.load(out + last), v128.load(p.mask)));
      a += p.a3;
      b += p.b3;
      out += p.outputRowBytes;
    }
    i3 = 0;
    if (++i2 == p.n2) {
      i2 = 0;
      if (++i1 == p.n1) {
        i1 = 0;
        i0++;
      }
    }
  }
}
