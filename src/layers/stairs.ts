import { type StaircaseAttributes, staircaseRow } from '../autodiff/primitives/staircase.ts';
import { apply } from '../autodiff/trace.ts';
import { leastPower, mostPower, roundToPower } from '../tensor/scales.ts';
import { largestOf, roundToSmall, type SmallFloat, smallFloats } from '../tensor/smallFloats.ts';
import { full, type Tensor } from '../tensor/tensor.ts';
import { choice, number } from './layer.ts';
import type { Attributes, ElementType } from './types.ts';

/** Smallest and largest number of the integer types of at most 16 bits. */
const ranges: Readonly<Record<string, readonly [least: number, most: number]>> = {
  int2: [-2, 1],
  uint2: [0, 3],
  int4: [-8, 7],
  uint4: [0, 15],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

const smallFloatOf = (type: ElementType): SmallFloat | undefined =>
  Object.hasOwn(smallFloats, type) ? smallFloats[type as keyof typeof smallFloats] : undefined;

/** The whole numbers that an integer type of at most 16 bits holds; undefined for other types. */
export function rangeOf(type: ElementType): { readonly least: number; readonly most: number } | undefined {
  const range = ranges[type];
  return range && { least: range[0], most: range[1] };
}

/** How numbers become those of a type; undefined where its numbers are not told apart from those of the run. */
export function stairsOf(
  type: ElementType,
  attributes: Attributes,
  opset: number,
): Omit<StaircaseAttributes, 'zero'> | undefined {
  const range = rangeOf(type);
  if (range !== undefined) return range;
  const saturate = number(attributes, 'saturate', 1) === 1;
  if (type === 'float8e8m0') {
    const rounding = choice(attributes, 'round_mode', ['up', 'down', 'nearest']);
    return { least: leastPower, most: mostPower, nearest: (x) => roundToPower(x, rounding, saturate) };
  }
  const format = smallFloatOf(type);
  if (format === undefined) return undefined;
  const isBounded = (saturate && format.bits < 16) || format.special === 'finite';
  const rounding = { saturate: isBounded, opset };
  const most = isBounded ? largestOf(format) : Number.POSITIVE_INFINITY;
  return { least: -most, most, nearest: (x) => roundToSmall(x, format, rounding) };
}

/** The nearest numbers that a type holds, straight through for derivatives. */
export function toStairs(x: Tensor, stairs: Omit<StaircaseAttributes, 'zero'>, zero?: Tensor): Tensor {
  return apply(staircaseRow, [x], { zero: zero ?? full([], 0, x.dtype), ...stairs });
}
