import { stackRows } from '../../tensor/rows.ts';
import { contiguous, fromData, type Tensor, zeros } from '../../tensor/tensor.ts';
import { batchFor } from '../batchFor.ts';
import type { Network } from '../method.ts';
import { scoreOf } from './network.ts';

/** Points between the baseline and the picture. */
const STEPS = 32;

/**
 * Integrated gradients (x_i − b_i) ∫₀¹ ∂z_c/∂x_i (b + t(x − b)) dt, baseline b = 0 in the network’s units, by the midpoint rule with 32 points: [C, H, W].
 *
 * Source: Sundararajan et al. 2017 (Axiomatic attribution), eq. 1.
 */
export async function integratedGradients(network: Network): Promise<Tensor> {
  const { image, split, options } = network;
  const { data, shape } = contiguous(image);
  const total = new Float64Array(data.length);
  const batch = batchFor(split, image, true);
  for (let first = 0; first < STEPS; first += batch) {
    const points = Array.from(
      { length: Math.min(batch, STEPS - first) },
      (_, i) => (first + i + 0.5) / STEPS,
    );
    const inputs = stackRows(
      points.map((t) =>
        fromData(
          Float32Array.from(data, (value) => t * value),
          shape,
        ),
      ),
    );
    const { gradients } = await split.inputGradients(inputs, [(row) => scoreOf(network, row)], options);
    const slopes = contiguous(gradients[0]).data;
    for (let i = 0; i < slopes.length; i++) total[i % data.length] += slopes[i] / STEPS;
  }
  return fromData(
    total.map((slope, i) => slope * data[i]),
    shape.slice(1),
  );
}

/** The map of attributions: |Σ over channels|, [C, H, W] → [H, W]. */
export function attributionMap({ data, shape }: Tensor): Tensor {
  const map = zeros(shape.slice(1));
  for (let i = 0; i < data.length; i++) map.data[i % map.data.length] += data[i];
  for (let i = 0; i < map.data.length; i++) map.data[i] = Math.abs(map.data[i]);
  return map;
}
