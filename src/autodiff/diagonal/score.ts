import type { Tensor } from '../../tensor/tensor.ts';

/** Y as a function of the logits z, with what its exact derivatives need. */
export interface Score {
  readonly name: string;
  /** The class, where the score speaks of one. */
  readonly classIndex?: number;
  /** Weights of the logits that it reads, where y is a function of Σ weight · z_index alone; that of its class is 1. */
  readonly seesOnly?: ReadonlyMap<number, number>;
  /** y · exp(logScale) = Y, built from z by differentiable operations; logScale is fixed at this z. */
  value(z: Tensor): { y: Tensor; logScale: number };
  /** Closed form, up to order 3, of y's derivatives along directions v at z: out[r − 1][i] = dʳ/dtʳ y(z + t v_i) at t = 0. */
  derivativesAlong?(z: Float64Array, directions: Directions, order: number): Float64Array[];
}

/** Directions v_i, i < count: entry p of v_i is data[p · valueStride + i · laneStride]. */
export interface Directions {
  readonly data: Float64Array;
  readonly count: number;
  readonly valueStride: number;
  readonly laneStride: number;
}
