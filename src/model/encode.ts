import { elementSize } from './decode.ts';
import type { ElementType } from './format.ts';

type Writer = (view: DataView, at: number, value: number | bigint) => void;

/** A whole number within bounds; attributes hold integers as doubles, where 2^63 − 1 has become 2^63. */
function clamped(value: number | bigint, least: bigint, most: bigint): bigint {
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

/** The bits of the nearest half-precision number, ties to even. Source: IEEE 754-2008, binary16. */
function numberToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  if (Number.isNaN(value)) return 0x7e00;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  for (let e = exponent + 1; e >= Math.max(-14, exponent - 1); e--) {
    const steps = size * 2 ** (10 - e); // exact: a power of two
    if (e > -14 && steps < 1024) continue;
    const whole = Math.floor(steps);
    const rest = steps - whole;
    const rounded = rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
    // A carry out of the fraction raises the exponent by itself.
    return sign | ((e + 14) * 1024 + rounded);
  }
  return sign;
}

/** Little-endian bytes of values of an element type, row-major. */
export function encodeValues(dtype: ElementType, values: ArrayLike<number | bigint>): Uint8Array {
  const step = elementSize[dtype];
  const bytes = new Uint8Array(values.length * step);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) writers[dtype](view, i * step, values[i]);
  return bytes;
}
