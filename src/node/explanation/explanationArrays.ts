import type { Explanation } from '../../cam/explanation.ts';
import type { MethodName } from '../../cam/methods.ts';
import { fromData, type Tensor } from '../../tensor/tensor.ts';

/** The arrays of a method by the name they have in files: raw map, w_k, A and D1 … D3 as used. */
export function explanationArrays({ maps, evidence }: Explanation, method: MethodName): Map<string, Tensor> {
  const arrays = new Map<string, Tensor>();
  const map = maps[method];
  if (map === undefined) return arrays;
  arrays.set('map', map.raw);
  if (map.weights !== undefined) arrays.set('weights', fromData(map.weights, [map.weights.length]));
  const used = evidence[method];
  if (used === undefined) return arrays;
  const { activation, d1, d2, d3 } = used;
  for (const [name, array] of Object.entries({ a: activation, d1, d2, d3 })) arrays.set(name, array);
  return arrays;
}

/** An array as JSON: {shape, data}, row-major. */
export function arrayJson({ shape, data }: Tensor): string {
  return `${JSON.stringify({ shape, data: Array.from(data) })}\n`;
}
