import { checkOptions } from '../tensor/options.ts';
import { type Tensor, zeros } from '../tensor/tensor.ts';
import { finiteActivation, finiteDerivative } from './finite.ts';
import { checkLogit, type GradientEvidence } from './gradCam.ts';
import type { MethodOptions } from './method.ts';
import { chooseEntries } from './select.ts';
import { weighMaps } from './weigh.ts';

const action = 'run layercam';

/**
 * LayerCAM: L = ReLU(Σ_k ReLU(∂z_c/∂A_ij^k) A_ij^k), a weight for every entry, so that early layers keep their detail.
 *
 * Shapes: activation and d1 [K, H, W] → map float64 [H, W]. Units: logit (times exp(−logScale), where evidence has one). With a
 * selection only the selected entries take part; `top` keeps the maps whose share |Σ_ij ReLU(D1_ij) A_ij| is largest.
 * @throws InputError for evidence of exp, prob or logprob: the gradient is that of z_c. A custom score is taken as given.
 * Source: Jiang et al. 2021 (LayerCAM), eq. 5 to 7. Departure: the map is not scaled by tanh, which the paper does for early
 * layers before it fuses several.
 * @example
 * const a = tensor([[[1, 2], [3, 4]]]);
 * const g = tensor([[[1, -1], [0, 0.5]]]);
 * toNested(layerCam({ activation: a, score: 'logit', d1: g }).map) // [[1, 0], [0, 2]]
 */
export function layerCam(
  evidence: GradientEvidence,
  options: MethodOptions = {},
): { readonly map: Tensor; readonly maps: readonly number[] } {
  checkLogit(evidence, action);
  checkOptions(options, { select: 'record', numerator: 'text' }, action);
  const { select } = options;
  const { data: a, shape } = finiteActivation(evidence.activation, action);
  const g = finiteDerivative(evidence.d1, 'd1', shape, action).data;
  const [, height, width] = shape;
  const size = height * width;
  const share = (i: number) => (g[i] > 0 ? g[i] * a[i] : 0);
  const { maps } = weighMaps(shape, select, (k, cells) =>
    cells.reduce((sum, cell) => sum + share(k * size + cell), 0),
  );
  const map = zeros([height, width]);
  const chosen = chooseEntries(select, shape);
  for (const k of maps) for (const cell of chosen.cells(k)) map.data[cell] += share(k * size + cell);
  for (let i = 0; i < size; i++) map.data[i] = Math.max(map.data[i], 0);
  return { map, maps };
}
