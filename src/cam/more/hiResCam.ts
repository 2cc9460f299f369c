import { type Tensor, zeros } from '../../tensor/tensor.ts';
import { finiteActivation, finiteDerivative } from '../finite.ts';
import { checkLogit, type GradientEvidence } from '../gradCam.ts';
import type { MethodOptions } from '../method.ts';
import { chooseEntries } from '../select.ts';

const action = 'run hirescam';

/**
 * HiResCAM: L = ReLU(Σ_k ∂z_c/∂A_ij^k · A_ij^k): what each cell adds to the logit of a head that is linear in A.
 *
 * Shapes: activation and d1 [K, H, W] → map float64 [H, W]. `top` is not for it: it weighs cells.
 * Source: Draelos and Carin 2020 (HiResCAM), eq. 4. Departure: the ReLU, as in its authors' figures.
 */
export function hiResCam(
  evidence: GradientEvidence,
  { select }: MethodOptions = {},
): { map: Tensor; maps: readonly number[] } {
  checkLogit(evidence, action);
  const { data: a, shape } = finiteActivation(evidence.activation, action);
  const g = finiteDerivative(evidence.d1, 'd1', shape, action).data;
  const [, height, width] = shape;
  const map = zeros([height, width]);
  const { maps, cells } = chooseEntries(select, shape);
  for (const k of maps)
    for (const cell of cells(k))
      map.data[cell] += g[k * height * width + cell] * a[k * height * width + cell];
  for (let i = 0; i < map.data.length; i++) map.data[i] = Math.max(map.data[i], 0);
  return { map, maps };
}
