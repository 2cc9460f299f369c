import type { ModelData, StoredTensor } from '../../src/model/data/format.ts';
import { writeSafetensors } from '../../src/model/file/safetensors.ts';
import { serializeModel } from '../../src/model/file/serializeModel.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../src/tensor/tensor.ts';
import { floats, makeModel, parseNode } from './makeModel.ts';

const random = createRandom(11);

function weights(shape: readonly number[]): StoredTensor {
  const reach = Math.sqrt(6 / sizeOf(shape.slice(1)));
  return floats(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => (2 * random.uniform() - 1) * reach),
  );
}

const positive = (length: number): StoredTensor =>
  floats(
    [length],
    Float32Array.from({ length }, () => 0.5 + random.uniform()),
  );

const window3 = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/**
 * Seven classes over 16 × 16 pixels, with weights that the kernels transform (a), pack (b) and read in place (v), and small ones. a and b
 * are large enough to be deferred.
 */
export const largeNetwork: ModelData = makeModel({
  inputs: { image: ['N', 3, 16, 16] },
  outputs: ['z'],
  nodes: [
    parseNode('Conv image first > c0', window3),
    'Relu c0 > r0',
    parseNode('Conv r0 a a.bias > c1', window3),
    'BatchNormalization c1 scale shift mean variance > n1',
    'Relu n1 > r1',
    parseNode('MaxPool r1 > p1', { kernel_shape: [2, 2], strides: [2, 2] }),
    parseNode('Conv p1 b > c2', { kernel_shape: [1, 1] }),
    'Relu c2 > r2',
    'GlobalAveragePool r2 > means',
    'Flatten means > flat',
    parseNode('Gemm flat v v.bias > z', { transB: 1 }),
  ],
  tensors: {
    first: weights([32, 3, 3, 3]),
    a: weights([64, 32, 3, 3]),
    'a.bias': weights([64]),
    scale: positive(64),
    shift: weights([64]),
    mean: weights([64]),
    variance: positive(64),
    b: weights([300, 64, 1, 1]),
    v: weights([7, 300]),
    'v.bias': weights([7]),
  },
});

export function imagesFor({ inputs }: Pick<ModelData, 'inputs'>, count = 1): Tensor {
  const shape = [count, ...((inputs[0].shape ?? []) as readonly number[]).slice(1)];
  return fromData(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );
}

export interface BesideJson extends Record<string, unknown> {
  readonly tensors: Record<string, Record<string, unknown>>;
}

/** A model as JSON whose tensors lie in a safetensors file, however few they are. */
export function besideFile(model: ModelData, file: string): { json: BesideJson; bytes: Uint8Array } {
  const { chunks, places } = writeSafetensors(model.tensors);
  const json: BesideJson = JSON.parse(serializeModel(model).json);
  for (const [name, place] of places) {
    const { dtype, shape } = json.tensors[name];
    json.tensors[name] = { dtype, shape, file, ...place };
  }
  return { json, bytes: Buffer.concat(chunks) };
}
