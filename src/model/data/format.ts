/**
 * The model format `jetgrad-model/1`: a graph of ONNX operators as JSON, its tensors inline as base64 or in a
 * safetensors file beside it.
 */
import type { ElementType, GraphNode } from '../../layers/types.ts';
import type { DeferredBytes } from './deferredBytes.ts';

export type {
  Attributes,
  AttributeValue,
  ElementType,
  GraphAttribute,
  GraphNode,
  TensorAttribute,
} from '../../layers/types.ts';

/** An input or output of a model. */
export interface ValueInfo {
  readonly name: string;
  /** A symbolic dimension is a string. Absent when the file does not say. */
  readonly shape?: readonly (number | string)[];
  readonly dtype: ElementType;
  readonly preprocessing?: Preprocessing;
}

/** How a picture becomes the network's input. value = (pixel · scale − mean) / std, per channel. */
export interface Preprocessing {
  readonly channels: 'RGB' | 'BGR' | 'gray';
  /** Factor on the byte 0…255 before mean and std, 1/255 for most networks. */
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly resize?: { readonly shorterSide: number } | { readonly width: number; readonly height: number };
  /** Centre crop, [height, width] in pixels, after the resize. */
  readonly crop?: readonly [number, number];
  readonly filter?: 'bilinear' | 'bicubic' | 'nearest';
}

/** A constant tensor in memory: raw little-endian values of `dtype`, row-major. */
export interface StoredTensor {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  /**
   * Set where `bytes` are read from a file when they are asked for.
   * @internal
   */
  readonly deferred?: DeferredBytes;
}

/** A model in memory, as the JSON has it, with its tensors' bytes at hand. ONNX import gives one, export takes one. */
export interface ModelData {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly labels?: readonly string[];
  readonly nodes: readonly GraphNode[];
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly source: ModelSource;
  /** Fields of the JSON that this version does not know, kept as they were. */
  readonly unknown?: Readonly<Record<string, unknown>>;
}

/** Where a model comes from. */
export interface ModelSource {
  readonly producer?: string;
  /** Version of the default ONNX operator set whose semantics the nodes follow. */
  readonly opset: number;
  readonly file?: string;
  readonly licence?: string;
}
