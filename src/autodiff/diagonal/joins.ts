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

/** Whether no entry of so many is taken twice. Marks rather than a set: a pool of VGG-16 takes 25,088, and a set of them costs more than the pool. */
function isTakenOnce({ index }: TakeAttributes, size: number): boolean {
  const taken = new Uint8Array(size);
  for (let i = 0; i < index.length; i++) {
    const from = index[i];
    if (from < 0) continue;
    if (taken[from] === 1) return false;
    taken[from] = 1;
  }
  return true;
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
  return { fromOne: true, toOne: isTakenOnce(attributes as TakeAttributes, sizeOf(input)) };
}
