import type { ConvAttributes } from '../../tensor/kernels/conv.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { type TakeAttributes, takeRow } from '../primitives/indexing.ts';
import { concatRow } from '../primitives/joining.ts';
import { convRow, matmulRow } from '../primitives/products.ts';
import { broadcastRow, reshapeRow, sumRow } from '../primitives/shaping.ts';
import type { Operation } from '../tape.ts';
import { entrywise, mapOf } from './fuse.ts';

/** How an operation joins entries: whether each of its inputs goes to one output at most, and each output reads one input at most. */
export interface Joins {
  readonly toOne: boolean;
  readonly fromOne: boolean;
}

/** Windows that do not overlap, each of one channel. */
function standsApart(
  { kernel, strides, dilations, groups }: ConvAttributes,
  [, channels]: Shape,
  [, filters]: Shape,
): boolean {
  const apart = kernel.every((length, axis) => (length - 1) * dilations[axis] < strides[axis]);
  return apart && groups === channels && filters === channels;
}

/** How a linear operation joins the entries of one of its inputs; undefined where it is not known. */
export function joinsOf(operation: Operation, which: number, output: Shape): Joins | undefined {
  const map = mapOf(operation);
  const { attributes } = map;
  const primitive: unknown = map.primitive;
  const input = operation.values[which].shape;
  if (entrywise.has(primitive)) return { fromOne: true, toOne: sizeOf(output) === sizeOf(input) };
  if (primitive === reshapeRow || primitive === concatRow) return { fromOne: true, toOne: true };
  if (primitive === broadcastRow) return { fromOne: true, toOne: sizeOf(output) === sizeOf(input) };
  if (primitive === sumRow) return { fromOne: sizeOf(output) === sizeOf(input), toOne: true };
  if (primitive === matmulRow) return { fromOne: false, toOne: false };
  if (primitive === convRow && which === 0) {
    return { fromOne: false, toOne: standsApart(attributes as ConvAttributes, input, output) };
  }
  if (primitive !== takeRow) return undefined;
  const kept = (attributes as TakeAttributes).index.filter((from) => from >= 0);
  return { fromOne: true, toOne: new Set(kept).size === kept.length };
}
