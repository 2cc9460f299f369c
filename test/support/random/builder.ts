import type { Attributes, GraphNode, StoredTensor } from '../../../src/model/data/format.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';

/** A tensor of the graph under construction, without its images: [C, H, W] or [C]. */
export interface Wire {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Builder {
  readonly random: Random;
  readonly nodes: GraphNode[];
  readonly tensors: Map<string, StoredTensor>;
  /** Everything that was made, the input first. */
  readonly wires: Wire[];
  readonly shared: Map<string, string>;
  /** Maps with many channels and pixels, where transforms pay. */
  readonly large: boolean;
}

export type Grow = (b: Builder, x: Wire) => Wire | undefined;

export const channelCounts = [1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 20, 24, 33, 36, 40];
export const manyChannels = [16, 17, 19, 20, 24, 31, 33];
export const sides = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 19];
export const longSides = [7, 8, 9, 10, 13, 18, 21];

export const pick = <T>({ random }: Builder, list: readonly T[]): T => list[random.integer(list.length)];
export const chance = ({ random }: Builder, share: number) => random.uniform() < share;

export function tensorOf(b: Builder, shape: readonly number[], value: () => number): string {
  const name = `w${b.tensors.size}`;
  const data = Float32Array.from({ length: sizeOf(shape) }, value);
  b.tensors.set(name, { dtype: 'float32', shape, bytes: new Uint8Array(data.buffer) });
  return name;
}

export function integers(b: Builder, values: readonly number[]): string {
  const name = `w${b.tensors.size}`;
  const data = BigInt64Array.from(values, BigInt);
  b.tensors.set(name, { dtype: 'int64', shape: [values.length], bytes: new Uint8Array(data.buffer) });
  return name;
}

/** Weights of a product over `fan` inputs; sometimes those of an earlier node. */
export function weights(b: Builder, shape: readonly number[], fan: number): string {
  const key = shape.join();
  const known = b.shared.get(key);
  if (known !== undefined && chance(b, 0.3)) return known;
  const name = tensorOf(b, shape, () => b.random.normal() / Math.sqrt(fan));
  b.shared.set(key, name);
  return name;
}

export const normals = (b: Builder, shape: readonly number[], scale = 1) =>
  tensorOf(b, shape, () => scale * b.random.normal());

interface NodeParts {
  readonly inputs: readonly string[];
  readonly shape: readonly number[];
  readonly attributes?: Attributes;
}

export function node(b: Builder, op: string, { inputs, shape, attributes = {} }: NodeParts): Wire {
  const name = `t${b.nodes.length}`;
  b.nodes.push({ name: `${op} ${b.nodes.length}`, op, inputs, outputs: [name], attributes });
  const wire = { name, shape };
  b.wires.push(wire);
  return wire;
}
