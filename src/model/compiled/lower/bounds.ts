import { number } from '../../../layers/layer.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { GraphNode } from '../../data/format.ts';
import { dataOf } from './weights.ts';

/** Bounds of Relu or Clip; undefined for other nodes, and where the bounds are not constants. */
export function boundsOf(
  node: GraphNode,
  constant: (i: number) => Tensor | undefined,
): { low: number; high: number } | undefined {
  if (node.op === 'Relu') return { low: 0, high: Number.POSITIVE_INFINITY };
  if (node.op !== 'Clip') return undefined;
  const bound = (i: number, name: string, fallback: number) => {
    if (!node.inputs[i]) return number(node.attributes, name, fallback);
    const x = constant(i);
    return x?.data.length === 1 ? dataOf(x)[0] : undefined;
  };
  const low = bound(1, 'min', Number.NEGATIVE_INFINITY);
  const high = bound(2, 'max', Number.POSITIVE_INFINITY);
  return low === undefined || high === undefined ? undefined : { low, high };
}
