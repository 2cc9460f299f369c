import type { Evidence } from './evidence.ts';
import type { MethodResult, PlusPlusOptions } from './method.ts';
import { plusPlusWeights } from './plusPlus.ts';

/**
 * Smooth Grad-CAM++ weights: those of Grad-CAM++ with D1, D2, D3 replaced by their means over noisy inputs,
 * α_ij = D̄2 / (2 D̄2 + (Σ_ab A_ab) D̄3), w_k = Σ_ij α_ij ReLU(D̄1). A is the clean image's.
 *
 * Evidence holds the means already, so this is `gradCamPlusPlus` by another name: with zero noise, or n identical
 * samples, both give the same bits. Shapes, units, poles, counts and errors are the same.
 * Source: Omeiza et al. 2019 (Smooth Grad-CAM++), eq. 7 and 8. Departure: the paper prints D̄1 in the numerator of α,
 * where the formula it builds on has D̄2; D̄2 is the default here and `numerator: 'first'` is the paper as printed.
 * @example
 * const a = tensor([[[1, 2], [3, 4]]]);
 * const d = tensor([[[0.5, 0], [0, 0]]]);
 * const evidence = evidenceOf({ activation: a, score: 'exp', classIndex: 0, y: 1, d1: d, d2: d, d3: d });
 * smoothGradCamPlusPlus(evidence).weights[0] === gradCamPlusPlus(evidence).weights[0] // true
 */
export function smoothGradCamPlusPlus(evidence: Evidence, options: PlusPlusOptions = {}): MethodResult {
  return plusPlusWeights({ name: 'smoothgradcam++' }, evidence, options);
}
