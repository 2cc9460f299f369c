import { finiteActivation, finiteDerivative } from '../finite.ts';
import { checkLogit, type GradientEvidence } from '../gradCam.ts';
import type { MethodOptions, MethodResult } from '../method.ts';
import { weighMaps } from '../weigh.ts';

/**
 * XGrad-CAM weights w_k = Σ_ij (A_ij^k / Σ_ab A_ab^k) ∂z_c/∂A_ij^k; 0 where Σ_ab A is 0. With a selection Σ_ij runs over the selected entries, Σ_ab over the whole map.
 *
 * Source: Fu et al. 2020 (XGrad-CAM), eq. 8. Elsewhere an epsilon stands in the denominator.
 */
export function xGradCam(evidence: GradientEvidence, { select }: MethodOptions = {}): MethodResult {
  const action = 'run xgradcam';
  checkLogit(evidence, action);
  const { data: a, shape } = finiteActivation(evidence.activation, action);
  const g = finiteDerivative(evidence.d1, 'd1', shape, action).data;
  const size = shape[1] * shape[2];
  return weighMaps(shape, select, (k, cells) => {
    let total = 0;
    for (let i = k * size; i < (k + 1) * size; i++) total += a[i];
    const sum = cells.reduce((part, cell) => part + a[k * size + cell] * g[k * size + cell], 0);
    return total === 0 ? 0 : sum / total;
  });
}

/**
 * Grad-CAM with positive gradients: w_k = (1/Z) Σ_ij ReLU(∂z_c/∂A_ij^k), Z = H·W of the whole map: the control that says what the ReLU of Grad-CAM++'s weights does without its α.
 *
 * Source: Lerma and Lucas 2022 ("Grad-CAM++ is equivalent to Grad-CAM with positive gradients"), section 3.
 */
export function positiveGradCam(evidence: GradientEvidence, { select }: MethodOptions = {}): MethodResult {
  const action = 'run gradcam+';
  checkLogit(evidence, action);
  const { shape } = finiteActivation(evidence.activation, action);
  const g = finiteDerivative(evidence.d1, 'd1', shape, action).data;
  const size = shape[1] * shape[2];
  return weighMaps(
    shape,
    select,
    (k, cells) => cells.reduce((sum, cell) => sum + Math.max(0, g[k * size + cell]), 0) / size,
  );
}
