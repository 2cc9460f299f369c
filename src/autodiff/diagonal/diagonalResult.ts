import { sizeOf } from '../../tensor/shape.ts';
import { fromData, type Tensor } from '../../tensor/tensor.ts';
import type { KinkCounts } from '../primitive.ts';
import { type Diagonals, emptyDiagonals, type Pruned } from './plan.ts';
import type { Candidate, PlanName } from './plans.ts';

/** The plan that was run, among those that there were. */
export interface Plan {
  readonly name: PlanName;
  readonly multiplyAdds: number;
  /** What it took in all, as so many multiply-adds of matrix products would: what it was chosen by. */
  readonly work: number;
  /** Bytes that it held at most beside f, its values and the derivatives, as predicted. */
  readonly bytes: number;
  readonly why: string;
  readonly candidates: readonly Candidate[];
  /** A few lines of text: the plans, their multiply-adds, the seconds and bytes that they take here, the one chosen. */
  explain(): string;
}

/** How the numbers were got. */
export interface Certificate {
  /** Whether every derivative is exact up to rounding: nothing was pruned. */
  readonly exact: boolean;
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
  /** What was left out by `prune`, and the bounds of the errors; not there where nothing was. */
  readonly pruned?: Pruned;
}

/** A tensor in float64. */
export interface DoubleTensor extends Tensor {
  readonly data: Float64Array;
}

/** What is known of diagonal derivatives of any order. */
export interface Diagonal {
  /** y · exp(logScale) = Y; the same scale holds for the derivatives. */
  readonly y: number;
  /** All orders: derivatives[r − 1] is ∂ʳy/∂a_iʳ, of a's shape. */
  readonly derivatives: readonly DoubleTensor[];
  readonly logScale: number;
  readonly plan: Plan;
  readonly certificate: Certificate;
  readonly kinks: KinkCounts;
  /** The logits, where a score was given. */
  readonly logits?: Tensor;
}

/** The first three derivatives by name, as far as they were asked for: d1 is ∂y/∂a_i, of a's shape. */
export type NamedDerivatives<N extends number> = { readonly d1: DoubleTensor } & (number extends N
  ? { readonly d2?: DoubleTensor; readonly d3?: DoubleTensor }
  : (N extends 1 ? unknown : { readonly d2: DoubleTensor }) &
      (N extends 1 | 2 ? unknown : { readonly d3: DoubleTensor }));

/**
 * The diagonal derivatives of a scalar up to order N, how they were got and where they have kinks. What was not asked for is not
 * there, rather than zero.
 */
export type DiagonalResult<N extends number = 3> = Diagonal & NamedDerivatives<N>;

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
): NamedDerivatives<number> & Pick<Diagonal, 'derivatives'> {
  const derivatives = arrays.map((data) => fromData(data, like.shape) as DoubleTensor);
  const [d1, d2, d3] = derivatives;
  return { d1, ...(d2 && { d2 }), ...(d3 && { d3 }), derivatives };
}

/** The result where y does not depend on the activation. */
export function constantResult(
  a: Tensor,
  order: number,
  entries: number,
): Omit<DiagonalResult<number>, 'y' | 'logScale'> {
  const reason = 'y does not depend on the activation';
  const candidate: Candidate = {
    name: 'jets',
    applicable: true,
    multiplyAdds: 0,
    work: 0,
    bytes: 0,
    why: reason,
  };
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
