import { ShapeError } from '../tensor/errors.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { asTensor, fromData, full, type NdarrayLike, type Tensor, zeros } from '../tensor/tensor.ts';
import { reshape, zerosLike } from './operations.ts';
import { isNode, pullback, record } from './tape.ts';
import { type Tree, treeLeaves, treeOf } from './trees.ts';

/**
 * The vector-Jacobian product: y = f(x), and a function from a cotangent g (of y's shape) to gᵀ ∂f/∂x (of x's shape).
 * g may have extra leading axes (lanes): each is a cotangent of its own.
 * Cost: one evaluation of f; about two more for each pullback.
 */
export function vjp(
  f: (x: Tensor) => Tensor,
  x: NdarrayLike,
): { y: Tensor; pullback: (g: NdarrayLike) => Tensor } {
  const point = asTensor(x);
  const { tape, output } = record(([root]) => f(root), [point]);
  if (!isNode(output)) return { y: output, pullback: (g) => spreadZeros(point, asTensor(g), output) };
  return {
    y: output.value,
    pullback: (g) => {
      const cotangent = asTensor(g);
      const [dx] = pullback(tape, new Map([[output, cotangent]]), tape.roots);
      return dx ?? spreadZeros(point, cotangent, output.value);
    },
  };
}

function spreadZeros(x: Tensor, g: Tensor, y: Tensor): Tensor {
  return zeros([...g.shape.slice(0, g.shape.length - y.shape.length), ...x.shape], x.dtype);
}

function wantScalar(y: Tensor, action: string): void {
  if (sizeOf(y.shape) !== 1) {
    throw new ShapeError(
      `Cannot take ${action} of f: output must be a scalar, got shape ${formatShape(y.shape)}; use jacobian instead`,
    );
  }
}

/**
 * f's value and its gradient ∂f/∂x, for a tree of tensors x (a tensor, or arrays and records of them): the gradient has
 * the same tree. Cost: about three evaluations of f, whatever the number of entries.
 * @throws ShapeError when f's output is not a scalar.
 */
export function valueAndGrad<X extends Tree>(f: (x: X) => Tensor): (x: X) => { value: Tensor; gradient: X } {
  return (x) => {
    const leaves = treeLeaves(x);
    const { tape, output } = record((roots) => f(treeOf(x, roots)), leaves);
    const value = isNode(output) ? output.value : output;
    wantScalar(value, 'grad');
    const seed = full(value.shape, 1, value.dtype);
    const grads = isNode(output) ? pullback(tape, new Map([[output, seed]]), tape.roots) : [];
    return {
      value,
      gradient: treeOf(
        x,
        leaves.map((leaf, i) => grads[i] ?? zerosLike(leaf)),
      ),
    };
  };
}

/**
 * The gradient ∂f/∂x of a scalar function, as a function of x.
 * @throws ShapeError when f's output is not a scalar.
 * @example
 * grad((x) => sum(mul(x, x)))(tensor([1, 2])) // [2, 4]
 */
export function grad<X extends Tree>(f: (x: X) => Tensor): (x: X) => X {
  const both = valueAndGrad(f);
  return (x) => both(x).gradient;
}

/** The identity as one cotangent (or tangent) for each entry: [n, ...shape], n the number of entries. */
export function basis(shape: readonly number[]): Tensor {
  const n = sizeOf(shape);
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return fromData(data, [n, ...shape]);
}

/**
 * All first derivatives ∂f_i/∂x_j: shape [...y's shape, ...x's shape]. By reverse mode: one pullback for each entry
 * of y, all at once.
 */
export function jacobian(f: (x: Tensor) => Tensor): (x: NdarrayLike) => Tensor {
  return (x) => {
    const { y, pullback: pull } = vjp(f, x);
    const rows = pull(basis(y.shape));
    return reshape(rows, [...y.shape, ...asTensor(x).shape]);
  };
}
