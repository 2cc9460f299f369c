import type { ModelData, StoredTensor } from '../model/data/format.ts';
import type { Model } from '../model/model.ts';
import { modelOf } from '../model/modelOf.ts';
import { createRandom } from '../tensor/random.ts';

/** Steps of the cascade: networks of more weighted layers are drawn anew in as many parts. */
const STEPS = 5;

/** Tensors of weights, the last that is read first: those of two axes and more that a product or a convolution reads. */
function weightNames({ nodes, tensors }: ModelData): string[] {
  const weighing = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);
  const names = nodes
    .filter(({ op }) => weighing.has(op))
    .flatMap(({ inputs }) => inputs.slice(0, 2))
    .filter((name) => {
      const tensor = tensors.get(name);
      return tensor !== undefined && tensor.dtype === 'float32' && tensor.shape.length >= 2;
    });
  return [...new Set(names)].reverse();
}

/** The same mean and standard deviation, other numbers. */
function drawnAnew(tensor: StoredTensor, seed: number, stream: number): StoredTensor {
  const { bytes } = tensor;
  const values = new Float32Array(bytes.slice().buffer);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const random = createRandom(seed, stream);
  const drawn = Float32Array.from(values, () => mean + Math.sqrt(variance) * random.normal());
  return { ...tensor, bytes: new Uint8Array(drawn.buffer) };
}

/** The model with its last weights drawn anew, then more of them, and at last all. */
export function randomisedModels(model: Model, seed: number): Model[] {
  const { data } = model;
  const names = weightNames(data);
  const steps = Math.min(STEPS, names.length);
  const tensors = new Map(data.tensors);
  let done = 0;
  return Array.from({ length: steps }, (_, step) => {
    for (const end = Math.round(((step + 1) * names.length) / steps); done < end; done++) {
      tensors.set(names[done], drawnAnew(data.tensors.get(names[done]) as StoredTensor, seed, done));
    }
    return modelOf({ ...data, tensors: new Map(tensors) });
  });
}
