import { type Device, deviceOf } from '../../tensor/kernels/wasm/device.ts';
import type { ModelData, StoredTensor } from './format.ts';
import { createTensorMemory, isLarge } from './tensorMemory.ts';

const isDeferred = ({ deferred }: StoredTensor) => deferred !== undefined;

/** The device where tensors of a model lie, or will when they are asked for. */
export function deviceFor({ tensors }: ModelData): Device | undefined {
  const all = [...tensors.values()];
  for (const each of all) {
    const device = isDeferred(each) ? undefined : deviceOf(each.bytes);
    if (device !== undefined) return device;
  }
  return all.find(isDeferred)?.deferred?.memory.device();
}

/**
 * The model with its large tensors in the memory of one device, where the kernels read them in place, and none that holds on to the
 * file it came from. The same model where they lie on a device already, or the reference computes.
 */
export function adoptTensors(data: ModelData): ModelData {
  const present = [...data.tensors.values()].filter((each) => !isDeferred(each));
  const moving = present.filter(({ bytes }) => isLarge(bytes.length) && deviceOf(bytes) === undefined);
  if (moving.length === 0) return data;
  const memory = createTensorMemory(deviceFor(data));
  const adopted = new Map<StoredTensor, StoredTensor>();
  for (const each of moving) {
    const bytes = memory.reserve(each.bytes.length);
    if (bytes === undefined) break;
    bytes.set(each.bytes);
    adopted.set(each, { ...each, bytes });
  }
  if (adopted.size === 0) return data;
  const holdsFile = (each: StoredTensor) =>
    !isDeferred(each) && !isLarge(each.bytes.length) && isLarge(each.bytes.buffer.byteLength);
  const tensors = [...data.tensors].map(([name, each]): [string, StoredTensor] => [
    name,
    adopted.get(each) ?? (holdsFile(each) ? { ...each, bytes: each.bytes.slice() } : each),
  ]);
  return { ...data, tensors: new Map(tensors) };
}
