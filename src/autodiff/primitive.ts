import type { Shape } from '../tensor/shape.ts';
import type { NestedNumbers, Tensor } from '../tensor/tensor.ts';

/**
 * What a primitive is: one row that says what cannot be derived. Every mode of differentiation is derived from it
 * by kind (forward.ts, taylor.ts, reverse.ts).
 *
 * Lanes: a rule must accept operands with extra *leading* axes and carry them along. Attributes therefore speak of
 * trailing axes only (axes counted from the end, shapes without lanes).
 */
export type Primitive<A = unknown> = Linear<A> | Bilinear<A> | Elementwise<A> | Selection<A> | Constant<A>;

/**
 * What becomes of the axes of a primitive's inputs, so that what each axis means is followed through a network without a number being
 * computed. Axes count from the end.
 */
export type AxisPath =
  /** An entry goes to its own place, broadcast; along `mixes` it sees the others, too. */
  | { readonly kind: 'aligned'; readonly mixes?: readonly number[] }
  /** The same entries in row-major order under another shape. */
  | { readonly kind: 'renamed' }
  /** out[p] = x[index[p]], nothing where that is −1. */
  | { readonly kind: 'taken'; readonly from: TakenFrom }
  /** Put one behind another along an axis. */
  | { readonly kind: 'joined'; readonly axis: number }
  /** Gathered along axes, which keep length 1. */
  | { readonly kind: 'reduced'; readonly axes: readonly number[] }
  /** A matrix product over the last two axes. */
  | { readonly kind: 'multiplied'; readonly left: boolean; readonly right: boolean }
  /** A window of cells over the last `spatial` axes; with `channels`, over all of the axis before them. */
  | { readonly kind: 'windowed'; readonly spatial: number; readonly channels: boolean }
  /** Not known. */
  | { readonly kind: 'lost' };

/** Which entry each one is: by position, or as strides over the input in row-major order. */
export interface TakenFrom {
  readonly input: Shape;
  readonly index: Int32Array;
  readonly view?: { readonly stride: readonly number[]; readonly offset: number } | undefined;
}

/** What every primitive says of itself. */
export interface Row<A> {
  readonly name: string;
  /** Inputs at which one test checks every mode. */
  readonly samples: readonly Sample<A>[];
  /**
   * The operation that applies it, where its name is another than the row's; false for a row that only rules and other
   * operations apply.
   */
  readonly operation?: string | false;
  /** Where the formula comes from. */
  readonly source: string;
  /** Shape of the output for shapes of the inputs; without it, the inputs are broadcast. */
  shape?(shapes: readonly Shape[], attributes: A): Shape;
  /** What becomes of the axes; without it, `aligned` where the inputs are broadcast, else `lost`. */
  axes?(attributes: A): AxisPath;
}

/** Inputs and attributes at which a primitive is checked. */
export interface Sample<A = unknown> {
  readonly inputs: readonly NestedNumbers[];
  readonly attributes: A;
  /** The true values there, by hand or from an independent computation: each entry is compared by itself. */
  readonly output?: NestedNumbers;
  /** Only the values are compared: differences would step over a pole or a kink there. */
  readonly valuesOnly?: true;
}

/** Linear in all its inputs together: jvp = forward(dx), vjp = transpose, Taylor = forward on each coefficient. */
export interface Linear<A = unknown> extends Row<A> {
  readonly kind: 'linear';
  forward(xs: readonly Tensor[], attributes: A): Tensor;
  /** The cotangent of input i, for the cotangent g of the output; `shape` is that input's shape. */
  transpose(
    g: Tensor,
    attributes: A,
    input: { index: number; shape: Shape; shapes: readonly Shape[] },
  ): Tensor;
  /** forward where some inputs are identically zero; without it, zeros are filled in. */
  partial?(xs: readonly (Tensor | undefined)[], attributes: A): Tensor | undefined;
}

/** Linear in each of two inputs: jvp by the product rule, Taylor c[k] = Σ_j op(a[j], b[k−j]). */
export interface Bilinear<A = unknown> extends Row<A> {
  readonly kind: 'bilinear';
  forward(xs: readonly Tensor[], attributes: A): Tensor;
  /** Cotangent of the first input, from g and the second input. */
  transposeLeft(g: Tensor, right: Tensor, attributes: A, shape: Shape): Tensor;
  /** Cotangent of the second input, from g and the first input. */
  transposeRight(g: Tensor, left: Tensor, attributes: A, shape: Shape): Tensor;
  /** Multiply-adds of one forward; left out where entries are multiplied one by one, and nothing is added. */
  multiplyAdds?(shapes: readonly Shape[], output: Shape, attributes: A): number;
}

/** A smooth function of corresponding entries. */
export interface Elementwise<A = unknown> extends Row<A> {
  readonly kind: 'elementwise';
  forward(xs: readonly Tensor[], attributes: A): Tensor;
  /** ∂y/∂x_i for each input i, given the inputs and y. */
  readonly derivatives: readonly ((xs: readonly Tensor[], y: Tensor, attributes: A) => Tensor)[];
  /** Inputs in which it is linear while the others are fixed. */
  readonly linearIn?: readonly number[];
  /** Coefficients of y for order ≥ 1, given those of the inputs and y's own value. */
  taylor(xs: readonly Series[], y: Tensor, order: number, attributes: A): Series;
}

/** Picks among its inputs by comparing values; the choice is frozen at order 0. */
export interface Selection<A = unknown> extends Row<A> {
  readonly kind: 'selection';
  forward(xs: readonly Tensor[], attributes: A): Tensor;
  /** The linear map that the choice is at these (untraced) values. Ties: see each row. */
  select(xs: readonly Tensor[], attributes: A): LinearMap;
  /** How many entries stand exactly at a kink. */
  kinks(xs: readonly Tensor[], attributes: A): Partial<KinkCounts>;
  /** The function whose derivatives it has, where those are not its own: differences are taken of this one. */
  straightThrough?(xs: readonly Tensor[], attributes: A): Tensor;
}

/** A linear primitive with its attributes: what a selection is at a point. */
export interface LinearMap<A = unknown> {
  readonly primitive: Linear<A>;
  readonly attributes: A;
}

/** How many entries stand exactly at a kink: zeros of ReLUs, ties of max-pools, others. */
export interface KinkCounts {
  reluZeros: number;
  poolTies: number;
  other: number;
}

/** Piecewise constant: zero in all modes. */
export interface Constant<A = unknown> extends Row<A> {
  readonly kind: 'constant';
  forward(xs: readonly Tensor[], attributes: A): Tensor;
}

/**
 * Taylor coefficients c[k] = f^(k)/k! along a line; `undefined` is a coefficient that is zero by structure and is never
 * multiplied. c[0] is always there.
 */
export type Series = readonly (Tensor | undefined)[];
