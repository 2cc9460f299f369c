import type { NdarrayLike } from '../../tensor/tensor.ts';
import { type Tensor, zeros } from '../../tensor/tensor.ts';
import { finiteActivation } from '../finite.ts';
import type { MethodOptions } from '../method.ts';
import { chooseEntries } from '../select.ts';

const action = 'run eigencam';
const ROUNDS = 1000;
const ENOUGH = 1e-13;

/** v / |v|, and |v|; v itself where that is 0. */
function unit(v: Float64Array): { direction: Float64Array; length: number } {
  const length = Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
  return { direction: length > 0 ? v.map((value) => value / length) : v, length };
}

/**
 * Eigen-CAM: L = ReLU(O v), O the activations as [H·W, K], v their first right singular vector: the pattern that most of the layer's energy is in. It sees no class.
 *
 * Shapes: activation [K, H, W] → map float64 [H, W]. The sign of v is that of a positive sum of the map. By power iteration from the mean over the cells.
 * Source: Muhammad and Yeasin 2020 (Eigen-CAM), section III. pytorch-grad-cam centres O first.
 */
export function eigenCam(
  evidence: { readonly activation: NdarrayLike },
  { select }: MethodOptions = {},
): { map: Tensor; maps: readonly number[] } {
  const { data: a, shape } = finiteActivation(evidence.activation, action);
  const [, height, width] = shape;
  const size = height * width;
  const { maps, cells } = chooseEntries(select, shape);
  const chosen = new Map(maps.map((k) => [k, cells(k)]));
  /** O v as cells, of weights by map. */
  function project(weights: Float64Array): Float64Array {
    const out = new Float64Array(size);
    for (const [at, k] of maps.entries()) {
      for (const cell of chosen.get(k) ?? []) out[cell] += weights[at] * a[k * size + cell];
    }
    return out;
  }
  const back = (u: Float64Array) =>
    Float64Array.from(maps, (k) =>
      (chosen.get(k) ?? []).reduce((sum, cell) => sum + u[cell] * a[k * size + cell], 0),
    );
  let { direction } = unit(back(new Float64Array(size).fill(1)));
  for (let round = 0; round < ROUNDS; round++) {
    const next = unit(back(project(direction))).direction;
    const moved = next.reduce((most, value, i) => Math.max(most, Math.abs(value - direction[i])), 0);
    direction = next;
    if (moved <= ENOUGH) break;
  }
  const projected = project(direction);
  const sign = projected.reduce((sum, value) => sum + value, 0) < 0 ? -1 : 1;
  const map = zeros([height, width]);
  for (let i = 0; i < size; i++) map.data[i] = Math.max(0, sign * projected[i]);
  return { map, maps };
}
