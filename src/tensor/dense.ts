import { allocate, type DType, type FloatArray } from './arrays.ts';
import type { Layout } from './layout.ts';
import { Printed } from './printed.ts';
import type { Shape } from './shape.ts';

/**
 * An n-dimensional array of floats, with the fields of the `ndarray` package: entry (i, j, …) is
 * data[offset + i·stride[0] + j·stride[1] + …]. Inside a function that is being differentiated a tensor may be
 * *traced*: it has a shape and a dtype, and reading its data throws.
 */
export interface Tensor {
  readonly data: FloatArray;
  readonly shape: Shape;
  readonly stride: readonly number[];
  readonly offset: number;
  readonly dtype: DType;
}

/** Row-major strides of a shape, in elements. */
export function rowMajor(shape: Shape): number[] {
  const stride = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    stride[axis] = step;
    step *= shape[axis];
  }
  return stride;
}

/** A tensor whose fields are known to fit, so that they are not checked again. */
export class DenseTensor extends Printed implements Tensor {
  readonly data: FloatArray;
  readonly shape: Shape;
  readonly stride: readonly number[];
  readonly offset: number;
  readonly dtype: DType;

  constructor(data: FloatArray, { shape, stride, offset }: Layout) {
    super();
    this.data = data;
    this.shape = shape;
    this.stride = stride;
    this.offset = offset;
    this.dtype = data instanceof Float32Array ? 'float32' : 'float64';
  }
}

/** A tensor laid out as x is, over other values. */
export function withData(x: Tensor, data: FloatArray): Tensor {
  return new DenseTensor(data, x);
}

/** A number as a tensor with so many axes of length 1. */
export function single(value: number, rank: number, dtype: DType = 'float64'): Tensor {
  const data = allocate(1, dtype);
  data[0] = value;
  return new DenseTensor(data, onesOf(rank));
}

const allOnes: Layout[] = [];

function onesOf(rank: number): Layout {
  const known = allOnes[rank];
  if (known !== undefined) return known;
  const ones = Object.freeze(new Array<number>(rank).fill(1));
  allOnes[rank] = { shape: ones, stride: ones, offset: 0 };
  return allOnes[rank];
}
