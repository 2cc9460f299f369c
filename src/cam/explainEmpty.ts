import { finiteActivation, finiteDerivative } from './finite.ts';
import type { GradientEvidence } from './gradCam.ts';
import type { MethodResult } from './method.ts';
import { isExponential } from './score.ts';
import { chooseEntries, type Selection } from './select.ts';

/** What a map that came out all zero was made from: the selected maps, and the weights where there are any. */
export interface EmptyMap {
  readonly evidence: GradientEvidence;
  readonly result: Pick<MethodResult, 'maps'> & Partial<MethodResult>;
  readonly select?: Selection | undefined;
}

interface Facts extends Pick<EmptyMap, 'result'> {
  readonly a: ArrayLike<number>;
  readonly d1: ArrayLike<number>;
  /** Row-major positions of the selected entries. */
  readonly entries: readonly number[];
  /** Entries of one map. */
  readonly size: number;
  readonly score: GradientEvidence['score'];
}

type Because = readonly [reason: string, advice: string];

/** A reason that may hold, and what to try then. */
type Reason = (facts: Facts) => Because | undefined;

/** Reasons in the order in which they are looked at; the last one always holds. */
export type EmptyReasons = readonly Reason[];

const nothingChosen: Reason = ({ entries }) =>
  entries.length === 0
    ? ['the selected maps, region and neurons have no entry in common', 'a wider selection']
    : undefined;

const nothingActive: Reason = ({ entries, a }) =>
  entries.every((i) => a[i] === 0)
    ? ['every selected activation is 0 for this image', 'a wider selection or another layer']
    : undefined;

const independent: Reason = ({ entries, d1 }) =>
  entries.every((i) => d1[i] === 0)
    ? [
        'the score does not depend on the selected entries (D1 = 0 at each)',
        'a wider selection, another layer or another class',
      ]
    : undefined;

const nothingRaises: Reason = ({ entries, d1 }) =>
  entries.every((i) => d1[i] <= 0)
    ? [
        'no selected entry raises the score (D1 ≤ 0 at each, which ReLU(D1) drops)',
        'another class or another layer',
      ]
    : undefined;

const isAllZero = (weights: Float64Array | undefined) => weights?.every((weight) => weight === 0) === true;
const isNowherePositive = (weights: Float64Array | undefined) =>
  weights?.every((weight) => weight <= 0) === true;

const curved = (score: Facts['score']) => (isExponential(score) ? 'another layer or gradcam' : '--score exp');

const alphaZero: Reason = ({ result: { weights, counts }, score }) =>
  isAllZero(weights)
    ? [
        `every weight is 0 (α is 0/0 at ${counts?.dead} entries, a pole at ${counts?.singular})`,
        curved(score),
      ]
    : undefined;

const alphaNegative: Reason = ({ result: { weights, counts }, entries, score }) =>
  isNowherePositive(weights)
    ? [
        `no weight is positive: α is negative at ${counts?.flipped} of ${entries.length} entries, ` +
          'where D2 and the denominator of α differ in sign',
        curved(score),
      ]
    : undefined;

const meanZero: Reason = ({ result: { weights } }) =>
  isAllZero(weights)
    ? ['every weight is 0: D1 sums to 0 in each selected map', 'gradcam++ or another layer']
    : undefined;

const meanNegative: Reason = ({ result: { weights } }) =>
  isNowherePositive(weights)
    ? [
        'no weight is positive: on average every selected map lowers the logit',
        'gradcam++, another class or another layer',
      ]
    : undefined;

const inactiveWhereWeighed: Reason = ({ entries, a, size, result: { weights } }) =>
  entries.every((i) => a[i] === 0 || (weights !== undefined && weights[Math.floor(i / size)] <= 0))
    ? [
        'no map with a positive weight is active in the selected entries',
        'a wider selection, another class or another layer',
      ]
    : undefined;

const inactiveWhereRaised: Reason = ({ entries, a, d1 }) =>
  entries.every((i) => d1[i] <= 0 || a[i] <= 0)
    ? [
        'no selected entry that raises the score has a positive activation',
        'a wider selection, another class or another layer',
      ]
    : undefined;

const outweighed: Reason = () => [
  'in every cell what lowers the score outweighs what raises it (Σ_k w_k A^k ≤ 0)',
  'top:8 of the maps, another class or another layer',
];

const first: EmptyReasons = [nothingChosen, nothingActive, independent];

export const gradCamReasons: EmptyReasons = [
  ...first,
  meanZero,
  meanNegative,
  inactiveWhereWeighed,
  outweighed,
];

export const plusPlusReasons: EmptyReasons = [
  ...first,
  nothingRaises,
  alphaZero,
  alphaNegative,
  inactiveWhereWeighed,
  outweighed,
];

/** Of sums of gradients times activations, of both signs. */
export const cellReasons: EmptyReasons = [...first, outweighed];

export const layerCamReasons: EmptyReasons = [...first, nothingRaises, inactiveWhereRaised, outweighed];

/**
 * Why a method's map is all zero and what to try, in one sentence: the first reason that holds. To be asked only of a
 * map without a positive entry, with the selection it was made with.
 */
export function explainEmpty(
  method: string,
  reasons: EmptyReasons,
  { evidence, result, select }: EmptyMap,
): string {
  const action = 'explain the empty map';
  const { data: a, shape } = finiteActivation(evidence.activation, action);
  const d1 = finiteDerivative(evidence.d1, 'd1', shape, action).data;
  const chosen = chooseEntries(select, shape);
  const size = shape[1] * shape[2];
  const entries = result.maps.flatMap((k) => chosen.cells(k).map((cell) => k * size + cell));
  const facts: Facts = { a, d1, entries, size, result, score: evidence.score };
  for (const holds of reasons) {
    const because = holds(facts);
    if (because !== undefined)
      return `The ${method} map is all zero because ${because[0]}; try ${because[1]}.`;
  }
  throw new Error('Internal: no reason for an empty map');
}
