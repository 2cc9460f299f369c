import { LazyTensor } from '../tensor/deferred.ts';
import { broadcastShapes, type Shape, sizeOf } from '../tensor/shape.ts';
import { allocate, type DType, type Tensor } from '../tensor/tensor.ts';
import type { Primitive } from './primitive.ts';
import { type Level, nextLevelId, type Traced, traced, tracedAt } from './trace.ts';

/** A tensor of zeros that takes memory only when its values are read. */
function lazyZeros(shape: Shape, dtype: DType): Tensor {
  return new LazyTensor(shape, dtype, () => allocate(sizeOf(shape), dtype));
}

function outputShape(primitive: Primitive, shapes: readonly Shape[], attributes: unknown): Shape {
  return primitive.shape?.(shapes, attributes) ?? broadcastShapes(shapes, primitive.name);
}

/** A run of a function on shapes alone: no arithmetic, but the count of its multiply-adds. */
export interface ShapeRun<P = undefined> {
  /** A tensor of this shape that stands for any values; operations on it give such tensors again. */
  input(shape: Shape, dtype?: DType, payload?: P): Tensor;
  /** Multiply-adds of the products (matrices, convolutions) since the last call. */
  takeMultiplyAdds(): number;
  /** What the run knows of a tensor besides its shape; undefined for one that it did not make. */
  knownOf(x: Tensor): P | undefined;
}

/** What a run is to know of tensors besides their shapes. */
export interface Knowing<P> {
  input(shape: Shape): P;
  apply(
    primitive: Primitive,
    given: {
      readonly inputs: readonly (P | undefined)[];
      readonly shapes: readonly Shape[];
      readonly attributes: unknown;
    },
    output: Shape,
  ): P;
}

const nothing: Knowing<undefined> = { input: () => undefined, apply: () => undefined };

export function createShapeRun(): ShapeRun;
export function createShapeRun<P>(knowing: Knowing<P>): ShapeRun<P>;
export function createShapeRun(knowing: Knowing<unknown> = nothing): ShapeRun<unknown> {
  let count = 0;
  const level: Level = {
    id: nextLevelId(),
    shapesOnly: true,
    apply(primitive, inputs, attributes) {
      const shapes = inputs.map((x) => x.shape);
      const shape = outputShape(primitive, shapes, attributes);
      if (primitive.kind === 'bilinear') count += primitive.multiplyAdds?.(shapes, shape, attributes) ?? 0;
      const known = inputs.map(knownOf);
      return abstract(
        shape,
        inputs.some((x) => x.dtype === 'float64') ? 'float64' : 'float32',
        knowing.apply(primitive, { inputs: known, shapes, attributes }, shape),
      );
    },
  };
  const knownOf = (x: Tensor) => tracedAt(x, level)?.payload;
  const abstract = (shape: Shape, dtype: DType, payload: unknown): Traced =>
    traced(level, lazyZeros(shape, dtype), payload);
  return {
    input: (shape, dtype = 'float32', payload = knowing.input(shape)) => abstract(shape, dtype, payload),
    takeMultiplyAdds: () => {
      const taken = count;
      count = 0;
      return taken;
    },
    knownOf,
  };
}
