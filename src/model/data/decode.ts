import { deferred } from '../../tensor/deferred.ts';
import { InputError } from '../../tensor/errors.ts';
import { formatShape, sizeOf } from '../../tensor/shape.ts';
import { type FloatArray, fromData, type Tensor } from '../../tensor/tensor.ts';
import type { ElementType, StoredTensor } from './format.ts';

/** Bytes of one element. */
export const elementSize: Readonly<Record<ElementType, number>> = {
  float64: 8,
  int64: 8,
  uint64: 8,
  float32: 4,
  int32: 4,
  uint32: 4,
  float16: 2,
  int16: 2,
  uint16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

type Reader = (view: DataView, at: number) => number;

const readers: Readonly<Record<ElementType, Reader>> = {
  float64: (view, at) => view.getFloat64(at, true),
  float32: (view, at) => view.getFloat32(at, true),
  float16: (view, at) => halfToNumber(view.getUint16(at, true)),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
  uint64: (view, at) => Number(view.getBigUint64(at, true)),
  int32: (view, at) => view.getInt32(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int16: (view, at) => view.getInt16(at, true),
  uint16: (view, at) => view.getUint16(at, true),
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
  bool: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
};

/** The value of an IEEE half-precision number's bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

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
  const isFloat = dtype === 'float32' || dtype === 'float16';
  const out = isFloat ? new Float32Array(size) : new Float64Array(size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readers[dtype];
  const step = elementSize[dtype];
  for (let i = 0; i < size; i++) out[i] = read(view, i * step);
  return out;
}

/**
 * A stored tensor as a tensor: float32 and float64 as views where alignment permits, float16 as float32, integers and
 * booleans as float64 (exact up to 2^53). Of a deferred one, values are read when they are asked for.
 * @throws InputError when the bytes do not fill the shape.
 */
export function decodeTensor(stored: StoredTensor): Tensor {
  const { dtype, shape } = stored;
  const size = sizeOf(shape);
  const wanted = size * elementSize[dtype];
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
