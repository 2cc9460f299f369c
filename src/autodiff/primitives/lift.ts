import {
  contiguous,
  isContiguous,
  isTensor,
  single,
  type Tensor,
  type TensorLike,
  toTensor,
} from '../../tensor/tensor.ts';
import { isTraced } from '../trace.ts';

/** What operations take: a tensor, or a number, nested arrays or an ndarray. Numbers take the other side's precision. */
export type Operand = TensorLike;

/** A row-major tensor: numbers get the given precision. @throws InputError, naming the action, for anything else. */
export function lift(x: Operand, action: string, dtype: Tensor['dtype'] = 'float64'): Tensor {
  if (typeof x === 'number') return single(x, 0, dtype);
  const given = isTensor(x) ? x : toTensor(x, action, dtype);
  return isTraced(given) || isContiguous(given) ? given : contiguous(given);
}
