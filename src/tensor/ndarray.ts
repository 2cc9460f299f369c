import ndarray, { type NdArray } from 'ndarray';
import type { FloatArray, Tensor } from './tensor.ts';

/**
 * A tensor as an ndarray of the `ndarray` package: a view of the same data, without a copy. The other way needs no
 * function, since any ndarray is accepted where a tensor is.
 * @example
 * toNdarray(tensor([[1, 2], [3, 4]])).get(1, 0) // 3
 */
export function toNdarray(x: Tensor): NdArray<FloatArray> {
  return ndarray(x.data, [...x.shape], [...x.stride], x.offset);
}
