import { InputError } from '../tensor/errors.ts';
import { checkOptions, wantRecord } from '../tensor/options.ts';
import type { Evidence } from './evidence.ts';
import { finiteActivation, finiteDerivative } from './finite.ts';
import type { MethodOptions, MethodResult } from './method.ts';
import { weighMaps } from './weigh.ts';

/** What Grad-CAM needs of evidence: no curvature. */
export type GradientEvidence = Pick<Evidence, 'activation' | 'score' | 'd1'>;

const action = 'run gradcam';

/** @throws InputError unless the derivatives are those of the logit, or of the caller's own score. */
export function checkLogit(evidence: GradientEvidence, doing: string): void {
  wantRecord(evidence, 'evidence', doing);
  const { score } = evidence;
  if (score === 'logit' || score === 'custom') return;
  throw new InputError(
    `Cannot ${doing}: it is defined by the gradient of the logit, got evidence of the score ${String(score)}; ` +
      'collect evidence with the score logit',
  );
}

/**
 * Grad-CAM weights w_k = (1/Z) Σ_ij ∂z_c/∂A_ij^k, Z = H·W of the whole map.
 *
 * Shapes: activation and d1 [K, H, W], weights [K]. Units: logit per unit of activation (times exp(−logScale), where
 * evidence has one). With a selection Σ_ij runs over the selected entries and Z stays H·W. There is no α, so all
 * counts are 0.
 * @throws InputError for evidence of exp, prob or logprob: Grad-CAM is the gradient of z_c. A custom score is taken
 * as given.
 * Source: Selvaraju et al. 2017 (Grad-CAM), eq. 1.
 * @example
 * const a = tensor([[[1, 2], [3, 4]]]);
 * const g = tensor([[[1, 0], [0, 1]]]);
 * gradCam({ activation: a, score: 'logit', d1: g }).weights[0] // 0.5
 */
export function gradCam(evidence: GradientEvidence, options: MethodOptions = {}): MethodResult {
  checkLogit(evidence, action);
  checkOptions(options, { select: 'record', numerator: 'text' }, action);
  const { shape } = finiteActivation(evidence.activation, action);
  const d1 = finiteDerivative(evidence.d1, 'd1', shape, action).data;
  const size = shape[1] * shape[2];
  return weighMaps(shape, options.select, (k, cells) => {
    let sum = 0;
    for (const cell of cells) sum += d1[k * size + cell];
    return sum / size;
  });
}
