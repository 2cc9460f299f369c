import { fromData } from '../../tensor/tensor.ts';
import { type Evidence, evidenceOf } from '../evidence.ts';
import { finiteActivation, finiteDerivative } from '../finite.ts';
import { checkLogit } from '../gradCam.ts';
import type { MethodOptions, MethodResult, PlusPlusOptions } from '../method.ts';
import { plusPlusWeights } from '../plusPlus.ts';

/**
 * Grad-CAM++ as other libraries compute it: powers of the logit's gradient g stand for the derivatives, α = g² / (2 g² + ΣA g³), w_k = Σ α ReLU(g). That is right for
 * Y = exp(z_c) behind a head that is piecewise linear in A, one picture at a time.
 *
 * Source: Chattopadhyay et al. 2018 (Grad-CAM++), eq. 19, for that head.
 */
export function poweredPlusPlus(evidence: Evidence, { select }: MethodOptions = {}): MethodResult {
  const name = 'gradcam++powered';
  checkLogit(evidence, `run ${name}`);
  const { activation, classIndex, y } = evidence;
  const { shape } = finiteActivation(activation, `run ${name}`);
  const d1 = finiteDerivative(evidence.d1, 'd1', shape, `run ${name}`);
  const power = (order: number) =>
    fromData(
      Float64Array.from(d1.data, (g) => g ** order),
      shape,
    );
  const powered = evidenceOf({ activation, classIndex, y, score: 'custom', d1, d2: power(2), d3: power(3) });
  return plusPlusWeights({ name }, powered, { select });
}

/**
 * Grad-CAM++ with the authors' normalisation: the α of the entries of a map with D1 > 0 are divided by their sum (where it is not 0), w_k = Σ α ReLU(D1) / Σ α. In their code, not in the paper.
 *
 * Source: github.com/adityac94/Grad_CAM_plus_plus, misc/utils.py. Departure: true derivatives.
 */
export const normalisedPlusPlus = (evidence: Evidence, options: PlusPlusOptions = {}): MethodResult =>
  plusPlusWeights({ name: 'gradcam++normalised', isNormalised: true }, evidence, options);

/**
 * Smooth Grad-CAM++ as printed: D̄1 in the numerator of α.
 *
 * Source: Omeiza et al. 2019 (Smooth Grad-CAM++), eq. 8.
 */
export const printedSmooth = (evidence: Evidence, { select }: MethodOptions = {}): MethodResult =>
  plusPlusWeights({ name: 'smoothgradcam++printed' }, evidence, { select, numerator: 'first' });
