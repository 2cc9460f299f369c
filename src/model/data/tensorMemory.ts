import { newDevice } from '../../tensor/kernels/backend.ts';
import type { Device } from '../../tensor/kernels/wasm/device.ts';

/** Tensors of fewer bytes are no burden where they are. */
const LARGE = 4096;

export const isLarge = (length: number): boolean => length >= LARGE;

/** Where the large tensors of one model are put. */
export interface TensorMemory {
  /** The device, made when it is first asked for; undefined where the reference computes. */
  device(): Device | undefined;
  /** Memory on the device, where the kernels read in place; undefined where there is none, and when it is full. */
  reserve(length: number): Uint8Array | undefined;
}

/** Memory on the given device, or on one of its own. */
export function createTensorMemory(given?: Device): TensorMemory {
  let known = given;
  const device = () => {
    known ??= newDevice();
    return known;
  };
  return {
    device,
    reserve(length) {
      const place = device();
      try {
        return place?.bytes(place.reserve(length), length);
      } catch (error) {
        if (error instanceof RangeError) return undefined;
        throw error;
      }
    },
  };
}

/** Memory for the bytes of one tensor. */
export const allocateTensor = (memory: TensorMemory, length: number): Uint8Array =>
  (isLarge(length) ? memory.reserve(length) : undefined) ?? new Uint8Array(length);
