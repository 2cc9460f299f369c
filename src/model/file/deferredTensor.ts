import { layerOf } from '../../layers/index.ts';
import type { DeferredBytes } from '../data/deferredBytes.ts';
import type { GraphNode, StoredTensor } from '../data/format.ts';
import { allocateTensor } from '../data/tensorMemory.ts';
import type { FileRange } from './tensorFile.ts';

type Outline = Pick<StoredTensor, 'dtype' | 'shape'>;

/** A tensor whose bytes are read when they are first asked for, and kept from then on. */
function deferTensor({ dtype, shape }: Outline, deferred: DeferredBytes): StoredTensor {
  let bytes: Uint8Array | undefined;
  return {
    dtype,
    shape,
    deferred,
    get bytes() {
      if (bytes === undefined) {
        const room = allocateTensor(deferred.memory, deferred.length);
        deferred.readInto(room);
        bytes = room;
      }
      return bytes;
    },
  };
}

/** Smaller tensors are not worth a second reading. */
const WORTH_DEFERRING = 65536; // bytes

/**
 * Which tensors to defer: weights of convolutions, which the kernels read once, to pack them for good. Asked for by others (another
 * precision, gradients, an export), they are read again.
 */
export function deferrable(
  nodes: Iterable<Pick<GraphNode, 'op' | 'inputs'>>,
): (name: string, dtype: StoredTensor['dtype'], length: number) => boolean {
  const packed = new Set<string>();
  const others = new Set<string>();
  for (const { op, inputs } of nodes) {
    inputs.forEach((input, i) => {
      const isReadOnce = layerOf(op)?.readOnce?.includes(i) === true;
      (isReadOnce ? packed : others).add(input);
    });
  }
  return (name, dtype, length) =>
    dtype === 'float32' && length >= WORTH_DEFERRING && packed.has(name) && !others.has(name);
}

/** The tensor at a range of a file. */
export function tensorAt(
  { file, offset, length }: FileRange,
  { dtype, shape }: Outline,
  isDeferrable: boolean,
): StoredTensor {
  return isDeferrable && file.defer !== undefined
    ? deferTensor({ dtype, shape }, file.defer(offset, length))
    : { dtype, shape, bytes: file.take(offset, length) };
}
