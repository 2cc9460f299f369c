import type { Evidence } from './evidence.ts';
import type { MethodResult, PlusPlusOptions } from './method.ts';
import { plusPlusWeights } from './plusPlus.ts';

/**
 * Grad-CAM++ weights w_k = Σ_ij α_ij ReLU(D1_ij), α_ij = D2_ij / (2 D2_ij + (Σ_ab A_ab) D3_ij), from the true second
 * and third derivatives of Y.
 *
 * Shapes: activation, d1, d2, d3 [K, H, W], weights [K]. α has the unit of A, w that of Y; both d and w are scaled by
 * exp(−logScale). With a selection Σ_ij runs over the selected entries and Σ_ab A_ab stays that of the whole map.
 * At poles: 0/0 is 0 and counted `dead`, any other x/0 is 0 and counted `singular`. α < 0, |α| > 1/2 and a nearly
 * cancelling denominator are counted `flipped`, `large`, `cancelled` and kept. No epsilon is added.
 * `numerator: 'first'` puts D1 above instead of D2.
 * Cost: one pass over the entries.
 * @throws InputError when evidence is certified to have D2 = D3 = 0 (the logit of a piecewise-linear head), or is not
 * finite; ShapeError when shapes differ.
 * Source: Chattopadhyay et al. 2018 (Grad-CAM++), eq. 5 and 10.
 * @example
 * const a = tensor([[[1, 2], [3, 4]]]);
 * const d = tensor([[[0.5, 0], [0, 0]]]);
 * const evidence = evidenceOf({ activation: a, score: 'exp', classIndex: 0, y: 1, d1: d, d2: d, d3: d });
 * // α = 0.5 / (2 · 0.5 + 10 · 0.5) = 1/12 at the one entry with D1 > 0
 * gradCamPlusPlus(evidence).weights[0] === 1 / 24 // true
 */
export function gradCamPlusPlus(evidence: Evidence, options: PlusPlusOptions = {}): MethodResult {
  return plusPlusWeights({ name: 'gradcam++' }, evidence, options);
}
