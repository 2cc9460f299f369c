import { asTensor, type NdarrayLike, type Tensor } from '../tensor/tensor.ts';
import { jvp } from './forward.ts';
import { reshape } from './operations.ts';
import { basis, grad } from './reverse.ts';

/**
 * The Hessian-vector product H v of a scalar function, forward over reverse: of x's shape.
 * v may have extra leading axes (lanes), one vector each. Cost: about two gradients.
 * Source: Pearlmutter 1994, "Fast exact multiplication by the Hessian".
 */
export function hvp(f: (x: Tensor) => Tensor, x: NdarrayLike, v: NdarrayLike): Tensor {
  return jvp(grad(f), x, v).dy;
}

/**
 * All second derivatives ∂²f/∂x_i∂x_j of a scalar function, forward over reverse: shape [...x's shape, ...x's shape].
 * Cost: about one gradient for each entry of x, all at once.
 */
export function hessian(f: (x: Tensor) => Tensor): (x: NdarrayLike) => Tensor {
  return (x) => {
    const { shape } = asTensor(x);
    return reshape(hvp(f, x, basis(shape)), [...shape, ...shape]);
  };
}
