import { exponentOf } from './scales.ts';

/** A floating-point format of at most 16 bits: a sign, exponent bits, fraction bits. */
export interface SmallFloat {
  readonly bits: number;
  readonly exponentBits: number;
  /** What is subtracted from the exponent's bits. */
  readonly bias: number;
  /**
   * Which codes are no numbers: `ieee` keeps the top exponent for ±∞ and NaN, `fn` keeps the two codes of all ones for NaN, `fnuz`
   * keeps that of −0 for NaN and has no −0, `finite` keeps none.
   */
  readonly special: 'ieee' | 'fn' | 'fnuz' | 'finite';
}

/** The formats by the names of their element types. Source: IEEE 754-2008; Micikevicius et al. 2022 and Noune et al. 2022; OCP MX 1.0. */
export const smallFloats = {
  float16: { bits: 16, exponentBits: 5, bias: 15, special: 'ieee' },
  bfloat16: { bits: 16, exponentBits: 8, bias: 127, special: 'ieee' },
  float8e4m3fn: { bits: 8, exponentBits: 4, bias: 7, special: 'fn' },
  float8e4m3fnuz: { bits: 8, exponentBits: 4, bias: 8, special: 'fnuz' },
  float8e5m2: { bits: 8, exponentBits: 5, bias: 15, special: 'ieee' },
  float8e5m2fnuz: { bits: 8, exponentBits: 5, bias: 16, special: 'fnuz' },
  float4e2m1: { bits: 4, exponentBits: 2, bias: 1, special: 'finite' },
} as const satisfies Readonly<Record<string, SmallFloat>>;

const fractionBits = ({ bits, exponentBits }: SmallFloat): number => bits - 1 - exponentBits;

/** The value of a code. */
function decoded(code: number, format: SmallFloat): number {
  const { bits, exponentBits, bias, special } = format;
  const fractions = 2 ** fractionBits(format);
  const sign = code >> (bits - 1) ? -1 : 1;
  const exponent = (code >> fractionBits(format)) & (2 ** exponentBits - 1);
  const fraction = code & (fractions - 1);
  const isTop = exponent === 2 ** exponentBits - 1;
  if (special === 'ieee' && isTop) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (special === 'fn' && isTop && fraction === fractions - 1) return Number.NaN;
  if (special === 'fnuz' && code === 2 ** (bits - 1)) return Number.NaN;
  // Below the first whole exponent the leading 1 is missing.
  const size = exponent === 0 ? fraction * 2 : fractions + fraction;
  return sign * size * 2 ** (exponent - bias - fractionBits(format));
}

const tables = new Map<SmallFloat, Float32Array>();

/** The values of all codes, by code. */
export function valuesOfCodes(format: SmallFloat): Float32Array {
  const known = tables.get(format);
  if (known !== undefined) return known;
  const table = Float32Array.from({ length: 2 ** format.bits }, (_, code) => decoded(code, format));
  tables.set(format, table);
  return table;
}

/** The code of the largest number. */
function topCode(format: SmallFloat): number {
  const all = 2 ** (format.bits - 1) - 1;
  if (format.special === 'ieee') return all - 2 ** fractionBits(format);
  return format.special === 'fn' ? all - 1 : all;
}

/** The largest number of a format. */
export const largestOf = (format: SmallFloat): number => valuesOfCodes(format)[topCode(format)];

/** The step between the numbers of a format around x ≥ 0. */
const stepAt = (x: number, format: SmallFloat): number =>
  2 ** (Math.max(1 - format.bias, exponentOf(x)) - fractionBits(format));

/** What a number beyond the largest becomes where it is not the largest. */
const overflowOf = ({ special }: SmallFloat): number =>
  special === 'ieee' ? Number.POSITIVE_INFINITY : Number.NaN;

/** How numbers that a format does not hold are taken. */
export interface SmallRounding {
  /** Whether what is beyond the largest number is the largest. */
  readonly saturate: boolean;
  /** The operator set whose tables hold. */
  readonly opset: number;
}

/** The operator set from which on ±∞ saturates in `fnuz` formats, too, and NaN is 0 in `finite` ones. */
const NEWER_TABLES = 24;

/**
 * The nearest number of a format, ties to the even code. Beyond the largest one it is the largest where `saturate` says so, else ±∞, or
 * NaN in a format without ∞; `finite` formats always saturate. ±∞ saturates, too, except in `fnuz` before operator set 24, where it is
 * NaN. In `finite` formats NaN is 0, before operator set 24 the largest number.
 * Source: ONNX's tables of Cast, operator sets 19 and 24, which leave out float4e2m1: its page on that type makes NaN the largest number,
 * its own cases, of operator sets from 25 on, make it 0.
 */
export function roundToSmall(value: number, format: SmallFloat, { saturate, opset }: SmallRounding): number {
  const isNewer = opset >= NEWER_TABLES;
  if (Number.isNaN(value)) {
    if (format.special !== 'finite') return value;
    return isNewer ? 0 : largestOf(format);
  }
  const size = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? -1 : 1;
  const isInfinite = size === Number.POSITIVE_INFINITY;
  if (isInfinite && format.special === 'fnuz' && !isNewer) return Number.NaN;
  const rounded = isInfinite || size === 0 ? size : roundedToStep(size, stepAt(size, format));
  if (rounded === 0) return format.special === 'fnuz' ? 0 : sign * 0;
  const most = largestOf(format);
  if (rounded <= most) return sign * rounded;
  return sign * (saturate || format.special === 'finite' ? most : overflowOf(format));
}

/** The nearest multiple of a power of two, ties to the even one. */
function roundedToStep(size: number, step: number): number {
  const steps = size / step; // exact
  const whole = Math.floor(steps);
  const rest = steps - whole;
  return (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole) * step;
}

/** The code of the nearest number of a format, as tensors are stored. */
export function codeOfSmall(value: number, format: SmallFloat): number {
  const near = roundToSmall(value, format, { saturate: false, opset: NEWER_TABLES });
  const half = 2 ** (format.bits - 1);
  const fractions = 2 ** fractionBits(format);
  if (Number.isNaN(near)) {
    if (format.special === 'fnuz') return half;
    return format.special === 'fn' ? half - 1 : half - fractions / 2;
  }
  const sign = near < 0 || Object.is(near, -0) ? half : 0;
  const size = Math.abs(near);
  if (size === 0) return sign;
  if (size === Number.POSITIVE_INFINITY) return sign + topCode(format) + 1;
  const exponent = Math.max(1 - format.bias, exponentOf(size));
  const steps = size / stepAt(size, format);
  // A number without a leading 1 has an exponent of 0 bits; a carry raises the exponent by itself.
  return sign + (exponent + format.bias - 1) * fractions + steps;
}
