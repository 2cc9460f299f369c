/**
 * Cotangents of a backward pass in float32 through windows, gathered row by row so that no two threads write one cell and every sum
 * has one order. Activations are [images, height, width, channels].
 */
import { endInside, firstInside } from './window';

@unmanaged
export class Spread {
  /** What went into the pool. */
  input: usize;
  /** The cotangent of what came out: outputHeight × outputWidth pixels. */
  cotangent: usize;
  /** The cotangent of what went in: height × width pixels. A chunk is one of its rows. */
  output: usize;
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
  cotangentPixelBytes: i32;
  outputPixelBytes: i32;
  /** What a mean divides by: 0 for the number of pixels inside the image. */
  divisor: f32;
}

/** Pixel (y·strideY, x·strideX) is pixel (y, x) of the cotangent; all others are 0. */
export function spread(p: Spread, chunk: i32): void {
  const image = chunk / p.height;
  const row = chunk - image * p.height;
  const bytes = <usize>p.channels * 4;
  const to = p.output + <usize>chunk * p.width * p.outputPixelBytes;
  memory.fill(to, 0, <usize>p.width * p.outputPixelBytes);
  const y = row / p.strideY;
  if (y * p.strideY != row || y >= p.outputHeight) return;
  const from = p.cotangent + <usize>((image * p.outputHeight + y) * p.outputWidth) * p.cotangentPixelBytes;
  for (let x = 0; x < p.outputWidth && x * p.strideX < p.width; x++) {
    memory.copy(to + <usize>(x * p.strideX) * p.outputPixelBytes, from + <usize>x * p.cotangentPixelBytes, bytes);
  }
}

/** Adds to one row of the input's cotangent what the windows over it hand back, window by window in row-major order. */
@inline
function pool(p: Spread, chunk: i32, average: bool): void {
  const image = chunk / p.height;
  const row = chunk - image * p.height;
  const bytes = <usize>p.channels * 4;
  const pixel = <usize>p.inputPixelBytes;
  const base = p.input + <usize>(image * p.height * p.width) * pixel;
  const to = p.output + <usize>chunk * p.width * p.outputPixelBytes;
  memory.fill(to, 0, <usize>p.width * p.outputPixelBytes);
  const reach = (p.kernelHeight - 1) * p.dilationY;
  const lowest = max(0, (row + p.top - reach + p.strideY - 1) / p.strideY);
  const highest = min(p.outputHeight - 1, (row + p.top) / p.strideY);
  for (let oy = lowest; oy <= highest; oy++) {
    const originY = oy * p.strideY - p.top;
    const line = (row - originY) / p.dilationY;
    if (line < 0 || line * p.dilationY != row - originY) continue;
    const ky0 = firstInside(originY, p.dilationY);
    const ky1 = endInside(originY, p.dilationY, p.kernelHeight, p.height);
    let from = p.cotangent + <usize>((image * p.outputHeight + oy) * p.outputWidth) * p.cotangentPixelBytes;
    for (let ox = 0; ox < p.outputWidth; ox++) {
      const originX = ox * p.strideX - p.left;
      const kx0 = firstInside(originX, p.dilationX);
      const kx1 = endInside(originX, p.dilationX, p.kernelWidth, p.width);
      const inside = <f32>((ky1 - ky0) * (kx1 - kx0));
      const divisor = f32x4.splat(p.divisor == 0 ? inside : p.divisor);
      const out = to + originX * p.outputPixelBytes;
      const across = p.dilationX * p.outputPixelBytes;
      for (let c: usize = 0; c < bytes; c += 16) {
        let g = v128.load(from + c);
        if (average) {
          g = f32x4.div(g, divisor);
          for (let kx = kx0; kx < kx1; kx++) {
            const at = out + kx * across + c;
            v128.store(at, f32x4.add(v128.load(at), g));
          }
          continue;
        }
        // The first largest entry; a NaN is larger than all that came before.
        let best = f32x4.splat(-Infinity);
        let place = i32x4.splat(ky0 * p.kernelWidth + kx0);
        for (let ky = ky0; ky < ky1; ky++) {
          const inputs = base + <usize>((originY + ky * p.dilationY) * p.width) * pixel + c;
          for (let kx = kx0; kx < kx1; kx++) {
            const v = v128.load(inputs + <usize>(originX + kx * p.dilationX) * pixel);
            const larger = v128.or(f32x4.gt(v, best), f32x4.ne(v, v));
            best = v128.bitselect(v, best, larger);
            place = v128.bitselect(i32x4.splat(ky * p.kernelWidth + kx), place, larger);
          }
        }
        for (let kx = kx0; kx < kx1; kx++) {
          const won = i32x4.eq(place, i32x4.splat(line * p.kernelWidth + kx));
          const at = out + kx * across + c;
          v128.store(at, f32x4.add(v128.load(at), v128.and(g, won)));
        }
      }
      from += p.cotangentPixelBytes;
    }
  }
}

export function maxPoolGradient(p: Spread, chunk: i32): void {
  pool(p, chunk, false);
}

export function averagePoolGradient(p: Spread, chunk: i32): void {
  pool(p, chunk, true);
}
