/**
 * What slides a window over each channel on its own: depthwise convolution and pooling in float32, four channels a vector.
 * Activations are [images, height, width, channels]; a chunk is one row of output pixels.
 */

import { smooth } from './pointwise';

@unmanaged
export class Window {
  input: usize;
  output: usize;
  /** Depthwise kernels [taps][channels] and bias [channels]. */
  weights: usize;
  bias: usize;
  low: f32;
  high: f32;
  /** What is taken of each entry behind the bounds, see `smooth`; 0 for none. Of 0 it is 0. */
  kind: i32;
  alpha: f32;
  channels: i32;
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
  inputPixelBytes: i32;
  outputPixelBytes: i32;
  /** What an average divides by: 0 for the number of pixels inside the image. */
  divisor: f32;
}

/** First kernel position that is inside, for an output coordinate. */
@inline
export function firstInside(origin: i32, dilation: i32): i32 {
  return origin < 0 ? (dilation - 1 - origin) / dilation : 0;
}

/** The kernel position behind the last that is inside. */
@inline
export function endInside(origin: i32, dilation: i32, kernel: i32, length: i32): i32 {
  return max(0, min(kernel, (length - origin + dilation - 1) / dilation));
}

/** out = clamp(bias + Σ_taps x · w), the taps in order. */
export function depthwise(p: Window, chunk: i32, _thread: i32): void {
  const image = chunk / p.outputHeight;
  const y = chunk - image * p.outputHeight;
  const originY = y * p.strideY - p.top;
  const ky0 = firstInside(originY, p.dilationY);
  const ky1 = endInside(originY, p.dilationY, p.kernelHeight, p.height);
  const low = f32x4.splat(p.low);
  const high = f32x4.splat(p.high);
  const pixel = <usize>p.inputPixelBytes;
  const bytes = <usize>p.channels * 4;
  const base = p.input + <usize>(image * p.height * p.width) * pixel;
  const line = p.output + <usize>(chunk * p.outputWidth) * p.outputPixelBytes;
  let out = line;
  const stepX = <usize>p.dilationX * pixel;
  const across = <usize>p.strideX * pixel;
  for (let x = 0; x < p.outputWidth; ) {
    const originX = x * p.strideX - p.left;
    const kx0 = firstInside(originX, p.dilationX);
    const kx1 = endInside(originX, p.dilationX, p.kernelWidth, p.width);
    // Four neighbours whose windows all lie inside share the loads of the weights.
    const reach = originX + 3 * p.strideX + (p.kernelWidth - 1) * p.dilationX;
    if (originX >= 0 && reach < p.width && x + 4 <= p.outputWidth) {
      for (let c: usize = 0; c < bytes; c += 16) {
        const bias = v128.load(p.bias + c);
        let s0 = bias;
        let s1 = bias;
        let s2 = bias;
        let s3 = bias;
        for (let ky = ky0; ky < ky1; ky++) {
          let from = base + <usize>((originY + ky * p.dilationY) * p.width + originX) * pixel + c;
          let w = p.weights + <usize>(ky * p.kernelWidth) * bytes + c;
          for (let kx = 0; kx < p.kernelWidth; kx++) {
            const weight = v128.load(w);
            s0 = f32x4.add(s0, f32x4.mul(v128.load(from), weight));
            s1 = f32x4.add(s1, f32x4.mul(v128.load(from + across), weight));
            s2 = f32x4.add(s2, f32x4.mul(v128.load(from + 2 * across), weight));
            s3 = f32x4.add(s3, f32x4.mul(v128.load(from + 3 * across), weight));
            from += stepX;
            w += bytes;
          }
        }
        const to = out + c;
        const step = <usize>p.outputPixelBytes;
        v128.store(to, f32x4.pmin(f32x4.pmax(s0, low), high));
        v128.store(to + step, f32x4.pmin(f32x4.pmax(s1, low), high));
        v128.store(to + 2 * step, f32x4.pmin(f32x4.pmax(s2, low), high));
        v128.store(to + 3 * step, f32x4.pmin(f32x4.pmax(s3, low), high));
      }
      x += 4;
      out += 4 * p.outputPixelBytes;
      continue;
    }
    // Beside an edge sixteen channels go together: one sum alone would wait for each of its additions.
    for (let c: usize = 0; c < bytes; ) {
      const isWide = c + 64 <= bytes;
      let s0 = v128.load(p.bias + c);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      if (isWide) {
        s1 = v128.load(p.bias + c, 16);
        s2 = v128.load(p.bias + c, 32);
        s3 = v128.load(p.bias + c, 48);
      }
      for (let ky = ky0; ky < ky1; ky++) {
        let from = base + <usize>((originY + ky * p.dilationY) * p.width + originX + kx0 * p.dilationX) * pixel + c;
        let w = p.weights + <usize>(ky * p.kernelWidth + kx0) * bytes + c;
        for (let kx = kx0; kx < kx1; kx++) {
          s0 = f32x4.add(s0, f32x4.mul(v128.load(from), v128.load(w)));
          if (isWide) {
            s1 = f32x4.add(s1, f32x4.mul(v128.load(from, 16), v128.load(w, 16)));
            s2 = f32x4.add(s2, f32x4.mul(v128.load(from, 32), v128.load(w, 32)));
            s3 = f32x4.add(s3, f32x4.mul(v128.load(from, 48), v128.load(w, 48)));
          }
          from += stepX;
          w += bytes;
        }
      }
      v128.store(out + c, f32x4.pmin(f32x4.pmax(s0, low), high));
      if (isWide) {
        v128.store(out + c, f32x4.pmin(f32x4.pmax(s1, low), high), 16);
        v128.store(out + c, f32x4.pmin(f32x4.pmax(s2, low), high), 32);
        v128.store(out + c, f32x4.pmin(f32x4.pmax(s3, low), high), 48);
      }
      c += isWide ? 64 : 16;
    }
    x++;
    out += p.outputPixelBytes;
  }
  if (p.kind) smooth(p.kind, p.alpha, line, line, out - line);
}

@inline
function pool(p: Window, chunk: i32, average: bool): void {
  const image = chunk / p.outputHeight;
  const y = chunk - image * p.outputHeight;
  const originY = y * p.strideY - p.top;
  const ky0 = firstInside(originY, p.dilationY);
  const ky1 = endInside(originY, p.dilationY, p.kernelHeight, p.height);
  const pixel = <usize>p.inputPixelBytes;
  const bytes = <usize>p.channels * 4;
  const base = p.input + <usize>(image * p.height * p.width) * pixel;
  let out = p.output + <usize>(chunk * p.outputWidth) * p.outputPixelBytes;
  for (let x = 0; x < p.outputWidth; x++) {
    const originX = x * p.strideX - p.left;
    const kx0 = firstInside(originX, p.dilationX);
    const kx1 = endInside(originX, p.dilationX, p.kernelWidth, p.width);
    const inside = <f32>((ky1 - ky0) * (kx1 - kx0));
    const divisor = f32x4.splat(p.divisor == 0 ? inside : p.divisor);
    for (let c: usize = 0; c < bytes; c += 16) {
      let result = average ? f32x4.splat(0) : f32x4.splat(-Infinity);
      for (let ky = ky0; ky < ky1; ky++) {
        const line = (originY + ky * p.dilationY) * p.width + originX;
        for (let kx = kx0; kx < kx1; kx++) {
          const v = v128.load(base + <usize>(line + kx * p.dilationX) * pixel + c);
          result = average ? f32x4.add(result, v) : f32x4.max(result, v);
        }
      }
      v128.store(out + c, average ? f32x4.div(result, divisor) : result);
    }
    out += p.outputPixelBytes;
  }
}

export function maxPool(p: Window, chunk: i32, _thread: i32): void {
  pool(p, chunk, false);
}

export function averagePool(p: Window, chunk: i32, _thread: i32): void {
  pool(p, chunk, true);
}
