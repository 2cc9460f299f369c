import { newDevice } from '../tensor/kernels/backend.ts';
import { deviceOf } from '../tensor/kernels/wasm/device.ts';
import type { ModelData, StoredTensor } from './format.ts';

/** Smaller tensors are no burden where they are. */
const LARGE = 4096; // bytes

/**
 * The model with its large float32 tensors in the memory of one device, where the kernels read them in place, and none that holds on
 * to the file it came from. The same model where the reference computes, or where they lie on a device already.
 */
export function adoptTensors(data: ModelData): ModelData {
  const isLarge = ({ dtype, bytes }: StoredTensor) => dtype === 'float32' && bytes.length >= LARGE;
  const stored = [...data.tensors.values()];
  const moving = stored.filter((each) => isLarge(each) && deviceOf(each.bytes) === undefined);
  if (moving.length === 0) return data;
  const device = stored.map(({ bytes }) => deviceOf(bytes)).find((each) => each !== undefined) ?? newDevice();
  if (device === undefined) return data;
  const adopted = new Map<StoredTensor, StoredTensor>();
  for (const each of moving) {
    const bytes = device.bytes(device.reserve(each.bytes.length), each.bytes.length);
    bytes.set(each.bytes);
    adopted.set(each, { ...each, bytes });
  }
  const tensors = [...data.tensors].map(([name, each]): [string, StoredTensor] => {
    const small = !isLarge(each) && each.bytes.buffer.byteLength > LARGE;
    return [name, adopted.get(each) ?? (small ? { ...each, bytes: each.bytes.slice() } : each)];
  });
  return { ...data, tensors: new Map(tensors) };
}
