import { sizeOf } from '../../shape.ts';
import { allocate, contiguous, fromData, type Tensor } from '../../tensor.ts';

export interface Cumulation {
  /** Counted from the end. */
  readonly axis: number;
  /** From the last entry back to the first. */
  readonly reverse?: boolean | undefined;
  /** Without the entry itself: the first sum is 0. */
  readonly exclusive?: boolean | undefined;
}

/** Running sums along an axis, added in float64. */
export function cumulativeSum(x: Tensor, { axis, reverse = false, exclusive = false }: Cumulation): Tensor {
  const { data } = contiguous(x);
  const at = x.shape.length + axis;
  const length = x.shape[at];
  const inner = sizeOf(x.shape.slice(at + 1));
  const out = allocate(data.length, x.dtype);
  const outer = length * inner === 0 ? 0 : data.length / (length * inner);
  for (let row = 0; row < outer; row++) {
    for (let column = 0; column < inner; column++) {
      let total = 0;
      for (let k = 0; k < length; k++) {
        const i = (row * length + (reverse ? length - 1 - k : k)) * inner + column;
        if (exclusive) out[i] = total;
        total += data[i];
        if (!exclusive) out[i] = total;
      }
    }
  }
  return fromData(out, x.shape);
}
