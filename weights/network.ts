/** The bundled network: a small VGG, as a function of its parameters and as a model file. */
import {
  add,
  div,
  exp,
  log,
  matmul,
  max,
  maxPool,
  mul,
  neg,
  relu,
  reshape,
  sub,
  sum,
} from '../src/autodiff/operations.ts';
import { convRow } from '../src/autodiff/primitives/products.ts';
import { apply } from '../src/autodiff/trace.ts';
import type { GraphNode, ModelData, StoredTensor } from '../src/model/data/format.ts';
import { createRandom } from '../src/tensor/random.ts';
import { fromData, type Tensor } from '../src/tensor/tensor.ts';
import { SCENE_SIZE } from './scenes.ts';
import { classNames } from './shapes.ts';

/** Filters of each block's convolutions, and the side of the max-pool that ends it. */
const blocks = [
  { filters: [12], pool: 2 },
  { filters: [24], pool: 2 },
  { filters: [32, 48], pool: 16 }, // the whole 16 × 16 map: where an object stands does not matter
] as const;
const hidden = 64;

/** Pixels 0 … 1 enter as (x − MEAN) / STD. */
const MEAN = 0.5;
const STD = 0.25;

export interface Layer {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** Parameters by layer name, in the order of the network. */
export type Parameters = Record<string, Layer>;

const convNames = blocks.flatMap(({ filters }, b) => filters.map((_, i) => `conv${b + 1}_${i + 1}`));

function createLayer(shape: readonly number[], stream: number, seed: number): Layer {
  const random = createRandom(seed, stream);
  const fan = shape.slice(1).reduce((a, b) => a * b, 1);
  const weight = new Float32Array(fan * shape[0]).map(() => random.normal() * Math.sqrt(2 / fan));
  return { weight: fromData(weight, shape), bias: fromData(new Float32Array(shape[0]), [shape[0]]) };
}

export function createParameters(seed: number): Parameters {
  const parameters: Parameters = {};
  let channels = 3;
  let side = SCENE_SIZE;
  for (const [b, { filters, pool }] of blocks.entries()) {
    for (const [i, count] of filters.entries()) {
      parameters[`conv${b + 1}_${i + 1}`] = createLayer([count, channels, 3, 3], 10 * b + i, seed);
      channels = count;
    }
    side /= pool;
  }
  parameters.fc1 = createLayer([hidden, channels * side * side], 100, seed);
  parameters.fc2 = createLayer([classNames.length, hidden], 101, seed);
  return parameters;
}

const same = {
  kernel: [3, 3],
  strides: [1, 1],
  dilations: [1, 1],
  padsBefore: [1, 1],
  padsAfter: [1, 1],
  groups: 1,
};

function shrink(x: Tensor, side: number): Tensor {
  const output = x.shape.slice(2).map((length) => length / side);
  const window = { kernel: [side, side], strides: [side, side], dilations: [1, 1] };
  return maxPool(x, { ...window, padsBefore: [0, 0], padsAfter: [0, 0], output });
}

/** Logits [N, classes] of pictures [N, 3, 64, 64] in 0 … 1. */
export function forward(parameters: Parameters, pictures: Tensor): Tensor {
  let x = div(sub(pictures, MEAN), STD);
  for (const [b, { filters, pool }] of blocks.entries()) {
    for (const i of filters.keys()) {
      const { weight, bias } = parameters[`conv${b + 1}_${i + 1}`];
      x = relu(add(apply(convRow, [x, weight], same), reshape(bias, [-1, 1, 1])));
    }
    x = shrink(x, pool);
  }
  const flat = reshape(x, [x.shape[0], -1]);
  const { fc1, fc2 } = parameters;
  const features = relu(add(matmul(flat, fc1.weight, { right: true }), fc1.bias));
  return add(matmul(features, fc2.weight, { right: true }), fc2.bias);
}

/** Mean softmax cross-entropy of logits [N, m] against one-hot rows. */
export function crossEntropy(logits: Tensor, oneHot: Tensor): Tensor {
  const shifted = sub(logits, max(logits, [-1], { keepDimensions: true }));
  const logProbability = sub(shifted, log(sum(exp(shifted), [-1], { keepDimensions: true })));
  return mul(1 / logits.shape[0], neg(sum(mul(oneHot, logProbability))));
}

function node(
  op: string,
  name: string,
  inputs: string[],
  attributes: GraphNode['attributes'] = {},
): GraphNode {
  return { name, op, inputs, outputs: [name], attributes };
}

function storedTensor(x: Tensor): StoredTensor {
  const { buffer, byteOffset, byteLength } = x.data;
  return { dtype: 'float32', shape: x.shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** The network as a model: nodes named conv1_1, relu1_1, pool1, …, fc1, relu_fc1, fc2. */
export function toModel(parameters: Parameters): ModelData {
  const nodes: GraphNode[] = [];
  let last = 'image';
  const push = (...args: NodeArguments) => {
    nodes.push(node(...args));
    last = args[1];
  };
  for (const [b, { filters, pool }] of blocks.entries()) {
    for (const i of filters.keys()) {
      const at = `${b + 1}_${i + 1}`;
      const conv = { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1 };
      push('Conv', `conv${at}`, [last, `conv${at}.weight`, `conv${at}.bias`], conv);
      push('Relu', `relu${at}`, [last]);
    }
    push('MaxPool', `pool${b + 1}`, [last], { kernel_shape: [pool, pool], strides: [pool, pool] });
  }
  push('Flatten', 'flatten', [last], { axis: 1 });
  push('Gemm', 'fc1', [last, 'fc1.weight', 'fc1.bias'], { transB: 1 });
  push('Relu', 'relu_fc1', [last]);
  push('Gemm', 'fc2', [last, 'fc2.weight', 'fc2.bias'], { transB: 1 });
  const named = [...convNames, 'fc1', 'fc2'].flatMap((name): [string, StoredTensor][] => [
    [`${name}.weight`, storedTensor(parameters[name].weight)],
    [`${name}.bias`, storedTensor(parameters[name].bias)],
  ]);
  return {
    name: 'scenes-vgg',
    inputs: [
      {
        name: 'image',
        shape: ['N', 3, SCENE_SIZE, SCENE_SIZE],
        dtype: 'float32',
        preprocessing: {
          channels: 'RGB',
          scale: 1 / 255,
          mean: [MEAN, MEAN, MEAN],
          std: [STD, STD, STD],
          resize: { width: SCENE_SIZE, height: SCENE_SIZE },
        },
      },
    ],
    outputs: [{ name: 'fc2', shape: ['N', classNames.length], dtype: 'float32' }],
    labels: classNames,
    nodes,
    tensors: new Map(named),
    source: { producer: 'jetgrad', opset: 17, licence: 'MIT' },
  };
}

type NodeArguments = [op: string, name: string, inputs: string[], attributes?: GraphNode['attributes']];
