import { finiteActivation, finiteDerivative } from './finite.ts';
import type { GradientEvidence } from './gradCam.ts';
import type { MethodName, MethodResult } from './method.ts';
import { chooseEntries, type Selection } from './select.ts';

export interface EmptyMap {
  readonly method: Exclude<MethodName, 'smoothgrad'>;
  readonly evidence: GradientEvidence;
  readonly result: MethodResult;
  readonly select?: Selection | undefined;
}

/**
 * Why a method's map is all zero and what to try, in one sentence: the first reason that holds. To be asked only of a
 * map without a positive entry, with the selection it was made with.
 */
export function explainEmpty({ method, evidence, result, select }: EmptyMap): string {
  const action = 'explain the empty map';
  const { data: a, shape } = finiteActivation(evidence.activation, action);
  const d1 = finiteDerivative(evidence.d1, 'd1', shape, action).data;
  const chosen = chooseEntries(select, shape);
  const size = shape[1] * shape[2];
  const entries = result.maps.flatMap((k) => chosen.cells(k).map((cell) => k * size + cell));
  const { weights, counts } = result;
  const plusPlus = method !== 'gradcam';
  const curved = evidence.score === 'exp' ? 'another layer or gradcam' : '--score exp';
  const because = (reason: string, advice: string) =>
    `The ${method} map is all zero because ${reason}; try ${advice}.`;

  if (entries.length === 0) {
    return because('the selected maps, region and neurons have no entry in common', 'a wider selection');
  }
  if (entries.every((i) => a[i] === 0)) {
    return because('every selected activation is 0 for this image', 'a wider selection or another layer');
  }
  if (entries.every((i) => d1[i] === 0)) {
    return because(
      'the score does not depend on the selected entries (D1 = 0 at each)',
      'a wider selection, another layer or another class',
    );
  }
  if (plusPlus && entries.every((i) => d1[i] <= 0)) {
    return because(
      'no selected entry raises the score (D1 ≤ 0 at each, which ReLU(D1) drops)',
      'another class or another layer',
    );
  }
  if (weights.every((weight) => weight === 0)) {
    return plusPlus
      ? because(
          `every weight is 0 (α is 0/0 at ${counts.dead} entries, a pole at ${counts.singular})`,
          curved,
        )
      : because('every weight is 0: D1 sums to 0 in each selected map', 'gradcam++ or another layer');
  }
  if (weights.every((weight) => weight <= 0)) {
    return plusPlus
      ? because(
          `no weight is positive: α is negative at ${counts.flipped} of ${entries.length} entries, ` +
            'where D2 and the denominator of α differ in sign',
          curved,
        )
      : because(
          'no weight is positive: on average every selected map lowers the logit',
          'gradcam++, another class or another layer',
        );
  }
  if (entries.every((i) => a[i] === 0 || weights[Math.floor(i / size)] <= 0)) {
    return because(
      'no map with a positive weight is active in the selected entries',
      'a wider selection, another class or another layer',
    );
  }
  return because(
    'in every cell what lowers the score outweighs what raises it (Σ_k w_k A^k ≤ 0)',
    'top:8 of the maps, another class or another layer',
  );
}
