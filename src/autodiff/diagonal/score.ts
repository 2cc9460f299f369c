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
  /** The same with logits of little weight merged into one, within bounds. */
  merging?(z: Float64Array): Merging;
}

/** Directions v_i, i < count: entry p of v_i is data[p · valueStride + i · laneStride]. */
export interface Directions {
  readonly data: Float64Array;
  readonly count: number;
  readonly valueStride: number;
  readonly laneStride: number;
}

/** Closed forms in which all but the first few logits of `ranked` are merged into one. */
export interface Merging {
  /** The score's own logit, then the others by what they weigh. */
  readonly ranked: Int32Array;
  /** Of those beyond the first `kept`: their shares of what they weigh, Σ = 1, and that weight. */
  merged(kept: number): { readonly shares: Float64Array; readonly mass: number };
  /**
   * Derivatives along `kept` + 1 directions, the last one the mean of the merged by their shares, and what each can differ from the
   * unmerged: errors[r − 1][i]. reach[i] bounds entry i of all merged directions.
   */
  along(
    directions: Directions,
    options: { readonly kept: number; readonly order: number; readonly reach: Float64Array },
  ): { readonly derivatives: Float64Array[]; readonly errors: Float64Array[] };
}
