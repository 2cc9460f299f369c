/** Entry by entry in float32: sums and products of two tensors, one affine map for each channel, clamps, and changes of layout. */

@unmanaged
export class Pointwise {
  a: usize;
  b: usize;
  output: usize;
  low: f32;
  high: f32;
  /** slope of the side below 0 (LeakyRelu); α and β of x · clamp(α x + β, 0, 1). */
  alpha: f32;
  beta: f32;
  pixels: i32;
  /** Pixels of one image: b may hold one pixel for each image, as squeeze-and-excitation's gates do. */
  perImage: i32;
  channels: i32;
  aPixelBytes: i32;
  bPixelBytes: i32;
  outputPixelBytes: i32;
  bPerImage: i32;
  /** Pixels of one chunk. */
  block: i32;
}

export const ADD: i32 = 0;
export const MULTIPLY: i32 = 1;
export const AFFINE: i32 = 2;
export const CLAMP: i32 = 3;
export const LEAKY: i32 = 4;
export const HARD_SIGMOID: i32 = 5;
export const HARD_SWISH: i32 = 6;

@inline
function each(p: Pointwise, chunk: i32, kind: i32): void {
  const first = chunk * p.block;
  const end = min(first + p.block, p.pixels);
  const bytes = <usize>p.channels * 4;
  const low = f32x4.splat(p.low);
  const high = f32x4.splat(p.high);
  const alpha = f32x4.splat(p.alpha);
  const beta = f32x4.splat(p.beta);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let i = first; i < end; i++) {
    const a = p.a + <usize>i * p.aPixelBytes;
    const b = p.b + <usize>(p.bPerImage ? i / p.perImage : i) * p.bPixelBytes;
    const out = p.output + <usize>i * p.outputPixelBytes;
    for (let c: usize = 0; c < bytes; c += 16) {
      let v = v128.load(a + c);
      if (kind == ADD) v = f32x4.add(v, v128.load(b + c));
      else if (kind == MULTIPLY) v = f32x4.mul(v, v128.load(b + c));
      else if (kind == AFFINE) v = f32x4.add(f32x4.mul(v, v128.load(p.b + c)), v128.load(p.b + bytes + c));
      else if (kind == LEAKY) v = v128.bitselect(v, f32x4.mul(alpha, v), f32x4.gt(v, zero));
      else if (kind == HARD_SIGMOID || kind == HARD_SWISH) {
        const gate = f32x4.pmin(f32x4.pmax(f32x4.add(f32x4.mul(alpha, v), beta), zero), one);
        v = kind == HARD_SWISH ? f32x4.mul(v, gate) : gate;
      }
      v128.store(out + c, f32x4.pmin(f32x4.pmax(v, low), high));
    }
  }
}

export function add(p: Pointwise, chunk: i32): void {
  each(p, chunk, ADD);
}

export function multiply(p: Pointwise, chunk: i32): void {
  each(p, chunk, MULTIPLY);
}

export function affine(p: Pointwise, chunk: i32): void {
  each(p, chunk, AFFINE);
}

export function clamp(p: Pointwise, chunk: i32): void {
  each(p, chunk, CLAMP);
}

export function leaky(p: Pointwise, chunk: i32): void {
  each(p, chunk, LEAKY);
}

export function hardSigmoid(p: Pointwise, chunk: i32): void {
  each(p, chunk, HARD_SIGMOID);
}

export function hardSwish(p: Pointwise, chunk: i32): void {
  each(p, chunk, HARD_SWISH);
}

@unmanaged
export class Layout {
  input: usize;
  output: usize;
  channels: i32;
  pixels: i32;
  /** Of the side that has its channels last. */
  pixelBytes: i32;
  /** Of one image of the side that has its channels first. */
  imageBytes: i32;
  /** Channels that are written where they are last: those beyond `channels` become 0. */
  padded: i32;
  /** Pixels of one chunk, and chunks of one image. */
  block: i32;
  blocks: i32;
}

/** [image, channels, pixels] → [image, pixels, channels]. */
export function channelsLast(p: Layout, chunk: i32): void {
  const image = chunk / p.blocks;
  const first = (chunk - image * p.blocks) * p.block;
  const end = min(first + p.block, p.pixels);
  const from = p.input + <usize>image * p.imageBytes;
  const to = p.output + <usize>(image * p.pixels) * p.pixelBytes;
  for (let i = first; i < end; i++) {
    const out = to + <usize>i * p.pixelBytes;
    for (let c = 0; c < p.padded; c++) {
      const v: f32 = c < p.channels ? load<f32>(from + <usize>(c * p.pixels + i) * 4) : 0;
      store<f32>(out + <usize>c * 4, v);
    }
  }
}

/** [image, pixels, channels] → [image, channels, pixels]; what an image's bytes have room for beyond that becomes 0. */
export function channelsFirst(p: Layout, chunk: i32): void {
  const image = chunk / p.blocks;
  const first = (chunk - image * p.blocks) * p.block;
  const end = min(first + p.block, p.pixels);
  const from = p.input + <usize>(image * p.pixels) * p.pixelBytes;
  const to = p.output + <usize>image * p.imageBytes;
  if (first == 0) {
    const bytes = <usize>(p.channels * p.pixels) * 4;
    memory.fill(to + bytes, 0, p.imageBytes - bytes);
  }
  for (let c = 0; c < p.channels; c++) {
    const out = to + <usize>(c * p.pixels) * 4;
    for (let i = first; i < end; i++) {
      store<f32>(out + <usize>i * 4, load<f32>(from + <usize>i * p.pixelBytes + <usize>c * 4));
    }
  }
}

/** Some channels of every pixel. */
@unmanaged
export class Copy {
  input: usize;
  output: usize;
  pixels: i32;
  /** Of one pixel, those that are copied. */
  bytes: i32;
  inputPixelBytes: i32;
  outputPixelBytes: i32;
  /** Pixels of one chunk. */
  block: i32;
}

/** What Concat and Slice along channels are. */
export function copyChannels(p: Copy, chunk: i32): void {
  const first = chunk * p.block;
  const end = min(first + p.block, p.pixels);
  for (let i = first; i < end; i++) {
    memory.copy(p.output + <usize>i * p.outputPixelBytes, p.input + <usize>i * p.inputPixelBytes, p.bytes);
  }
}
