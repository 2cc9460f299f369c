import { withSlabs } from '../tensor/arrays.ts';
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts';
import { type Tensor, type TensorLike, zeros } from '../tensor/tensor.ts';
import { plus } from './coefficients.ts';
import { mul } from './operations.ts';
import { outputLeaves } from './outputs.ts';
import type { Primitive } from './primitive.ts';
import { applyLinear } from './propagate.ts';
import { type HasAux, prepare } from './signatures.ts';
import { apply, concrete, type Level, nextLevelId, owned, primalAt, traced, tracedAt } from './trace.ts';
import { leavesLike, leavesOf, pointOf, replaceLeaves, type Tree } from './trees.ts';

/** The tangent of a primitive's output, for tangents of its inputs; `undefined` is zero by structure. */
function pushTangent(
  primitive: Exclude<Primitive, { kind: 'constant' }>,
  xs: readonly Tensor[],
  dxs: readonly (Tensor | undefined)[],
  { y, attributes }: { y: Tensor; attributes: unknown },
): Tensor | undefined {
  switch (primitive.kind) {
    case 'linear':
      return applyLinear({ primitive, attributes }, dxs, xs);
    case 'selection':
      return applyLinear(primitive.select(xs.map(concrete), attributes), dxs, xs);
    case 'bilinear':
      return plus(
        dxs[0] && apply(primitive, [dxs[0], xs[1]], attributes),
        dxs[1] && apply(primitive, [xs[0], dxs[1]], attributes),
      );
    case 'elementwise': {
      let total: Tensor | undefined;
      for (let i = 0; i < xs.length; i++) {
        const dx = dxs[i];
        if (dx !== undefined) total = plus(total, mul(dx, primitive.derivatives[i](xs, y, attributes)));
      }
      return total;
    }
  }
}

/** What f gives, and its tangent, for tangents of some of x's tensors (undefined is zero); all have the same lanes. */
export function pushForward(
  f: (x: unknown) => unknown,
  { point, dxs, lanes, action }: Push,
): { y: unknown; dy: unknown; level: Level } {
  /** Traced tensors carry their tangents. */
  const level: Level<Tensor | undefined> = {
    id: nextLevelId(),
    apply(primitive, inputs, attributes) {
      const xs = inputs.map((each) => primalAt(each, level));
      const tangents = inputs.map((each) => tracedAt(each, level)?.payload);
      const y = apply(primitive, xs, attributes);
      const kept = primitive as Exclude<Primitive, { kind: 'constant' }>;
      return traced(level, y, pushTangent(kept, xs, tangents, { y, attributes }));
    },
  };
  const x = replaceLeaves(point, (leaf, i) => (dxs[i] === undefined ? leaf : traced(level, leaf, dxs[i])));
  const out = withSlabs(() => f(x));
  const leaves = outputLeaves(out, action);
  const y = replaceLeaves(out, (_, i) => owned(primalAt(leaves[i], level)));
  const dy = replaceLeaves(out, (_, i) => {
    const tangent = tracedAt(leaves[i], level)?.payload;
    return tangent ? owned(tangent) : zeros([...lanes, ...leaves[i].shape], leaves[i].dtype);
  });
  return { y, dy, level };
}

interface Push {
  readonly point: unknown;
  readonly dxs: readonly (Tensor | undefined)[];
  readonly lanes: Shape;
  readonly action: string;
}

/** The lanes that all tangents have before their tensor's own shape. @throws ShapeError where they have not. */
function lanesOf(tangents: readonly Tensor[], leaves: readonly Tensor[], action: string): Shape {
  if (leaves.length === 0) return [];
  const lanes = tangents[0].shape.slice(0, tangents[0].shape.length - leaves[0].shape.length);
  tangents.forEach((dx, i) => {
    const { shape } = leaves[i];
    if (sameShape(dx.shape, [...lanes, ...shape])) return;
    throw new ShapeError(
      `Cannot ${action} of f: the tangent must have x's shape ${formatShape(shape)}, got ${formatShape(dx.shape)}`,
    );
  });
  return lanes;
}

/**
 * The Jacobian-vector product: y = f(x) and dy = ∂f/∂x · dx, of f's output shape. x, dx and y may be trees of tensors.
 * dx may have extra leading axes (lanes): each is a tangent of its own, and dy has the same lanes.
 * Cost: about two evaluations of f for each tangent.
 * @throws ShapeError when the trailing shape of dx is not x's. @throws InputError when f does not return a tensor or a tree of them.
 * @example
 * const { y, dy } = jvp((x) => mul(x, x), [1, 2], [1, 10]);
 * y // [1, 4]
 * dy // [2, 40]
 */
export function jvp<Y extends Tree>(f: (x: Tensor) => Y, x: TensorLike, dx: TensorLike): { y: Y; dy: Y };
export function jvp<X extends Tree, Y extends Tree>(f: (x: X) => Y, x: X, dx: X): { y: Y; dy: Y };
export function jvp<Y extends Tree, A>(
  f: (x: Tensor) => readonly [Y, A],
  x: TensorLike,
  ...rest: [dx: TensorLike, options: HasAux]
): { y: Y; dy: Y; aux: A };
export function jvp<X extends Tree, Y extends Tree, A>(
  f: (x: X) => readonly [Y, A],
  x: X,
  ...rest: [dx: X, options: HasAux]
): { y: Y; dy: Y; aux: A };
export function jvp(f: unknown, x: unknown, ...[dx, options]: [dx?: unknown, options?: unknown]): unknown {
  const action = 'take jvp';
  const prepared = prepare(f, { options, action });
  const point = pointOf(x);
  const leaves = leavesOf(point, 'x');
  const dxs = leavesLike(point, pointOf(dx), 'dx');
  const lanes = lanesOf(dxs, leaves, action);
  const { y, dy, level } = pushForward(prepared, { point, dxs, lanes, action });
  return { y, dy, ...prepared.aux(level) };
}
