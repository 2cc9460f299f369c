import { ShapeError } from '../tensor/errors.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import { asTensor, type NdarrayLike, type Tensor, zeros } from '../tensor/tensor.ts';
import { mul } from './operations.ts';
import type { Primitive } from './primitive.ts';
import { plus } from './series.ts';
import { applyLinear } from './taylor.ts';
import { apply, concrete, type Level, levelOf, nextLevelId, primalAt, type Traced, traced } from './trace.ts';

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

type Dual = Traced & { readonly tangent: Tensor | undefined };

/**
 * The Jacobian-vector product: y = f(x) and dy = ∂f/∂x · dx, of f's output shape.
 * dx may have extra leading axes (lanes): each is a tangent of its own, and dy has the same lanes.
 * Cost: about two evaluations of f for each tangent.
 * @throws ShapeError when the trailing shape of dx is not x's.
 */
export function jvp(f: (x: Tensor) => Tensor, x: NdarrayLike, dx: NdarrayLike): { y: Tensor; dy: Tensor } {
  const point = asTensor(x);
  const tangent = asTensor(dx);
  if (!sameShape(tangent.shape.slice(tangent.shape.length - point.shape.length), point.shape)) {
    throw new ShapeError(
      `Cannot take jvp of f: the tangent must have x's shape ${formatShape(point.shape)}, got ${formatShape(tangent.shape)}`,
    );
  }
  const level: Level = {
    id: nextLevelId(),
    apply(primitive, inputs, attributes) {
      const xs = inputs.map((each) => primalAt(each, level));
      const dxs = inputs.map((each) => (levelOf(each) === level ? (each as Dual).tangent : undefined));
      const y = apply(primitive, xs, attributes);
      const kept = primitive as Exclude<Primitive, { kind: 'constant' }>;
      return traced(level, y, { tangent: pushTangent(kept, xs, dxs, { y, attributes }) });
    },
  };
  const out = f(traced(level, point, { tangent }));
  const y = primalAt(out, level);
  const dy = levelOf(out) === level ? (out as Dual).tangent : undefined;
  const lanes = tangent.shape.slice(0, tangent.shape.length - point.shape.length);
  return { y, dy: dy ?? zeros([...lanes, ...y.shape], y.dtype) };
}
