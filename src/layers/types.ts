/** Element types of ONNX tensors that a classifier may hold. */
export type ElementType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool';

/** What an attribute of a node may be. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | TensorAttribute;

/** A tensor as an attribute (Constant, ConstantOfShape): values row-major, integers exact up to 2^53. */
export interface TensorAttribute {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** The attributes of a node, by their ONNX names. */
export type Attributes = Readonly<Record<string, AttributeValue>>;
