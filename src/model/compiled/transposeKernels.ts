import { contiguous, fromData, rowMajor, type Tensor } from '../../tensor/tensor.ts';

/** A float32 tensor whose values are computed when they are first read. */
function lazily(shape: readonly number[], compute: () => Float32Array): Tensor {
  let values: Float32Array | undefined;
  return {
    shape,
    stride: rowMajor(shape),
    offset: 0,
    dtype: 'float32',
    get data() {
      values ??= compute();
      return values;
    },
  };
}

/**
 * Kernels of a convolution's way back: those of w [O, C/g, h, w], upside down and back to front, from O channels to C: [C, O/g, h, w],
 * those that read channel o times factor o.
 */
export function transposeKernels(
  w: Tensor,
  { groups, factors }: { groups: number; factors: Float64Array | undefined },
): Tensor {
  const [filters, perGroup, height, width] = w.shape;
  const [from, to] = [filters / groups, perGroup * groups];
  return lazily([to, from, height, width], () => {
    const { data } = contiguous(w);
    const taps = height * width;
    const out = new Float32Array(to * from * taps);
    for (let c = 0; c < to; c++) {
      const group = Math.floor(c / perGroup);
      for (let k = 0; k < from; k++) {
        const o = group * from + k;
        const factor = factors?.[o] ?? 1;
        const source = (o * perGroup + (c % perGroup)) * taps;
        const target = (c * from + k) * taps;
        for (let t = 0; t < taps; t++) out[target + t] = data[source + taps - 1 - t] * factor;
      }
    }
    return out;
  });
}

/** Factors of channels as an operand beside a tensor of so many axes, [N, C, …]. */
export function scaleChannels(factors: Float64Array, rank: number): Tensor {
  return fromData(factors, [factors.length, ...new Array<number>(rank - 2).fill(1)]);
}
