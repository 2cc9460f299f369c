import { InputError } from '../tensor/errors.ts';
import type { smallFloats } from '../tensor/smallFloats.ts';

/** Element types of ONNX tensors that a classifier may hold. */
export type ElementType =
  | 'float32'
  | 'float64'
  | keyof typeof smallFloats
  | 'float8e8m0'
  | 'int2'
  | 'uint2'
  | 'int4'
  | 'uint4'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool';

/** ONNX's number of each element type that jetgrad holds. */
export const typeNumbers: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
  float4e2m1: 23,
  float8e8m0: 24,
  uint2: 25,
  int2: 26,
};

/** Whether a type counts as numbers that are differentiated. */
export const isFloat = (type: ElementType): boolean => /^b?float/.test(type);

/** Whether a type is an integer of at most 16 bits, as quantised weights are. */
export const isNarrowInteger = (type: ElementType | undefined): boolean =>
  /^u?int(2|4|8|16)$/.test(type ?? '');

/** How many bits integers of a type have, and what wraps to so many. @throws InputError for what is no integer. */
export function bitsOf(type: ElementType | undefined): { bits: number; wrap: typeof BigInt.asIntN } {
  const [, sign, bits] = /^(u?)int(\d+)$/.exec(type ?? 'int64') ?? [];
  if (bits === undefined) throw new InputError(`it takes integers, got ${type}`);
  return { bits: Number(bits), wrap: sign === 'u' ? BigInt.asUintN : BigInt.asIntN };
}

/** Whether a number is an end of the types of 64 bits, which stand for no bound where something is sliced. */
export const isEnd = (x: number): boolean => x === 2 ** 63 || x === -(2 ** 63) || x === 2 ** 64;

const names = /* @__PURE__ */ new Map(
  Object.entries(typeNumbers).map(([name, number]) => [number, name as ElementType]),
);

/** The element type of ONNX's number; undefined for one that jetgrad does not hold. */
export function elementTypeOf(number: number): ElementType | undefined {
  return names.get(number);
}

/** What an attribute of a node may be. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | TensorAttribute
  | GraphAttribute;

/** A graph inside of a node (If, Loop, Scan). Tensors of its surroundings that it reads are the node's last inputs, named by `captured`. */
export interface GraphAttribute {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly GraphNode[];
}

/** An operator of the graph: what it reads and what it gives. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Tensor names; '' stands for an optional input that is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A tensor as an attribute (Constant, ConstantOfShape): values row-major, integers exact up to 2^53. */
export interface TensorAttribute {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** The attributes of a node, by their ONNX names. */
export type Attributes = Readonly<Record<string, AttributeValue>>;
