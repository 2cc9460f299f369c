import { fillOf } from '../../../tensor/deferred.ts';
import { type Device, deviceOf } from '../../../tensor/kernels/wasm/device.ts';
import { type Shape, sizeOf } from '../../../tensor/shape.ts';
import { contiguous, type FloatArray, type Tensor } from '../../../tensor/tensor.ts';
import type { GraphNode } from '../../data/format.ts';
import type { DeviceValue, Operation } from './values.ts';

/** What is done to a result before it is stored: a sum with another value, then bounds. */
export interface Epilogue {
  readonly residual?: DeviceValue;
  readonly low: number;
  readonly high: number;
}

export const noEpilogue: Omit<Epilogue, 'residual'> = {
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
};

/** What a node is told when it is turned into operations. */
export interface LoweringContext {
  readonly node: GraphNode;
  /** Input i on the device. */
  readonly value: (i: number) => DeviceValue | undefined;
  /** Input i as a constant. */
  readonly constant: (i: number) => Tensor | undefined;
  /** Shape of the first output. */
  readonly shape: Shape;
  readonly epilogue: Epilogue;
  /** One factor and one shift for each output channel, applied before the epilogue: a folded normalization. */
  readonly scaling?: { readonly factors: Float64Array; readonly shifts: Float64Array } | undefined;
  /** Weights on the device, made once for all batch sizes. */
  readonly weights: WeightStore;
}

export interface Lowered {
  readonly output: DeviceValue;
  readonly operations: readonly Operation[];
}

/** Turns a node into operations; undefined where it can't, so that the reference takes the node. */
export type Lower = (context: LoweringContext) => Lowered | undefined;

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

/** Bias of a node, with a folded normalization in it, padded for whole panels. */
export function placeBias(
  { node, constant, scaling, weights }: LoweringContext,
  i: number,
  channels: number,
): number {
  const bias = constant(i);
  const length = Math.ceil(channels / 8) * 8;
  if (bias === undefined && scaling === undefined) return weights.zeros(length * 4);
  return weights.place(`${node.outputs[0]} bias${scaling ? ' scaled' : ''}`, length, (out) => {
    const data = bias && dataOf(bias);
    for (let c = 0; c < channels; c++) {
      const value = data === undefined ? 0 : data[data.length === 1 ? 0 : c];
      out[c] = scaling ? value * scaling.factors[c] + scaling.shifts[c] : value;
    }
  });
}

/** Address of a lane mask that zeroes the padding channels of the last vector; 0 where there is none. */
export function placeMask(weights: WeightStore, channels: number): number {
  const rest = channels % 4;
  if (rest === 0) return 0;
  return weights.place(`mask ${rest}`, 4, ({ buffer, byteOffset }) => {
    new Int32Array(buffer, byteOffset, rest).fill(-1);
  });
}
