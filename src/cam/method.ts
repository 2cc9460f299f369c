import type { Selection } from './select.ts';

/** The methods by the names they have in flags and files. */
export const methodNames = ['gradcam', 'gradcam++', 'smoothgradcam++', 'smoothgrad'] as const;

export type MethodName = (typeof methodNames)[number];

/** How often α_ij met each special case, over the entries that enter the weights. An entry may count several times. */
export interface AlphaCounts {
  /** 0/0: no curvature at all; α = 0. */
  readonly dead: number;
  /** A nonzero numerator over 0: a pole of α; α = 0. */
  readonly singular: number;
  /** α < 0, kept. */
  readonly flipped: number;
  /** |α| > 1/2, kept. */
  readonly large: number;
  /** |2 D2 + ΣA·D3| < 1e-3 (2 |D2| + |ΣA·D3|): the two terms nearly cancel; kept. */
  readonly cancelled: number;
}

export interface MethodResult {
  /** w_k, [K]; 0 for the maps that are not selected. True weights are exp(logScale) · weights. */
  readonly weights: Float64Array;
  readonly counts: AlphaCounts;
  /** The selected maps, ascending. */
  readonly maps: readonly number[];
}

export interface MethodOptions {
  /** Which maps, cells or neurons take part; the whole layer without it. */
  readonly select?: Selection | undefined;
}

export interface PlusPlusOptions extends MethodOptions {
  /** What stands above in α: D2 (Grad-CAM++, the default) or D1 (Smooth Grad-CAM++ as printed). */
  readonly numerator?: 'second' | 'first' | undefined;
}
