import { InputError } from '../tensor/errors.ts';
import { checkOptions, wantRecord } from '../tensor/options.ts';
import { defaults } from './defaults.ts';
import type { Evidence } from './evidence.ts';
import { finiteActivation, finiteDerivative } from './finite.ts';
import { type MethodResult, numeratorNames, type PlusPlusOptions } from './method.ts';
import { type Tally, weighMaps } from './weigh.ts';

/** α = numerator / (2 D2 + ΣA·D3) of one entry, `curvature` being ΣA·D3; special cases are counted, not altered. */
export function alphaOf(numerator: number, d2: number, curvature: number, counts: Tally): number {
  const denominator = 2 * d2 + curvature;
  if (Math.abs(denominator) < 1e-3 * (2 * Math.abs(d2) + Math.abs(curvature))) counts.cancelled++;
  if (denominator === 0) {
    if (numerator === 0) counts.dead++;
    else counts.singular++;
    return 0;
  }
  const alpha = numerator / denominator;
  if (alpha < 0) counts.flipped++;
  if (Math.abs(alpha) > 0.5) counts.large++;
  return alpha;
}

function refuseFlat(evidence: Evidence, method: string): void {
  const { zero, score } = evidence;
  if (zero === undefined || !zero.orders.includes(2) || !zero.orders.includes(3)) return;
  // a constant score has no curvature either, but another score would not help: its map is empty and says why
  if (zero.orders.includes(1)) return;
  throw new InputError(
    `Cannot run ${method} with the score ${score}: its second and third derivatives are zero everywhere ` +
      `(${zero.reason}), so every α is 0/0; use ${score === 'custom' ? 'exp of it, or gradcam' : '--score exp'}`,
  );
}

/** A method whose weights are made of α. */
interface PlusPlusRule {
  readonly name: string;
  /** Whether the α of a map that count are divided by their sum. */
  readonly isNormalised?: boolean;
}

/** w_k = Σ_ij α_ij ReLU(D1_ij), for the method of the given name. */
export function plusPlusWeights(
  { name: method, isNormalised = false }: PlusPlusRule,
  evidence: Evidence,
  options: PlusPlusOptions,
): MethodResult {
  const action = `run ${method}`;
  wantRecord(evidence, 'evidence', action);
  checkOptions(options, { select: 'record', numerator: 'text' }, action);
  const { numerator = defaults.numerator, select } = options;
  if (!numeratorNames.includes(numerator)) {
    throw new InputError(
      `Cannot ${action}: numerator must be ${numeratorNames.join(' or ')}, got ${numerator}`,
    );
  }
  refuseFlat(evidence, method);
  const activation = finiteActivation(evidence.activation, action);
  const { shape } = activation;
  const d1 = finiteDerivative(evidence.d1, 'd1', shape, action).data;
  const d2 = finiteDerivative(evidence.d2, 'd2', shape, action).data;
  const d3 = finiteDerivative(evidence.d3, 'd3', shape, action).data;
  const above = numerator === 'second' ? d2 : d1;
  const size = shape[1] * shape[2];
  return weighMaps(shape, select, (k, cells, counts) => {
    // Σ_ab A_ab is that of the whole map, whatever is selected
    let total = 0;
    for (let i = k * size; i < (k + 1) * size; i++) total += activation.data[i];
    let [weight, alphas] = [0, 0];
    for (const cell of cells) {
      const i = k * size + cell;
      const alpha = alphaOf(above[i], d2[i], total * d3[i], counts);
      if (d1[i] <= 0) continue;
      weight += alpha * d1[i];
      alphas += alpha;
    }
    return isNormalised && alphas !== 0 ? weight / alphas : weight;
  });
}
