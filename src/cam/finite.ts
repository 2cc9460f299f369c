import { InputError, ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts';
import { castTo, contiguous, type Tensor, type TensorLike, toTensor } from '../tensor/tensor.ts';

/** The indices of a row-major position, as text. */
function place(position: number, shape: Shape): string {
  const at: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at.unshift(position % shape[axis]);
    position = Math.floor(position / shape[axis]);
  }
  return formatShape(at);
}

/** Values as a tensor. @throws InputError naming them where they are left out. */
function given(x: TensorLike, name: string, action: string): Tensor {
  if (x === undefined) throw new InputError(`Cannot ${action}: ${name} is missing`);
  return toTensor(x, action);
}

/**
 * x as a row-major tensor that is neither empty nor has NaN or Infinity in it.
 * @throws InputError naming the first bad entry.
 */
export function finiteTensor(x: TensorLike, name: string, action: string): Tensor {
  const flat = contiguous(given(x, name, action));
  if (flat.data.length === 0) {
    throw new ShapeError(`Cannot ${action}: ${name} is empty, its shape is ${formatShape(flat.shape)}`);
  }
  for (let i = 0; i < flat.data.length; i++) {
    if (Number.isFinite(flat.data[i])) continue;
    throw new InputError(
      `Cannot ${action}: ${name} must be finite, got ${flat.data[i]} at ${place(i, flat.shape)}`,
    );
  }
  return flat;
}

/** A finite activation [K, H, W], row-major. @throws ShapeError, InputError */
export function finiteActivation(values: TensorLike, action: string): Tensor {
  const x = given(values, 'activation', action);
  if (x.shape.length !== 3) {
    throw new ShapeError(
      `Cannot ${action}: activation must have shape [K, H, W], got ${formatShape(x.shape)}; ` +
        'take one image without its batch axis, and give a vector of K values as [K, 1, 1]',
    );
  }
  return finiteTensor(x, 'activation', action);
}

/** A finite float64 tensor of the activation's shape, row-major. @throws ShapeError, InputError */
export function finiteDerivative(values: TensorLike, name: string, shape: Shape, action: string): Tensor {
  const x = given(values, name, action);
  if (!sameShape(x.shape, shape)) {
    throw new ShapeError(
      `Cannot ${action}: ${name} must have the activation's shape ${formatShape(shape)}, got ${formatShape(x.shape)}`,
    );
  }
  return castTo(finiteTensor(x, name, action), 'float64');
}
