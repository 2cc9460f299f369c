import type { Pruned } from '../autodiff/diagonal/plan.ts';
import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import { wantRecord } from '../tensor/options.ts';
import type { Tensor, TensorLike } from '../tensor/tensor.ts';
import { finiteActivation, finiteDerivative } from './finite.ts';
import { type ScoreName, scoreNames } from './score.ts';

const evidenceScores: readonly ScoreName[] = [...scoreNames, 'custom'];

/** One noisy input's answer. */
export interface SampleScore {
  /** z_c; z_c − z_against where the class is held against another. */
  readonly logit: number;
  /** p_c. */
  readonly probability: number;
  /** 1 when c is the predicted class. */
  readonly rank: number;
  /** The score; its true value is exp(logScale) · y. */
  readonly y?: number;
  readonly logScale?: number;
  /** Where classes were merged: true bounds are exp(logScale) times those held. */
  readonly pruned?: Pruned;
}

/** Orders of derivative that are zero whatever the weights and the image, and why. */
export interface ZeroCertificate {
  readonly orders: readonly number[];
  readonly reason: string;
}

/** What the methods need to know of one image, one layer, one class and one score. */
export interface Evidence {
  /** A of the clean image, [K, H, W]. */
  readonly activation: Tensor;
  readonly score: ScoreName;
  readonly classIndex: number;
  /** The class that it is held against, where there is one. */
  readonly against?: number | undefined;
  /** True values of y, d1, d2 and d3 are exp(logScale) times those held here. */
  readonly logScale: number;
  /** Mean of Y over the samples. */
  readonly y: number;
  /** Mean of ∂Y/∂A_ij^k, float64 [K, H, W]. */
  readonly d1: Tensor;
  /** Mean of ∂²Y/∂(A_ij^k)², float64 [K, H, W]: the diagonal, entry by entry. */
  readonly d2: Tensor;
  /** Mean of ∂³Y/∂(A_ij^k)³, float64 [K, H, W]. */
  readonly d3: Tensor;
  readonly zero?: ZeroCertificate;
  /** In sample order; empty when unknown. */
  readonly samples: readonly SampleScore[];
  /** Noise relative to the range of the preprocessed image; 0 for the clean image alone. */
  readonly sigma: number;
  readonly seed: number;
  /** Standard deviation of the noise, in units of the preprocessed image. */
  readonly noiseStd: number;
}

/** The parts of evidence; those left out are 0 or empty. Any ndarray is taken where a tensor is. */
export interface EvidenceParts {
  readonly activation: TensorLike;
  readonly score: ScoreName;
  readonly classIndex: number;
  readonly against?: number | undefined;
  readonly y: number;
  readonly d1: TensorLike;
  readonly d2: TensorLike;
  readonly d3: TensorLike;
  readonly logScale?: number | undefined;
  readonly zero?: ZeroCertificate | undefined;
  readonly samples?: readonly SampleScore[] | undefined;
  readonly sigma?: number | undefined;
  readonly seed?: number | undefined;
  readonly noiseStd?: number | undefined;
}

const action = 'make evidence';

function finiteNumber(value: number, name: string, least = Number.NEGATIVE_INFINITY): number {
  if (Number.isFinite(value) && value >= least) return value;
  const wanted = least === 0 ? 'a finite number of at least 0' : 'a finite number';
  throw new InputError(`Cannot ${action}: ${name} must be ${wanted}, got ${describe(value)}`);
}

function checkCertificate(zero: ZeroCertificate, derivatives: readonly Tensor[]): void {
  wantRecord(zero, 'zero', action);
  if (!Array.isArray(zero.orders)) {
    throw new InputError(`Cannot ${action}: zero.orders must be a list, got ${describe(zero.orders)}`);
  }
  for (const order of zero.orders) {
    if (order < 1 || order > 3 || !Number.isInteger(order)) {
      throw new InputError(`Cannot ${action}: zero.orders must hold orders 1, 2 or 3, got ${order}`);
    }
    if (derivatives[order - 1].data.some((value) => value !== 0)) {
      throw new InputError(`Cannot ${action}: order ${order} is certified zero, but d${order} is not zero`);
    }
  }
}

/**
 * Evidence of any origin: A, D1, D2, D3 of one image, checked. Arrays are kept without a copy where they are
 * row-major already; derivatives become float64.
 *
 * Shapes: activation, d1, d2, d3 [K, H, W]. True D_r = exp(logScale) · d_r.
 * @throws ShapeError when shapes differ or are empty; InputError for NaN or Infinity, an unknown score, or a
 * certificate that the values contradict.
 * @example
 * const a = tensor([[[1, 2], [3, 4]]]);
 * const d = tensor([[[0.5, 0], [0, 0.5]]]);
 * evidenceOf({ activation: a, score: 'exp', classIndex: 0, y: 1, d1: d, d2: d, d3: d }).logScale // 0
 */
export function evidenceOf(parts: EvidenceParts): Evidence {
  wantRecord(parts, 'evidence', action);
  if (!evidenceScores.includes(parts.score)) {
    throw new InputError(
      `Cannot ${action}: score must be one of ${evidenceScores.join(', ')}, got ${String(parts.score)}`,
    );
  }
  if (!Number.isInteger(parts.classIndex) || parts.classIndex < 0) {
    throw new InputError(
      `Cannot ${action}: classIndex must be an index from 0, got ${describe(parts.classIndex)}`,
    );
  }
  const activation = finiteActivation(parts.activation, action);
  const d1 = finiteDerivative(parts.d1, 'd1', activation.shape, action);
  const d2 = finiteDerivative(parts.d2, 'd2', activation.shape, action);
  const d3 = finiteDerivative(parts.d3, 'd3', activation.shape, action);
  if (parts.zero !== undefined) checkCertificate(parts.zero, [d1, d2, d3]);
  return {
    activation,
    score: parts.score,
    classIndex: parts.classIndex,
    ...(parts.against !== undefined && { against: parts.against }),
    logScale: finiteNumber(parts.logScale ?? 0, 'logScale'),
    y: finiteNumber(parts.y, 'y'),
    d1,
    d2,
    d3,
    ...(parts.zero?.orders.length ? { zero: parts.zero } : {}),
    samples: parts.samples ?? [],
    sigma: finiteNumber(parts.sigma ?? 0, 'sigma', 0),
    seed: finiteNumber(parts.seed ?? 0, 'seed'),
    noiseStd: finiteNumber(parts.noiseStd ?? 0, 'noiseStd', 0),
  };
}
