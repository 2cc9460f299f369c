import type { Tensor, TensorLike } from '../tensor/tensor.ts';
import { jvp, pushForward } from './forward.ts';
import { reshape } from './operations.ts';
import { basis, grad } from './reverse.ts';
import { type HasAux, type Input, type LikeInput, type PointOf, prepare } from './signatures.ts';
import { leavesOf, pointOf, replaceLeaves, type Tree, type TreeOf, treeLeaves } from './trees.ts';

/**
 * The Hessian-vector product H v of a scalar function, forward over reverse: of x's shape, or of its tree.
 * v may have extra leading axes (lanes), one vector each. Cost: about two gradients.
 * @throws ShapeError when f's output is not a scalar, or v is not of x's shape.
 * Source: Pearlmutter 1994, "Fast exact multiplication by the Hessian".
 * @example
 * hvp((x) => sum(power(x, 3)), [1, 2], [1, 0]) // [6, 0]
 */
export function hvp(f: (x: Tensor) => Tensor, x: TensorLike, v: TensorLike): Tensor;
export function hvp<X extends Tree>(f: (x: X) => Tensor, x: X, v: X): X;
export function hvp(f: unknown, x: unknown, v: unknown): unknown {
  prepare(f, { options: undefined, action: 'take hvp' });
  return jvp(grad(f as (x: Tree) => Tensor) as (x: Tree) => Tree, pointOf(x) as Tree, pointOf(v) as Tree).dy;
}

/**
 * All second derivatives ∂²f/∂x_i∂x_j of a scalar function, forward over reverse, as a function of x: shape
 * [...x's shape, ...x's shape]. For a tree, x's tree with x's tree in place of each tensor. Further arguments and `hasAux` as for
 * `grad`. Cost: about one gradient for each entry of x, all at once.
 * @throws ShapeError when f's output is not a scalar.
 * @example
 * hessian((x) => sum(power(x, 3)))([1, 2]) // [[6, 0], [0, 12]]
 */
export function hessian<X extends Input = Tensor, R extends readonly unknown[] = []>(
  f: (x: X, ...rest: R) => Tensor,
): (x: PointOf<X>, ...rest: R) => TreeOf<LikeInput<X>, LikeInput<X>>;
export function hessian<X extends Input = Tensor, R extends readonly unknown[] = [], A = unknown>(
  f: (x: X, ...rest: R) => readonly [Tensor, A],
  options: HasAux,
): (x: PointOf<X>, ...rest: R) => { hessian: TreeOf<LikeInput<X>, LikeInput<X>>; aux: A };
export function hessian(f: unknown, options?: HasAux): unknown {
  const action = 'take hessian';
  prepare(f, { options, action });
  const gradOf = grad as (f: unknown, options: unknown) => (...args: unknown[]) => unknown;
  return (x: unknown, ...rest: unknown[]) => {
    const point = pointOf(x);
    const leaves = leavesOf(point, 'x');
    // What grad gives beside the gradient belongs to the level of the tangents.
    const prepared = prepare((at: unknown) => pairOf(gradOf(f, options)(at, ...rest), options), {
      options,
      action,
    });
    let aux: { aux?: unknown } = {};
    const rows = leaves.map(({ shape }, i) => {
      const tangent = basis(shape);
      const dxs = leaves.map((_, j) => (j === i ? tangent : undefined));
      const { dy, level } = pushForward(prepared, { point, dxs, lanes: tangent.shape.slice(0, 1), action });
      aux = prepared.aux(level);
      return treeLeaves(dy as Tree).map((row, j) => reshape(row, [...shape, ...leaves[j].shape]));
    });
    const all = replaceLeaves(point, (_, i) => replaceLeaves(point, (_, j) => rows[i][j]));
    return options?.hasAux === true ? { hessian: all, ...aux } : all;
  };
}

/** What grad gives as [gradient, aux], where it gives both. */
function pairOf(gradient: unknown, options: HasAux | undefined): unknown {
  if (options?.hasAux !== true) return gradient;
  const both = gradient as { gradient: unknown; aux: unknown };
  return [both.gradient, both.aux];
}
