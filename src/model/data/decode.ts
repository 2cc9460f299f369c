import { isEnd, isFloat } from '../../layers/types.ts';
import { deferred } from '../../tensor/deferred.ts';
import { InputError } from '../../tensor/errors.ts';
import { valuesOfPowers } from '../../tensor/scales.ts';
import { formatShape, sizeOf } from '../../tensor/shape.ts';
import { smallFloats, valuesOfCodes } from '../../tensor/smallFloats.ts';
import { type FloatArray, fromData, type Tensor } from '../../tensor/tensor.ts';
import type { ElementType, StoredTensor } from './format.ts';

/** Bytes of one element; two of four bits share a byte, the first in its lower half. */
export const elementSize: Readonly<Record<ElementType, number>> = {
  float64: 8,
  int64: 8,
  uint64: 8,
  float32: 4,
  int32: 4,
  uint32: 4,
  float16: 2,
  bfloat16: 2,
  int16: 2,
  uint16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
  float8e4m3fn: 1,
  float8e4m3fnuz: 1,
  float8e5m2: 1,
  float8e5m2fnuz: 1,
  float8e8m0: 1,
  float4e2m1: 0.5,
  int4: 0.5,
  uint4: 0.5,
  int2: 0.25,
  uint2: 0.25,
};

/** Bytes of so many elements. */
export const bytesOf = (dtype: ElementType, size: number): number => Math.ceil(size * elementSize[dtype]);

/** Reads the element at an offset in bytes, which ends in a half or a quarter where several share a byte, the lowest bits first. */
type Reader = (view: DataView, at: number) => number;

const quarterByte: Reader = (view, at) => (view.getUint8(Math.floor(at)) >> (8 * (at % 1))) & 3;

const halfByte: Reader = (view, at) => (view.getUint8(Math.floor(at)) >> (at % 1 === 0 ? 0 : 4)) & 15;

function wordsOf(name: 'float16' | 'bfloat16'): Reader {
  return (view, at) => valuesOfCodes(smallFloats[name])[view.getUint16(at, true)];
}

function codesOf(name: Exclude<keyof typeof smallFloats, 'float16' | 'bfloat16' | 'float4e2m1'>): Reader {
  return (view, at) => valuesOfCodes(smallFloats[name])[view.getUint8(at)];
}

/** @throws InputError for a whole number that has no float64 of its own. */
function exactly(value: bigint): number {
  const x = Number(value);
  if (Number.isSafeInteger(x) || isEnd(x) || BigInt(x) === value) return x;
  throw new InputError(`it holds ${value}, and beyond 2^53 jetgrad would round whole numbers; use floats`);
}

const readers: Readonly<Record<ElementType, Reader>> = {
  float64: (view, at) => view.getFloat64(at, true),
  float32: (view, at) => view.getFloat32(at, true),
  float16: wordsOf('float16'),
  bfloat16: wordsOf('bfloat16'),
  int64: (view, at) => exactly(view.getBigInt64(at, true)),
  uint64: (view, at) => exactly(view.getBigUint64(at, true)),
  int32: (view, at) => view.getInt32(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int16: (view, at) => view.getInt16(at, true),
  uint16: (view, at) => view.getUint16(at, true),
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
  bool: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
  float8e4m3fn: codesOf('float8e4m3fn'),
  float8e4m3fnuz: codesOf('float8e4m3fnuz'),
  float8e5m2: codesOf('float8e5m2'),
  float8e5m2fnuz: codesOf('float8e5m2fnuz'),
  float8e8m0: (view, at) => valuesOfPowers[view.getUint8(at)],
  float4e2m1: (view, at) => valuesOfCodes(smallFloats.float4e2m1)[halfByte(view, at)],
  int4: (view, at) => (halfByte(view, at) << 28) >> 28,
  uint4: halfByte,
  int2: (view, at) => (quarterByte(view, at) << 30) >> 30,
  uint2: quarterByte,
};

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function floatsOf({ dtype, bytes }: StoredTensor, size: number): FloatArray {
  const Floats = dtype === 'float64' ? Float64Array : Float32Array;
  if (
    littleEndian &&
    (dtype === 'float32' || dtype === 'float64') &&
    bytes.byteOffset % elementSize[dtype] === 0
  ) {
    return new Floats(bytes.buffer as ArrayBuffer, bytes.byteOffset, size);
  }
  const isNarrow = isFloat(dtype) && dtype !== 'float64';
  const out = isNarrow ? new Float32Array(size) : new Float64Array(size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readers[dtype];
  const step = elementSize[dtype];
  for (let i = 0; i < size; i++) out[i] = read(view, i * step);
  return out;
}

/**
 * A stored tensor as a tensor: float32 and float64 as views where alignment permits, narrower floats as float32, integers and
 * booleans as float64 (exact up to 2^53). Of a deferred one, values are read when they are asked for.
 * @throws InputError when the bytes do not fill the shape.
 */
export function decodeTensor(stored: StoredTensor): Tensor {
  const { dtype, shape } = stored;
  const size = sizeOf(shape);
  const wanted = bytesOf(dtype, size);
  const { length } = stored.deferred ?? stored.bytes;
  if (length !== wanted) {
    throw new InputError(
      `${length} bytes of data, the shape ${formatShape(shape)} of ${dtype} needs ${wanted}`,
    );
  }
  if (stored.deferred !== undefined && littleEndian && dtype === 'float32') {
    const { readInto } = stored.deferred;
    return deferred(shape, dtype, {
      read: () => floatsOf(stored, size),
      fill: (out) => readInto(new Uint8Array(out.buffer, out.byteOffset, out.byteLength)),
    });
  }
  return fromData(floatsOf(stored, size), shape);
}
