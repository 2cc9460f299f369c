/** How a number becomes a power of two: the next one away from 0, the one before, or the nearest, halves up. */
export type PowerRounding = 'up' | 'down' | 'nearest';

const BIAS = 127;
const NAN_CODE = 255;

/** The value of each code of float8e8m0: 2^(code − 127), and NaN last. It has no sign, no 0 and no ∞. Source: OCP MX 1.0. */
export const valuesOfPowers = /* @__PURE__ */ Float32Array.from({ length: 256 }, (_, code) =>
  code === NAN_CODE ? Number.NaN : 2 ** (code - BIAS),
);

/** The smallest and the largest number of float8e8m0. */
export const [leastPower, mostPower] = [2 ** -BIAS, 2 ** BIAS];

const scratch = new DataView(new ArrayBuffer(8));

/** ⌊log₂ x⌋ of a number above 0 that is not subnormal. */
export function exponentOf(x: number): number {
  scratch.setFloat64(0, x);
  return (scratch.getUint16(0) >> 4) - 1023;
}

/**
 * A power of two beside x, as float8e8m0 has them. Beyond the smallest and the largest it is that one where `saturate` says so, else NaN;
 * 0 lies beyond the smallest. Negative numbers, of which ONNX says nothing, are NaN: they are not taken for a scale.
 * Source: ONNX's table of Cast, operator set 24.
 */
export function roundToPower(x: number, rounding: PowerRounding, saturate: boolean): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return saturate ? leastPower : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return saturate ? mostPower : Number.NaN;
  const low = 2 ** exponentOf(x);
  const isUp = (rounding === 'up' && x > low) || (rounding === 'nearest' && x >= 1.5 * low);
  const near = isUp ? 2 * low : low;
  if (near >= leastPower && near <= mostPower) return near;
  if (!saturate) return Number.NaN;
  return near < leastPower ? leastPower : mostPower;
}

/** The code of a power of two beside x; NaN's where there is none. */
export function codeOfPower(x: number): number {
  const near = roundToPower(x, 'up', true);
  return Number.isNaN(near) ? NAN_CODE : exponentOf(near) + BIAS;
}
