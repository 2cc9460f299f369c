import type { Tensor } from '../../tensor/tensor.ts';

/** Y as a function of the logits z, with what its exact derivatives need. */
export interface Score {
  readonly name: string;
  /** The class, where the score speaks of one. */
  readonly classIndex?: number;
  /** Whether y is a function of that class's logit alone. */
  readonly seesOneLogit?: boolean;
  /** y · exp(logScale) = Y, built from z by differentiable operations; logScale is fixed at this z. */
  value(z: Tensor): { y: Tensor; logScale: number };
  /**
   * Closed form of the derivatives of y along directions v at z: out[r − 1][i] = dʳ/dtʳ y(z + t v_i) at t = 0, v_i the
   * i-th row of `directions` [lanes, m].
   */
  derivativesAlong?(z: Float64Array, directions: Float64Array, order: number): Float64Array[];
}
