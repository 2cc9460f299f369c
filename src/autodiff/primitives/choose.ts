import { commonDType } from '../../tensor/kernels/reference/map.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { allocate, contiguous, type FloatArray, fromData, type Tensor, zeros } from '../../tensor/tensor.ts';
import type { Linear } from '../primitive.ts';
import { apply } from '../trace.ts';

/** For each entry which input it comes from; NONE gives 0. Inputs have the same shape, without lanes `shape`. */
export interface ChooseAttributes {
  readonly from: Uint8Array;
  readonly shape: Shape;
}

export const NONE = 255;

/** Reads an operand lane by lane; one without lanes serves all. */
function lanesOf(x: Tensor, size: number, lanes: Shape): { data: FloatArray; step: number } {
  return { data: contiguous(x).data, step: sizeOf(x.shape) === size && sizeOf(lanes) !== 1 ? 0 : size };
}

function choose(xs: readonly (Tensor | undefined)[], { from, shape }: ChooseAttributes): Tensor | undefined {
  const present = xs.filter((x) => x !== undefined);
  if (present.length === 0) return undefined;
  const widest = present.reduce((a, b) => (b.shape.length > a.shape.length ? b : a));
  const lanes = widest.shape.slice(0, widest.shape.length - shape.length);
  const size = from.length;
  const out = allocate(sizeOf(lanes) * size, commonDType(present));
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i];
    if (x === undefined) continue;
    const { data, step } = lanesOf(x, size, lanes);
    for (let base = 0, read = 0; base < out.length; base += size, read += step) {
      for (let p = 0; p < size; p++) if (from[p] === i) out[base + p] = data[read + p];
    }
  }
  return fromData(out, [...lanes, ...shape]);
}

export const chooseRow: Linear<ChooseAttributes> = {
  name: 'choose',
  operation: 'where',
  kind: 'linear',
  forward: (xs, attributes) => choose(xs, attributes) ?? zeros(attributes.shape),
  partial: choose,
  transpose: (g, { from, shape }, { index }) => {
    const own = new Uint8Array(from.length);
    for (let p = 0; p < from.length; p++) own[p] = from[p] === index ? 0 : NONE;
    return apply(chooseRow, [g], { from: own, shape });
  },
  samples: [
    {
      inputs: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      attributes: { from: Uint8Array.of(1, NONE, 0), shape: [3] },
      output: [4, 0, 3],
    },
    { inputs: [[1, 2, 3]], attributes: { from: Uint8Array.of(0, NONE, 0), shape: [3] }, output: [1, 0, 3] },
  ],
  source: 'definition',
  shape: (_, { shape }) => shape,
  axes: () => ({ kind: 'aligned' }),
};

/** Multiplies each entry by a fixed factor: what a piecewise-linear unit is at a point. */
export const scaleRow: Linear<{ factor: Tensor }> = {
  name: 'scale',
  operation: false,
  kind: 'linear',
  forward: ([x], { factor }) => {
    const { data } = contiguous(x);
    const slopes = contiguous(factor).data;
    const out = allocate(data.length, x.dtype);
    for (let i = 0, p = 0; i < out.length; i++) {
      out[i] = slopes[p] === 0 ? 0 : data[i] * slopes[p];
      if (++p === slopes.length) p = 0;
    }
    return fromData(out, x.shape);
  },
  transpose: (g, attributes) => apply(scaleRow, [g], attributes),
  samples: [
    {
      inputs: [[1, 2, 3]],
      attributes: {
        factor: { data: Float64Array.of(2, 0, -1), shape: [3], stride: [1], offset: 0, dtype: 'float64' },
      },
      output: [2, 0, -3],
    },
  ],
  source: 'definition',
};
