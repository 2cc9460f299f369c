import { deferred, fillOf } from '../../../tensor/deferred.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import { contiguous, type FloatArray, fromData, type Tensor } from '../../../tensor/tensor.ts';

/** A float32 constant's values, row-major; those that are deferred are not kept. */
export function valuesOf(w: Tensor): FloatArray {
  const fill = fillOf(w);
  if (fill === undefined) return contiguous(w).data;
  const values = new Float32Array(sizeOf(w.shape));
  fill(values);
  return values;
}

/**
 * Kernels of a convolution's backward pass: those of w [O, C/g, h, w], upside down and back to front, from O channels to C: [C, O/g, h, w],
 * those that read channel o times factor o. They are computed when they are asked for.
 */
export function transposeKernels(
  w: Tensor,
  { groups, factors }: { groups: number; factors: Float64Array | undefined },
): Tensor {
  const [filters, perGroup, height, width] = w.shape;
  const [from, to] = [filters / groups, perGroup * groups];
  const taps = height * width;
  const fill = (out: FloatArray) => {
    const data = valuesOf(w);
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
  };
  const read = () => {
    const out = new Float32Array(to * from * taps);
    fill(out);
    return out;
  };
  return deferred([to, from, height, width], 'float32', { read, fill });
}

/** Factors of channels as an operand beside a tensor of so many axes, [N, C, …]. */
export function scaleChannels(factors: Float64Array, rank: number): Tensor {
  return fromData(factors, [factors.length, ...new Array<number>(rank - 2).fill(1)]);
}
