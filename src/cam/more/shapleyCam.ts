import { hvp } from '../../autodiff/mixed.ts';
import { reshape } from '../../autodiff/operations.ts';
import { toMaps } from '../../model/graph/layout.ts';
import { castTo, contiguous, type Tensor } from '../../tensor/tensor.ts';
import type { Evidence } from '../evidence.ts';
import { finiteDerivative } from '../finite.ts';
import type { MethodOptions, MethodResult, Network } from '../method.ts';
import { weighMaps } from '../weigh.ts';
import { fromMaps, scoreOf } from './network.ts';

/** H·A of the score, [K, H, W]. */
function hessianTimesActivation(activation: Tensor, network: Network): Tensor {
  const { clean, layout } = network;
  const a = castTo(clean.activation, 'float64');
  const product = hvp(
    (x: Tensor) => scoreOf(network, clean.head(x)),
    a,
    fromMaps(network, activation, 'zero'),
  );
  return toMaps(reshape(product, a.shape.slice(1)), layout);
}

/**
 * ShapleyCAM weights w_k = (1/Z) Σ_ij (∂Y/∂A − ½ H A)_ij^k, with H the whole Hessian of Y: the second-order expansion of what taking the map away costs. Grad-CAM’s where Y is piecewise linear in A.
 *
 * Cost: about two backward passes through the head.
 * Source: Cai 2025 (CAMs as Shapley value-based explainers), eq. 14. Departure: Y is the chosen score, exp unless given; the paper has z_c + log p_c.
 */
export function shapleyCam(evidence: Evidence, { select }: MethodOptions, network: Network): MethodResult {
  const { activation } = evidence;
  const { shape } = activation;
  const d1 = finiteDerivative(evidence.d1, 'd1', shape, 'run shapleycam').data;
  const product = contiguous(hessianTimesActivation(activation, network)).data;
  const size = shape[1] * shape[2];
  return weighMaps(
    shape,
    select,
    (k, cells) =>
      cells.reduce((sum, cell) => sum + d1[k * size + cell] - product[k * size + cell] / 2, 0) / size,
  );
}
