import { sizeOf } from '../../tensor/shape.ts';
import { fromData, type Tensor } from '../../tensor/tensor.ts';
import type { KinkCounts } from '../primitive.ts';
import { emptyDiagonals } from './jets.ts';
import type { Candidate, Diagonals, PlanName } from './plan.ts';

/** The plan that was run, among those that there were. */
export interface Plan {
  readonly name: PlanName;
  readonly multiplyAdds: number;
  readonly why: string;
  readonly candidates: readonly Candidate[];
  /** A few lines of text: the plans, their cost, the one chosen. */
  explain(): string;
}

/** How the numbers were got. */
export interface Certificate {
  readonly exact: true;
  readonly plan: PlanName;
  /** Orders that are zero at every entry by structure, not by rounding. */
  readonly identicallyZero: readonly number[];
  readonly reason: string;
  /** Operations between activation and y that are not piecewise linear, with their counts. */
  readonly nonlinear: Readonly<Record<string, number>>;
  /** How many values leave the piecewise-linear part. */
  readonly cut: number;
  readonly entries: number;
  /** Those of the entries that reach y. */
  readonly live: number;
}

/** The diagonal derivatives of a scalar, how they were got and where they have kinks. */
export interface DiagonalResult {
  /** y · exp(logScale) = Y; the same scale holds for the derivatives. */
  readonly y: number;
  readonly d1: Tensor;
  readonly d2: Tensor;
  readonly d3: Tensor;
  /** All orders: derivatives[r − 1] is ∂ʳy/∂a_iʳ, of a's shape. */
  readonly derivatives: readonly Tensor[];
  readonly logScale: number;
  readonly plan: Plan;
  readonly certificate: Certificate;
  readonly kinks: KinkCounts;
  /** The logits, where a score was given. */
  readonly logits?: Tensor;
}

/** Why derivatives beyond the first vanish. */
export const flatReason =
  'y depends piecewise-linearly on the activation, so every derivative beyond the first is zero wherever it exists';

/** first … last. */
export function upFrom(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

/** The arrays as tensors like the activation. */
export function tensorsOf(
  arrays: Diagonals,
  like: Tensor,
): Pick<DiagonalResult, 'd1' | 'd2' | 'd3' | 'derivatives'> {
  const derivatives = arrays.map((data) => fromData(data, like.shape));
  const zero = fromData(new Float64Array(sizeOf(like.shape)), like.shape);
  const [d1, d2 = zero, d3 = zero] = derivatives;
  return { d1, d2, d3, derivatives };
}

/** The result where y does not depend on the activation. */
export function constantResult(
  a: Tensor,
  order: number,
  entries: number,
): Omit<DiagonalResult, 'y' | 'logScale'> {
  const reason = 'y does not depend on the activation';
  const candidate: Candidate = { name: 'jets', applicable: true, multiplyAdds: 0, why: reason };
  return {
    ...tensorsOf(emptyDiagonals(sizeOf(a.shape), order), a),
    plan: { ...candidate, candidates: [candidate], explain: () => reason },
    certificate: {
      exact: true,
      plan: 'jets',
      identicallyZero: upFrom(1, order),
      reason,
      nonlinear: {},
      cut: 0,
      entries,
      live: 0,
    },
    kinks: { reluZeros: 0, poolTies: 0, other: 0 },
  };
}
