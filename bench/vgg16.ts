import type { GraphNode, ModelData, StoredTensor } from '../src/model/format.ts';
import { createRandom } from '../src/tensor/random.ts';

/** Filters of each block of VGG-16. Source: Simonyan and Zisserman 2015, configuration D. */
const blocks = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];
const dense = [4096, 4096];
const SIDE = 224;

/** Uniform weights with the variance 2/fan-in (He et al. 2015): activations keep their size through the network. */
function randomTensor(shape: readonly number[], seed: number, stream: number): StoredTensor {
  const random = createRandom(seed, stream);
  const fan = shape.slice(1).reduce((a, b) => a * b, 1);
  const reach = Math.sqrt(6 / fan);
  const values = new Float32Array(fan * shape[0]);
  for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * reach;
  return { dtype: 'float32', shape, bytes: new Uint8Array(values.buffer) };
}

function zeroTensor(length: number): StoredTensor {
  return { dtype: 'float32', shape: [length], bytes: new Uint8Array(4 * length) };
}

/** VGG-16 at full size with seeded random weights, named as torchvision's: features.0 … classifier.6. */
export function createVgg16({
  classes = 1000,
  seed = 0,
}: {
  classes?: number;
  seed?: number;
} = {}): ModelData {
  const nodes: GraphNode[] = [];
  const tensors = new Map<string, StoredTensor>();
  let last = 'input';
  const push = (op: string, name: string, weights: string[], attributes: GraphNode['attributes'] = {}) => {
    nodes.push({ name, op, inputs: [last, ...weights], outputs: [name], attributes });
    last = name;
  };
  const withWeights = (name: string, shape: readonly number[]) => {
    tensors.set(`${name}.weight`, randomTensor(shape, seed, tensors.size));
    tensors.set(`${name}.bias`, zeroTensor(shape[0]));
    return [`${name}.weight`, `${name}.bias`];
  };
  let channels = 3;
  let index = 0;
  for (const block of blocks) {
    for (const filters of block) {
      const name = `features.${index}`;
      const attributes = {
        kernel_shape: [3, 3],
        strides: [1, 1],
        pads: [1, 1, 1, 1],
        dilations: [1, 1],
        group: 1,
      };
      push('Conv', name, withWeights(name, [filters, channels, 3, 3]), attributes);
      push('Relu', `features.${index + 1}`, []);
      channels = filters;
      index += 2;
    }
    push('MaxPool', `features.${index}`, [], {
      kernel_shape: [2, 2],
      strides: [2, 2],
      pads: [0, 0, 0, 0],
      ceil_mode: 0,
    });
    index += 1;
  }
  push('Flatten', 'flatten', [], { axis: 1 });
  let features = channels * (SIDE / 2 ** blocks.length) ** 2;
  [...dense, classes].forEach((width, i) => {
    const name = `classifier.${3 * i}`;
    push('Gemm', name, withWeights(name, [width, features]), { transB: 1, alpha: 1, beta: 1 });
    if (i < dense.length) push('Relu', `classifier.${3 * i + 1}`, []);
    features = width;
  });
  return {
    name: 'vgg16',
    inputs: [{ name: 'input', shape: ['N', 3, SIDE, SIDE], dtype: 'float32' }],
    outputs: [{ name: last, shape: ['N', classes], dtype: 'float32' }],
    nodes,
    tensors,
    source: { producer: 'jetgrad', opset: 17 },
  };
}
