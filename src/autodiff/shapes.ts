import { LazyTensor } from '../tensor/deferred.ts';
import { broadcastShapes, type Shape, sizeOf } from '../tensor/shape.ts';
import { allocate, type DType, type Tensor } from '../tensor/tensor.ts';
import type { Primitive } from './primitive.ts';
import { type Level, nextLevelId, type Traced, traced } from './trace.ts';

/** A tensor of zeros that takes memory only when its values are read. */
function lazyZeros(shape: Shape, dtype: DType): Tensor {
  return new LazyTensor(shape, dtype, () => allocate(sizeOf(shape), dtype));
}

function outputShape(primitive: Primitive, shapes: readonly Shape[], attributes: unknown): Shape {
  return primitive.shape?.(shapes, attributes) ?? broadcastShapes(shapes, primitive.name);
}

/** A run of a function on shapes alone: no arithmetic, but the count of its multiply-adds. */
export interface ShapeRun {
  /** A tensor of this shape that stands for any values; operations on it give such tensors again. */
  input(shape: Shape, dtype?: DType): Tensor;
  /** Multiply-adds of the products (matrices, convolutions) since the last call. */
  takeMultiplyAdds(): number;
}

export function createShapeRun(): ShapeRun {
  let count = 0;
  const level: Level<undefined> = {
    id: nextLevelId(),
    shapesOnly: true,
    apply(primitive, inputs, attributes) {
      const shapes = inputs.map((x) => x.shape);
      const shape = outputShape(primitive, shapes, attributes);
      if (primitive.kind === 'bilinear') count += primitive.multiplyAdds?.(shapes, shape, attributes) ?? 0;
      return abstract(shape, inputs.some((x) => x.dtype === 'float64') ? 'float64' : 'float32');
    },
  };
  const abstract = (shape: Shape, dtype: DType): Traced<undefined> =>
    traced(level, lazyZeros(shape, dtype), undefined);
  return {
    input: (shape, dtype = 'float32') => abstract(shape, dtype),
    takeMultiplyAdds: () => {
      const taken = count;
      count = 0;
      return taken;
    },
  };
}
