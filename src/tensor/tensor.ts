import { InputError, ShapeError } from './errors.ts';
import { formatShape, type Shape, sizeOf } from './shape.ts';

export type FloatArray = Float64Array | Float32Array;
export type DType = 'float64' | 'float32';

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

/** Anything with ndarray's fields; data may be a plain array or hold integers. */
export interface NdarrayLike {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

export type NestedNumbers = number | readonly NestedNumbers[];

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

/** A row-major tensor over `data`, without a copy. @throws ShapeError when the sizes differ. */
export function fromData(data: FloatArray, shape: Shape): Tensor {
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(
      `Cannot make a tensor of shape ${formatShape(shape)}: it needs ${sizeOf(shape)} values, got ${data.length}`,
    );
  }
  const dtype = data instanceof Float32Array ? 'float32' : 'float64';
  return { data, shape: [...shape], stride: rowMajor(shape), offset: 0, dtype };
}

export function allocate(size: number, dtype: DType): FloatArray {
  return dtype === 'float32' ? new Float32Array(size) : new Float64Array(size);
}

/** A tensor of zeros. */
export function zeros(shape: Shape, dtype: DType = 'float64'): Tensor {
  return fromData(allocate(sizeOf(shape), dtype), shape);
}

/** A tensor whose entries are all `value`. */
export function full(shape: Shape, value: number, dtype: DType = 'float64'): Tensor {
  return fromData(allocate(sizeOf(shape), dtype).fill(value), shape);
}

function nestedShape(values: NestedNumbers): number[] {
  const shape: number[] = [];
  for (let level = values; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

function flattenInto(out: FloatArray, values: NestedNumbers, shape: Shape): void {
  let row: readonly NestedNumbers[] = [values];
  for (const length of shape) {
    for (const entry of row) {
      if (!Array.isArray(entry) || entry.length !== length) {
        throw new ShapeError('Cannot make a tensor of nested arrays: rows differ in length');
      }
    }
    row = (row as readonly (readonly NestedNumbers[])[]).flat();
  }
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value !== 'number') {
      throw new InputError(`Cannot make a tensor: entry ${i} is not a number, got ${typeof value}`);
    }
    out[i] = value;
  }
}

/**
 * A tensor of nested arrays (`tensor([[1, 2], [3, 4]])`), of one number (shape []), or of flat values and a shape.
 * The values are copied.
 * @throws ShapeError when rows differ in length or the values do not fill the shape.
 */
export function tensor(
  values: NestedNumbers | ArrayLike<number>,
  shape?: Shape,
  dtype: DType = values instanceof Float32Array ? 'float32' : 'float64',
): Tensor {
  if (shape !== undefined && typeof values !== 'number') {
    const flat = values as ArrayLike<number>;
    if (flat.length !== sizeOf(shape)) return fromData(new Float64Array(flat.length), shape);
    const data = allocate(flat.length, dtype);
    data.set(flat);
    return fromData(data, shape);
  }
  if (ArrayBuffer.isView(values)) return tensor(values, [(values as FloatArray).length], dtype);
  const nested = values as NestedNumbers;
  const inferred = nestedShape(nested);
  const data = allocate(sizeOf(inferred), dtype);
  if (data.length > 0) flattenInto(data, nested, inferred);
  return fromData(data, inferred);
}

export function isContiguous(x: Tensor): boolean {
  if (x.offset !== 0 || x.data.length !== sizeOf(x.shape)) return false;
  let step = 1;
  for (let axis = x.shape.length - 1; axis >= 0; axis--) {
    if (x.shape[axis] !== 1 && x.stride[axis] !== step) return false;
    step *= x.shape[axis];
  }
  return true;
}

/** Calls `visit` with the data index of every entry, in row-major order. */
export function forEachIndex(
  x: { shape: Shape; stride: readonly number[]; offset: number },
  visit: (index: number, position: number) => void,
): void {
  const rank = x.shape.length;
  const count = sizeOf(x.shape);
  const at = new Int32Array(rank);
  let index = x.offset;
  for (let position = 0; position < count; position++) {
    visit(index, position);
    for (let axis = rank - 1; axis >= 0; axis--) {
      index += x.stride[axis];
      if (++at[axis] < x.shape[axis]) break;
      index -= x.shape[axis] * x.stride[axis];
      at[axis] = 0;
    }
  }
}

/** The same tensor in row-major order with offset 0; `x` itself when it already is. */
export function contiguous(x: Tensor): Tensor {
  if (isContiguous(x)) return x;
  const data = allocate(sizeOf(x.shape), x.dtype);
  forEachIndex(x, (index, position) => {
    data[position] = x.data[index];
  });
  return fromData(data, x.shape);
}

function isFloatArray(data: ArrayLike<number>): data is FloatArray {
  return data instanceof Float64Array || data instanceof Float32Array;
}

/** Anything with ndarray's fields as a tensor: a view of float data, a float64 copy of any other kind. */
export function asTensor(x: NdarrayLike): Tensor {
  if (isTensor(x)) return x;
  const { data, shape, stride, offset } = x;
  if (isFloatArray(data)) {
    return { data, shape, stride, offset, dtype: data instanceof Float32Array ? 'float32' : 'float64' };
  }
  const values = new Float64Array(sizeOf(shape));
  forEachIndex(x, (index, position) => {
    values[position] = data[index];
  });
  return fromData(values, shape);
}

/** Whether x has its values in float32 or float64, as a traced tensor's dtype says too. */
function isTensor(x: NdarrayLike): x is Tensor {
  return 'dtype' in x && (x.dtype === 'float32' || x.dtype === 'float64');
}

/** The tensor in another precision; itself when it has it already. */
export function castTo(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const source = contiguous(x);
  return fromData(
    dtype === 'float32' ? Float32Array.from(source.data) : Float64Array.from(source.data),
    x.shape,
  );
}

/** The one number of a tensor of size 1. @throws ShapeError for any other size. */
export function item(x: Tensor): number {
  if (sizeOf(x.shape) !== 1) {
    throw new ShapeError(`Cannot read one number: the tensor has shape ${formatShape(x.shape)}`);
  }
  return x.data[x.offset];
}

/** The values as nested arrays, for printing and for small data. */
export function toNested(x: Tensor): NestedNumbers {
  let row: NestedNumbers[] = Array.from(contiguous(x).data);
  for (let axis = x.shape.length - 1; axis > 0; axis--) {
    const length = x.shape[axis];
    const rows = sizeOf(x.shape.slice(0, axis));
    row = Array.from({ length: rows }, (_, i) => row.slice(i * length, (i + 1) * length));
  }
  return x.shape.length === 0 ? row[0] : row;
}
