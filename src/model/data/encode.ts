import { InputError } from '../../tensor/errors.ts';
import { elementSize } from './decode.ts';
import type { ElementType } from './format.ts';

type Writer = (view: DataView, at: number, value: number | bigint) => void;

/** A whole number within bounds; attributes hold integers as doubles, where 2^63 − 1 has become 2^63. */
function clamped(value: number | bigint, least: bigint, most: bigint): bigint {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw new InputError(`${value} is not a whole number, which its element type needs`);
  }
  const exact = BigInt(value);
  return exact < least ? least : exact > most ? most : exact;
}

export const toInt64 = (value: number | bigint): bigint => clamped(value, -(2n ** 63n), 2n ** 63n - 1n);
const toUint64 = (value: number | bigint): bigint => clamped(value, 0n, 2n ** 64n - 1n);

const writers: Readonly<Record<ElementType, Writer>> = {
  float64: (view, at, value) => view.setFloat64(at, Number(value), true),
  float32: (view, at, value) => view.setFloat32(at, Number(value), true),
  float16: (view, at, value) => view.setUint16(at, numberToHalf(Number(value)), true),
  int64: (view, at, value) => view.setBigInt64(at, toInt64(value), true),
  uint64: (view, at, value) => view.setBigUint64(at, toUint64(value), true),
  int32: (view, at, value) => view.setInt32(at, Number(value), true),
  uint32: (view, at, value) => view.setUint32(at, Number(value), true),
  int16: (view, at, value) => view.setInt16(at, Number(value), true),
  uint16: (view, at, value) => view.setUint16(at, Number(value), true),
  int8: (view, at, value) => view.setInt8(at, Number(value)),
  uint8: (view, at, value) => view.setUint8(at, Number(value)),
  bool: (view, at, value) => view.setUint8(at, Number(value) === 0 ? 0 : 1),
};

const scratch = new DataView(new ArrayBuffer(8));

/** The bits of the nearest half-precision number, ties to even. Source: IEEE 754-2008, binary16. */
function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  scratch.setFloat64(0, size);
  const exponent = Math.max(-14, (scratch.getUint16(0) >> 4) - 1023);
  const steps = size * 2 ** (10 - exponent); // exact: a power of two
  const whole = Math.floor(steps);
  const rest = steps - whole;
  const up = rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? 1 : 0;
  // Below 2^-14 the exponent's bits are 0; a carry out of the fraction raises the exponent by itself.
  return sign | ((exponent + 14) * 1024 + whole + up);
}

/** Little-endian bytes of values of an element type, row-major. */
export function encodeValues(dtype: ElementType, values: ArrayLike<number | bigint>): Uint8Array {
  const step = elementSize[dtype];
  const bytes = new Uint8Array(values.length * step);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) writers[dtype](view, i * step, values[i]);
  return bytes;
}
