import { allocate, type DType, type FloatArray } from './arrays.ts';
import { DenseTensor, rowMajor, type Tensor } from './dense.ts';
import { describe } from './describe.ts';
import { InputError, ShapeError } from './errors.ts';
import { checkLayout, forEachIndex } from './layout.ts';
import { flattenInto, type NestedNumbers, nestedShape, writeNumbers } from './nested.ts';
import { Printed } from './printed.ts';
import { checkShape, formatShape, type Shape, sizeOf } from './shape.ts';

export { allocate, type DType, type FloatArray } from './arrays.ts';
export { rowMajor, single, type Tensor, withData } from './dense.ts';
export { checkLayout, forEachIndex, type Layout } from './layout.ts';
export type { NestedNumbers } from './nested.ts';

/** Anything with ndarray's fields; data may be a plain array or hold integers. */
export interface NdarrayLike {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

/** A typed array of numbers. */
export type NumberArray =
  | FloatArray
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** What is taken where a tensor is wanted: a tensor, an ndarray, a number, nested arrays or a typed array of numbers. */
export type TensorLike = NdarrayLike | NestedNumbers | NumberArray;

const making = 'make a tensor';

/**
 * A row-major tensor over `data`, without a copy.
 * @throws ShapeError when the sizes differ. @throws InputError when the data are no Float64Array or Float32Array.
 * @example
 * const data = Float64Array.of(1, 2, 3, 4);
 * toNested(fromData(data, [2, 2])) // [[1, 2], [3, 4]]
 */
export function fromData(data: FloatArray, shape: Shape): Tensor {
  if (!isFloatArray(data)) {
    throw new InputError(
      `Cannot ${making} of data: a Float64Array or a Float32Array is wanted, got ${describe(data)}; use tensor(values, shape)`,
    );
  }
  checkShape(shape, making);
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(
      `Cannot make a tensor of shape ${formatShape(shape)}: it needs ${sizeOf(shape)} values, got ${data.length}`,
    );
  }
  return new DenseTensor(data, { shape: [...shape], stride: rowMajor(shape), offset: 0 });
}

function checkDType(dtype: unknown): asserts dtype is DType {
  if (dtype === 'float64' || dtype === 'float32') return;
  throw new InputError(`Cannot ${making}: the precision is 'float64' or 'float32', got ${describe(dtype)}`);
}

/**
 * A tensor of zeros, float64 unless said otherwise.
 * @throws ShapeError for a shape that holds anything but whole numbers from 0.
 * @example
 * toNested(zeros([2, 2])) // [[0, 0], [0, 0]]
 */
export function zeros(shape: Shape, dtype: DType = 'float64'): Tensor {
  return fromData(newData(shape, dtype), shape);
}

/**
 * A tensor whose entries are all `value`, float64 unless said otherwise.
 * @throws ShapeError for a shape that holds anything but whole numbers from 0. @throws InputError when the value is no number.
 * @example
 * toNested(full([3], 0.5)) // [0.5, 0.5, 0.5]
 */
export function full(shape: Shape, value: number, dtype: DType = 'float64'): Tensor {
  if (typeof value !== 'number') {
    throw new InputError(`Cannot ${making}: its value must be a number, got ${describe(value)}`);
  }
  return fromData(newData(shape, dtype).fill(value), shape);
}

function newData(shape: Shape, dtype: DType): FloatArray {
  checkShape(shape, making);
  checkDType(dtype);
  return allocate(sizeOf(shape), dtype);
}

function isNumberArray(values: unknown): values is NumberArray {
  if (!ArrayBuffer.isView(values) || values instanceof DataView) return false;
  return !(values instanceof BigInt64Array || values instanceof BigUint64Array);
}

/**
 * A tensor of nested arrays, of one number (shape []), or of flat values and a shape. The values are copied, and are float64
 * unless they come as a Float32Array or the precision is given.
 * @throws ShapeError when rows differ in length or the values do not fill the shape. @throws InputError for anything but numbers.
 * @example
 * tensor([[1, 2], [3, 4]]).shape // [2, 2]
 * tensor(7).shape // []
 * toNested(tensor([1, 2, 3, 4], [2, 2])) // [[1, 2], [3, 4]]
 */
export function tensor(
  values: NestedNumbers | ArrayLike<number>,
  shape?: Shape,
  dtype: DType = values instanceof Float32Array ? 'float32' : 'float64',
): Tensor {
  checkDType(dtype);
  if (isNumberArray(values)) {
    const own = shape ?? [values.length];
    checkSize(values.length, own);
    const data = allocate(values.length, dtype);
    data.set(values);
    return fromData(data, own);
  }
  if (shape !== undefined && typeof values !== 'number')
    return ofFlat(values as ArrayLike<number>, shape, dtype);
  if (typeof values !== 'number' && !Array.isArray(values)) {
    throw new InputError(
      `Cannot ${making}: nested arrays of numbers, a number or a typed array are wanted, got ${describe(values)}`,
    );
  }
  const nested = values as NestedNumbers;
  const inferred = nestedShape(nested);
  if (shape !== undefined) checkSize(1, shape);
  const data = allocate(sizeOf(inferred), dtype);
  if (data.length > 0) flattenInto(data, nested, inferred);
  return fromData(data, shape ?? inferred);
}

function checkSize(count: number, shape: Shape): void {
  checkShape(shape, making);
  if (count === sizeOf(shape)) return;
  throw new ShapeError(
    `Cannot make a tensor of shape ${formatShape(shape)}: it needs ${sizeOf(shape)} values, got ${count}`,
  );
}

function ofFlat(values: ArrayLike<number>, shape: Shape, dtype: DType): Tensor {
  if (typeof values !== 'object' || values === null || !Number.isInteger(values.length)) {
    throw new InputError(`Cannot ${making}: an array of numbers is wanted, got ${describe(values)}`);
  }
  checkSize(values.length, shape);
  const data = allocate(values.length, dtype);
  writeNumbers(data, values);
  return fromData(data, shape);
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

/** The same tensor in row-major order with offset 0; `x` itself when it already is. */
export function contiguous(x: Tensor): Tensor {
  if (isContiguous(x)) return x;
  const data = allocate(sizeOf(x.shape), x.dtype);
  forEachIndex(x, (index, position) => {
    data[position] = x.data[index];
  });
  return fromData(data, x.shape);
}

function isFloatArray(data: unknown): data is FloatArray {
  return data instanceof Float64Array || data instanceof Float32Array;
}

/** Whether a value has the fields of a tensor or an ndarray. */
export function isNdarray(x: unknown): x is NdarrayLike {
  return typeof x === 'object' && x !== null && 'shape' in x && 'stride' in x && 'data' in x;
}

/**
 * What is taken where a tensor is wanted, as a tensor: a view of float data, a float64 copy of any other kind; numbers and nested
 * arrays as by `tensor`.
 * @throws InputError for anything else. @throws ShapeError for an ndarray whose fields do not fit its data.
 * @example
 * asTensor({ data: [1, 2, 3, 4], shape: [2], stride: [2], offset: 1 }).data // [2, 4]
 * asTensor(3).shape // []
 */
export function asTensor(x: TensorLike): Tensor {
  return toTensor(x, 'use the values');
}

/** `asTensor` for a named action; numbers and nested arrays become `dtype`. */
export function toTensor(x: TensorLike, action: string, dtype: DType = 'float64'): Tensor {
  if (isTensor(x)) return x;
  if (isNdarray(x)) return ofNdarray(x, action);
  if (typeof x === 'number' || Array.isArray(x)) return tensor(x, undefined, dtype);
  if (isNumberArray(x)) return tensor(x);
  throw new InputError(`Cannot ${action}: a tensor is wanted, got ${describe(x)}`);
}

function ofNdarray(x: NdarrayLike, action: string): Tensor {
  const { data, shape, stride, offset } = x;
  checkNdarray(x, action);
  if (isFloatArray(data)) return new DenseTensor(data, { shape, stride, offset });
  const values = new Float64Array(sizeOf(shape));
  forEachIndex(x, (index, position) => {
    values[position] = data[index];
  });
  return fromData(values, shape);
}

/** Holds an ndarray's fields against its data: nothing may be read outside. */
function checkNdarray(x: NdarrayLike, action: string): void {
  if (typeof x.data !== 'object' || x.data === null || !Number.isInteger(x.data.length)) {
    throw new InputError(`Cannot ${action}: the data of an ndarray are an array, got ${describe(x.data)}`);
  }
  checkLayout(x, x.data.length, action);
}

/** Whether x is a tensor of ours, whose fields fit. */
export function isTensor(x: unknown): x is Tensor {
  return x instanceof Printed;
}

/**
 * The tensor in another precision; itself when it has it already.
 * @throws InputError for another precision than 'float64' and 'float32'.
 * @example
 * castTo(tensor([0.1]), 'float32').data[0] // 0.10000000149011612
 */
export function castTo(x: TensorLike, dtype: DType): Tensor {
  checkDType(dtype);
  const given = toTensor(x, 'change the precision');
  if (given.dtype === dtype) return given;
  const source = contiguous(given);
  return fromData(
    dtype === 'float32' ? Float32Array.from(source.data) : Float64Array.from(source.data),
    source.shape,
  );
}

/**
 * The one number of a tensor of size 1.
 * @throws ShapeError for any other size.
 * @example
 * item(sum(tensor([1, 2, 3]))) // 6
 */
export function item(x: TensorLike): number {
  const given = toTensor(x, 'read one number');
  if (sizeOf(given.shape) !== 1) {
    throw new ShapeError(`Cannot read one number: the tensor has shape ${formatShape(given.shape)}`);
  }
  return given.data[given.offset];
}

/**
 * The values as nested arrays, for printing and for small data.
 * @example
 * toNested(mul(2, tensor([[1, 2], [3, 4]]))) // [[2, 4], [6, 8]]
 */
export function toNested(x: TensorLike): NestedNumbers {
  const { data, shape } = contiguous(toTensor(x, 'read the values'));
  let row: NestedNumbers[] = Array.from(data);
  for (let axis = shape.length - 1; axis > 0; axis--) {
    const length = shape[axis];
    const rows = sizeOf(shape.slice(0, axis));
    row = Array.from({ length: rows }, (_, i) => row.slice(i * length, (i + 1) * length));
  }
  return shape.length === 0 ? row[0] : row;
}
