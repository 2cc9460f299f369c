import type { MethodMap } from '../cam/explanation.ts';
import { contiguous, fromData, type Tensor } from '../tensor/tensor.ts';

/** A tensor as it can be sent: its numbers and its shape. */
interface SentTensor {
  readonly data: Float64Array | Float32Array;
  readonly shape: readonly number[];
}

/** A method's map on its way to the page. */
export interface SentMap extends Omit<MethodMap, 'raw' | 'normalized'> {
  readonly raw: SentTensor;
  readonly normalized: SentTensor;
}

function sentTensor(x: Tensor): SentTensor {
  return { data: contiguous(x).data.slice(), shape: x.shape };
}

/** A map whose arrays are copies, so that their memory can go to the page. */
export const sentMap = (map: MethodMap): SentMap => ({
  ...map,
  raw: sentTensor(map.raw),
  normalized: sentTensor(map.normalized),
});

const receivedTensor = ({ data, shape }: SentTensor): Tensor => fromData(data, shape);

/** The map that was sent. */
export const receivedMap = (map: SentMap): MethodMap => ({
  ...map,
  raw: receivedTensor(map.raw),
  normalized: receivedTensor(map.normalized),
});
