import { largestOf, leastOf } from '../../tensor/largest.ts';
import { createRandom } from '../../tensor/random.ts';
import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';

/** Neighbours of a pixel and their weights: beside it 1/6, across a corner 1/12. */
const neighbours: readonly (readonly [dy: number, dx: number, weight: number])[] = [-1, 0, 1].flatMap((dy) =>
  [-1, 0, 1]
    .filter((dx) => dy !== 0 || dx !== 0)
    .map((dx) => [dy, dx, dy === 0 || dx === 0 ? 1 / 6 : 1 / 12] as const),
);

/** Noise of filled pixels, relative to the picture's range. */
const NOISE = 0.01;
const ROUNDS = 1000;
const TOLERANCE = 1e-8;

interface Grid {
  readonly height: number;
  readonly width: number;
  /** 1 where a pixel is filled. */
  readonly gone: Uint8Array;
}

/** Σ_neighbours w (v_i − v_j) at the filled pixels; what is not filled counts with `values` where `known`, else as 0. */
function tension(values: Float64Array, { height, width, gone }: Grid, known: boolean): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (gone[i] === 0) continue;
    const [y, x] = [Math.floor(i / width), i % width];
    for (const [dy, dx, weight] of neighbours) {
      if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
      const j = i + dy * width + dx;
      out[i] += weight * (values[i] - (known || gone[j] === 1 ? values[j] : 0));
    }
  }
  return out;
}

const product = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Makes each filled pixel the weighted mean of its neighbours, by conjugate gradients: the system is symmetric and positive. */
function fill(values: Float64Array, grid: Grid): void {
  const residual = tension(values, grid, true).map((value) => (value === 0 ? 0 : -value));
  const direction = residual.slice();
  let size = product(residual, residual);
  const enough = TOLERANCE ** 2 * size;
  for (let round = 0; round < ROUNDS && size > enough; round++) {
    const pulled = tension(direction, grid, false);
    const step = size / product(direction, pulled);
    for (let i = 0; i < values.length; i++) {
      values[i] += step * direction[i];
      residual[i] -= step * pulled[i];
    }
    const next = product(residual, residual);
    for (let i = 0; i < values.length; i++) direction[i] = residual[i] + (next / size) * direction[i];
    size = next;
  }
}

/**
 * The picture [1, C, H, W] with pixels filled by their neighbours: each is their weighted mean (1/6 beside, 1/12 across a corner), all solved together, and noise of
 * 0.01 of the picture's range, drawn by the seed.
 *
 * Source: Rong et al. 2022 (ROAD), section 4.2. Where all pixels are gone, each channel's mean stands.
 */
export function impute(input: Tensor, gone: Uint8Array, seed: number): Tensor {
  const [, channels, height, width] = input.shape;
  const { data } = contiguous(input);
  const out = Float32Array.from(data);
  const range = largestOf(data) - leastOf(data);
  const random = createRandom(seed, 0);
  const size = height * width;
  const left = gone.reduce((count, each) => count + 1 - each, 0);
  for (let c = 0; c < channels; c++) {
    const plane = Float64Array.from(data.subarray(c * size, (c + 1) * size));
    let mean = 0;
    for (let i = 0; i < size; i++) mean += left === 0 ? plane[i] / size : gone[i] === 0 ? plane[i] / left : 0;
    for (let i = 0; i < size; i++) if (gone[i] === 1) plane[i] = mean;
    if (left > 0) fill(plane, { height, width, gone });
    for (let i = 0; i < size; i++) {
      if (gone[i] === 1) out[c * size + i] = plane[i] + NOISE * range * random.normal();
    }
  }
  return fromData(out, input.shape);
}
