import { isFloat, isNarrowInteger } from '../../layers/types.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { ModelData } from './format.ts';

/** How many parameters the tensors of these names hold: entries of those that are floats, or quantised. */
export function countParameters({ tensors }: Pick<ModelData, 'tensors'>, names: Iterable<string>): number {
  let count = 0;
  for (const name of names) {
    const stored = tensors.get(name);
    if (stored !== undefined && (isFloat(stored.dtype) || isNarrowInteger(stored.dtype)))
      count += sizeOf(stored.shape);
  }
  return count;
}
