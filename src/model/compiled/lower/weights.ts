import { fillOf } from '../../../tensor/deferred.ts';
import { type Device, deviceOf } from '../../../tensor/kernels/wasm/device.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import { contiguous, type FloatArray, type Tensor } from '../../../tensor/tensor.ts';

/** Constants on a device. */
export interface WeightStore {
  readonly device: Device;
  /** Zeros that stand for pixels outside an image, and for a bias that is absent. */
  zeros(bytes: number): number;
  /** Address of cached memory of `length` floats under `key`. On first use it is zeroed and filled; `writesAll` skips the zeroing. */
  place(
    key: string,
    length: number,
    fill: (out: Float32Array) => void,
    options?: { readonly writesAll: boolean },
  ): number;
  /** The address of values for the time of `use`: where they lie, if that is on the device. */
  lend<T>(values: FloatArray, use: (address: number) => T): T;
  /** A constant's values for the time of `use`, row-major; those that are deferred are not kept. */
  borrow<T>(x: Tensor, use: (values: FloatArray) => T): T;
}

export function createWeightStore(device: Device): WeightStore {
  const places = new Map<string, number>();
  let blank = { at: 0, bytes: 0 };
  return {
    device,
    zeros(bytes) {
      if (bytes > blank.bytes) {
        const size = Math.max(bytes, 65536);
        const at = device.reserve(size);
        device.bytes(at, size).fill(0);
        blank = { at, bytes: size };
      }
      return blank.at;
    },
    place(key, length, fill, { writesAll } = { writesAll: false }) {
      const known = places.get(key);
      if (known !== undefined) return known;
      const at = device.reserve(length * 4);
      const out = device.float32(at, length);
      if (!writesAll) out.fill(0);
      fill(out);
      places.set(key, at);
      return at;
    },
    lend(values, use) {
      if (deviceOf(values) === device) return use(values.byteOffset);
      const at = device.reserve(values.byteLength);
      device
        .bytes(at, values.byteLength)
        .set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      try {
        return use(at);
      } finally {
        device.release(at);
      }
    },
    borrow(x, use) {
      const fill = fillOf(x);
      if (fill === undefined) return use(dataOf(x));
      const size = sizeOf(x.shape);
      const at = device.reserve(size * (x.dtype === 'float32' ? 4 : 8));
      try {
        const values = x.dtype === 'float32' ? device.float32(at, size) : device.float64(at, size);
        fill(values);
        return use(values);
      } finally {
        device.release(at);
      }
    },
  };
}

export const dataOf = (x: Tensor) => contiguous(x).data;

/** The same constants under names of their own. */
export const renamed = (weights: WeightStore, prefix: string): WeightStore => ({
  ...weights,
  place: (key, ...rest) => weights.place(`${prefix} ${key}`, ...rest),
});
