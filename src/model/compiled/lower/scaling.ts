import { number } from '../../../layers/layer.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { GraphNode } from '../../data/format.ts';
import { dataOf } from './weights.ts';

/** A factor and a shift for each channel. */
export interface Scaling {
  readonly factors: Float64Array;
  readonly shifts: Float64Array;
}

/** factor = scale / √(variance + ε), shift = bias − mean · factor; undefined where they are not constants. */
export function normalizationScaling(
  node: GraphNode,
  constant: (i: number) => Tensor | undefined,
): Scaling | undefined {
  const parts = [1, 2, 3, 4].map(constant);
  if (node.outputs.length > 1 || number(node.attributes, 'training_mode', 0) !== 0) return undefined;
  if (!parts.every((part) => part !== undefined)) return undefined;
  const [scale, bias, mean, variance] = parts.map(dataOf);
  const epsilon = number(node.attributes, 'epsilon', 1e-5);
  const factors = Float64Array.from(scale, (s, c) => s / Math.sqrt(variance[c] + epsilon));
  return { factors, shifts: Float64Array.from(bias, (b, c) => b - mean[c] * factors[c]) };
}
