import type { Score } from '../autodiff/diagonal/score.ts';
import type { Layout } from '../autodiff/places/layout.ts';
import type { Model } from '../model/model.ts';
import type { RunOptions } from '../model/run/program.ts';
import type { Split, SplitRun } from '../model/split.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Evidence } from './evidence.ts';
import type { Selection } from './select.ts';

/** What may stand above in α, by the names they have in flags: D2 (Grad-CAM++), or D1 (Smooth Grad-CAM++ as printed). */
export const numeratorNames = ['second', 'first'] as const;

/** What stands above in α. */
export type Numerator = (typeof numeratorNames)[number];

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

/** The weights of a method. */
export interface MethodResult {
  /** w_k, [K]; 0 for the maps that are not selected. True weights are exp(logScale) · weights. */
  readonly weights: Float64Array;
  readonly counts: AlphaCounts;
  /** The selected maps, ascending. */
  readonly maps: readonly number[];
}

/** What takes part in a map. */
export interface MethodOptions {
  /** Which maps, cells or neurons take part; the whole layer without it. */
  readonly select?: Selection | undefined;
}

/** What takes part in a map, and what stands above in α. */
export interface PlusPlusOptions extends MethodOptions {
  /** What stands above in α: D2 (Grad-CAM++, the default) or D1 (Smooth Grad-CAM++ as printed). */
  readonly numerator?: Numerator | undefined;
}

/** Another method that gives the same map here, and why. */
export interface Equality {
  readonly method: string;
  readonly reason: string;
}

/** A raw map and what it was made with. */
export interface RawMap {
  /** Float64 [H, W]. */
  readonly raw: Tensor;
  /** w_k, [K], for methods that weigh whole feature maps; and how α came out, for those that have one. */
  readonly weights?: Float64Array;
  readonly counts?: AlphaCounts;
  /** The selected feature maps, ascending; absent where the layer does not enter. */
  readonly maps?: readonly number[];
  /** Why the map is all zero and what to try; absent where it is not. */
  readonly empty?: string;
}

/** What was chosen, for captions. */
export interface Captions {
  readonly score: string;
  /** As text: σ and n. */
  readonly noise: string;
}

/** What is known of every method. */
export interface MethodFacts {
  /** As in the literature. */
  readonly title: string;
  /** What a value of the map is of: a cell of a layer, or a single pixel; the two are drawn in different ways. */
  readonly look: 'cells' | 'pixels';
  /** One of the four that the Smooth Grad-CAM++ paper compares: those run unless others are named. */
  readonly isDefault: boolean;
  /** What the map was made from, in a few words. */
  caption(captions: Captions): string;
}

/** What is known of a method that reads a layer. */
export interface LayerFacts extends MethodFacts {
  /** Which score: always the logit z_c (or the caller's own function), or the one that was chosen. */
  readonly score: 'logit' | 'chosen';
  /** The highest of the derivatives that it reads. */
  readonly order: 1 | 3;
  /** Means over noisy inputs, or the clean input's. */
  readonly noisy: boolean;
  /** The method that it is without noise, where noise may change nothing; see `smoothEquals`. */
  readonly smooths?: string;
  /** Whether the chosen derivative stands above in its α. */
  readonly takesNumerator?: boolean;
  /** What has a weight of its own: each feature map, so that the map is ReLU(Σ_k w_k A^k), or each cell. */
  readonly weighs: 'maps' | 'cells';
}

/** A method that reads a layer: A and the derivatives of a score with respect to it. */
export interface LayerMethod extends LayerFacts {
  readonly of: 'layer';
  map(evidence: Evidence, options: PlusPlusOptions): RawMap;
}

/** A picture in the network, for methods that take passes of their own. */
export interface Network {
  readonly model: Model;
  /** [1, C, H, W] */
  readonly image: Tensor;
  readonly split: Split;
  /** The picture behind the trunk, and the head that belongs to it. */
  readonly clean: SplitRun;
  /** Of the layer. */
  readonly layout: Layout;
  /** Rows [N, M] of the head's entries as rows [N, m] that the score is of; as they are unless given. */
  readonly rows?: ((z: Tensor) => Tensor) | undefined;
  /** The method's score, of a row [m]. */
  readonly score: Score;
  readonly options: Pick<RunOptions, 'signal' | 'threads'>;
}

/** A method that takes passes of its own beside the evidence of the clean picture. */
export interface NetworkMethod extends LayerFacts {
  readonly of: 'network';
  readonly order: 1;
  readonly noisy: false;
  /** Why it cannot explain this network, if it cannot. */
  unfit?(model: Model): string | undefined;
  map(evidence: Evidence, options: PlusPlusOptions, network: Network): Promise<RawMap>;
}

/** A method that reads the mean gradient of the logit with respect to the input over noisy inputs. */
export interface InputMethod extends MethodFacts {
  readonly of: 'input';
  readonly noisy: true;
  /** Of the gradient [1, C, H, W]. */
  map(gradient: Tensor): RawMap;
}

/** What is known of a method; the rows are in methods.ts. */
export type Method = LayerMethod | NetworkMethod | InputMethod;
