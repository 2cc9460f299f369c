import { add, cumsum, matmul, mul, neg, reshape, sum } from '../autodiff/operations.ts';
import { slice, tril, triu } from '../autodiff/selecting.ts';
import { InputError } from '../tensor/errors.ts';
import { checkSpreads } from '../tensor/shape.ts';
import { fromData, full, type Tensor } from '../tensor/tensor.ts';
import { type Layers, need, number, simple, valuesOf, wholeMap } from './layer.ts';

/**
 * The determinant of matrices [..., n, n], by products and sums alone, so that its derivatives hold where it is 0.
 * Source: Bird 2011, "A simple division-free algorithm for computing determinants".
 */
function determinant(x: Tensor): Tensor {
  const n = x.shape.at(-1) ?? 0;
  if (x.shape.length < 2 || n !== x.shape.at(-2))
    throw new InputError(`square matrices are wanted, got [${x.shape.join(', ')}]`);
  const lead = x.shape.slice(0, -2);
  if (n === 0) return full(lead, 1, x.dtype);
  const eye = fromData(
    Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)),
    [n, n],
  );
  let f = x;
  for (let k = 1; k < n; k++) {
    const diagonal = sum(mul(f, eye), -1, { keepDimensions: true });
    // −Σ of the diagonal below each place.
    const below = neg(cumsum(diagonal, -2, { reverse: true, exclusive: true }));
    f = matmul(add(triu(f, 1), mul(below, eye)), x);
  }
  const corner = reshape(slice(slice(f, { axis: -1, end: 1 }), { axis: -2, end: 1 }), lead);
  return n % 2 === 0 ? neg(corner) : corner;
}

const times = (factor: number, x: Tensor) => (factor === 1 ? x : mul(factor, x));

export const matrices: Layers = {
  Trilu: {
    affine: 'first',
    ...wholeMap,
    // Of a single matrix the rows lie along the axis of images.
    images: ({ rank }) => rank > 2,
    inputs: [1, 2],
    attributes: { upper: 'int' },
    evaluate: (inputs, attributes) => {
      const triangle = number(attributes, 'upper', 1) === 1 ? triu : tril;
      return triangle(need(inputs, 0, 'input'), valuesOf(inputs[1])?.[0] ?? 0);
    },
  },
  Det: simple(determinant, { ...wholeMap, images: ({ rank }) => rank > 2 }),
  MatMul: {
    ...wholeMap,
    affine: 'singly',
    weights: [0, 1],
    inputs: [2, 2],
    evaluate: (inputs) => matmul(need(inputs, 0, 'A'), need(inputs, 1, 'B')),
  },
  Gemm: {
    affine: 'first',
    ...wholeMap,
    weights: [1],
    inputs: [2, 3],
    attributes: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' },
    evaluate: (inputs, attributes) => {
      const transposed = {
        left: number(attributes, 'transA', 0) === 1,
        right: number(attributes, 'transB', 0) === 1,
      };
      const product = matmul(need(inputs, 0, 'A'), need(inputs, 1, 'B'), transposed);
      const scaled = times(number(attributes, 'alpha', 1), product);
      const c = inputs[2];
      if (c !== undefined) checkSpreads(c.shape, product.shape, 'C');
      return c === undefined ? scaled : add(scaled, times(number(attributes, 'beta', 1), c));
    },
  },
};
