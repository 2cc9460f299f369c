import { InputError } from '../../tensor/errors.ts';
import { codeOfPower } from '../../tensor/scales.ts';
import { codeOfSmall, smallFloats } from '../../tensor/smallFloats.ts';
import { bytesOf, elementSize } from './decode.ts';
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

/** Fills one half of a byte that is 0 so far. */
function setHalfByte(view: DataView, at: number, value: number): void {
  const byte = Math.floor(at);
  view.setUint8(byte, view.getUint8(byte) | ((value & 15) << (at === byte ? 0 : 4)));
}

/** Fills a quarter of a byte that is 0 so far. */
function setQuarterByte(view: DataView, at: number, value: number): void {
  const byte = Math.floor(at);
  view.setUint8(byte, view.getUint8(byte) | ((value & 3) << (8 * (at - byte))));
}

function wordsOf(name: 'float16' | 'bfloat16'): Writer {
  return (view, at, value) => view.setUint16(at, codeOfSmall(Number(value), smallFloats[name]), true);
}

function codesOf(name: Exclude<keyof typeof smallFloats, 'float16' | 'bfloat16' | 'float4e2m1'>): Writer {
  return (view, at, value) => view.setUint8(at, codeOfSmall(Number(value), smallFloats[name]));
}

const writers: Readonly<Record<ElementType, Writer>> = {
  float64: (view, at, value) => view.setFloat64(at, Number(value), true),
  float32: (view, at, value) => view.setFloat32(at, Number(value), true),
  float16: wordsOf('float16'),
  bfloat16: wordsOf('bfloat16'),
  int64: (view, at, value) => view.setBigInt64(at, toInt64(value), true),
  uint64: (view, at, value) => view.setBigUint64(at, toUint64(value), true),
  int32: (view, at, value) => view.setInt32(at, Number(value), true),
  uint32: (view, at, value) => view.setUint32(at, Number(value), true),
  int16: (view, at, value) => view.setInt16(at, Number(value), true),
  uint16: (view, at, value) => view.setUint16(at, Number(value), true),
  int8: (view, at, value) => view.setInt8(at, Number(value)),
  uint8: (view, at, value) => view.setUint8(at, Number(value)),
  bool: (view, at, value) => view.setUint8(at, Number(value) === 0 ? 0 : 1),
  float8e4m3fn: codesOf('float8e4m3fn'),
  float8e4m3fnuz: codesOf('float8e4m3fnuz'),
  float8e5m2: codesOf('float8e5m2'),
  float8e5m2fnuz: codesOf('float8e5m2fnuz'),
  float8e8m0: (view, at, value) => view.setUint8(at, codeOfPower(Number(value))),
  float4e2m1: (view, at, value) => setHalfByte(view, at, codeOfSmall(Number(value), smallFloats.float4e2m1)),
  int4: (view, at, value) => setHalfByte(view, at, Number(value)),
  uint4: (view, at, value) => setHalfByte(view, at, Number(value)),
  int2: (view, at, value) => setQuarterByte(view, at, Number(value)),
  uint2: (view, at, value) => setQuarterByte(view, at, Number(value)),
};

/** Little-endian bytes of values of an element type, row-major. */
export function encodeValues(dtype: ElementType, values: ArrayLike<number | bigint>): Uint8Array {
  const step = elementSize[dtype];
  const bytes = new Uint8Array(bytesOf(dtype, values.length));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) writers[dtype](view, i * step, values[i]);
  return bytes;
}
