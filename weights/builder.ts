/** Writes a network as a graph of ONNX operators, the way PyTorch exports one, with its parameters drawn from a seed. */

import { SCENE_SIZE, sceneClasses } from '../src/evaluate/scenes/index.ts';
import type { AttributeValue, GraphNode, ModelData, StoredTensor } from '../src/model/data/format.ts';
import { createRandom } from '../src/tensor/random.ts';

type Attributes = Readonly<Record<string, AttributeValue>>;

/** A convolution: filters, side of its window, stride, padding, groups. */
export interface ConvSizes {
  readonly from: number;
  readonly to: number;
  readonly side: number;
  readonly stride?: number;
  readonly pad?: number;
  readonly groups?: number;
  /** Factor on its first weights; 1 unless given. */
  readonly scale?: number;
  /** Whether a batch normalization follows, which training folds into the convolution at its end. */
  readonly normalized?: boolean;
}

/** While a network trains: (x − mean)/√(variance + ε) · gain + bias by the mean and variance of the batch. No file has it. */
export const NORMALIZATION = 'BatchNormalization';

/** Pixels 0 … 1 enter as (x − MEAN) / STD. */
export const MEAN = 0.5;
export const STD = 0.25;

const floats = (data: Float32Array, shape: readonly number[]): StoredTensor => ({
  dtype: 'float32',
  shape,
  bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
});

/** The tensors of a network that were learned, by it or by the one it begins from: all but scalars and lists of whole numbers. */
export const learned = ({ tensors }: ModelData): string[] =>
  [...tensors.keys()].filter((name) => {
    const { shape, dtype } = tensors.get(name) as StoredTensor;
    return shape.length > 0 && dtype === 'float32';
  });

export interface Builder {
  /** Adds a node with one output of its own name, and gives that name. */
  node(op: string, name: string, inputs: readonly string[], attributes?: Attributes): string;
  /** Adds a constant that is not learned. */
  constant(
    name: string,
    shape: readonly number[],
    values: readonly number[],
    dtype?: 'float32' | 'int64',
  ): string;
  /** Adds a convolution of a trained model with the weights it has: they learn no further. */
  kept(name: string, x: string, trained: ModelData): string;
  /** Adds a parameter: numbers of a normal distribution of this deviation, or all the same. */
  parameter(name: string, shape: readonly number[], start: { deviation: number } | { value: number }): string;
  conv(name: string, x: string, sizes: ConvSizes): string;
  /** x · W + b over the last axis, as two nodes. */
  linear(name: string, x: string, sizes: { from: number; to: number; scale?: number }): string;
  /** x · Wᵀ + b of rows [N, from]. */
  gemm(name: string, x: string, sizes: { from: number; to: number }): string;
  layerNorm(name: string, x: string, width: number): string;
  relu(name: string, x: string): string;
  /** x/2 · (1 + erf(x/√2)), the five nodes of it. */
  gelu(name: string, x: string): string;
  /** The model, whose logits are this tensor, and the names of its parameters. */
  finish(name: string, logits: string): { model: ModelData; parameters: readonly string[] };
}

/** Builds with parameters drawn from a seed, or as a trained model of the same names begins. */
export function createBuilder(seed: number, first?: ModelData): Builder {
  const nodes: GraphNode[] = [];
  const tensors = new Map<string, StoredTensor>();
  const parameters: string[] = [];

  const node: Builder['node'] = (op, name, inputs, attributes = {}) => {
    nodes.push({ name, op, inputs: [...inputs], outputs: [name], attributes });
    return name;
  };

  const constant: Builder['constant'] = (name, shape, values, dtype = 'float32') => {
    if (!tensors.has(name)) {
      const whole = () => new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
      const stored =
        dtype === 'int64' ? { dtype, shape, bytes: whole() } : floats(Float32Array.from(values), shape);
      tensors.set(name, stored);
    }
    return name;
  };

  const parameter: Builder['parameter'] = (name, shape, start) => {
    parameters.push(name);
    const trained = first?.tensors.get(name);
    if (trained !== undefined) {
      tensors.set(name, trained);
      return name;
    }
    // A stream of its own for each: another layer changes no other's first weights.
    const random = createRandom(seed, parameters.length);
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    for (let i = 0; i < data.length; i++) {
      data[i] = 'value' in start ? start.value : start.deviation * random.normal();
    }
    tensors.set(name, floats(data, shape));
    return name;
  };

  return {
    node,
    constant,
    parameter,
    conv(name, x, { from, to, side, stride = 1, pad = 0, groups = 1, scale = 1, normalized = false }) {
      const deviation = scale * Math.sqrt(2 / ((from / groups) * side * side));
      const weight = parameter(`${name}.weight`, [to, from / groups, side, side], { deviation });
      const bias = parameter(`${name}.bias`, [to], { value: 0 });
      const attributes = {
        dilations: [1, 1],
        group: groups,
        kernel_shape: [side, side],
        pads: [pad, pad, pad, pad],
        strides: [stride, stride],
      };
      if (!normalized) return node('Conv', name, [x, weight, bias], attributes);
      const gain = parameter(`${name}.gain`, [to], { value: scale });
      return node(NORMALIZATION, `${name}_normalized`, [
        node('Conv', name, [x, weight], attributes),
        gain,
        bias,
      ]);
    },
    kept(name, x, trained) {
      const found = trained.nodes.find((each) => each.name === name) as GraphNode;
      const [, ...weights] = found.inputs;
      for (const each of weights) tensors.set(each, trained.tensors.get(each) as StoredTensor);
      return node(found.op, name, [x, ...weights], found.attributes);
    },
    linear(name, x, { from, to, scale = 1 }) {
      const deviation = scale * Math.sqrt(2 / (from + to));
      const weight = parameter(`${name}.weight`, [from, to], { deviation });
      const bias = parameter(`${name}.bias`, [to], { value: 0 });
      return node('Add', name, [bias, node('MatMul', `${name}_product`, [x, weight])]);
    },
    gemm(name, x, { from, to }) {
      const weight = parameter(`${name}.weight`, [to, from], { deviation: Math.sqrt(2 / (from + to)) });
      const bias = parameter(`${name}.bias`, [to], { value: 0 });
      return node('Gemm', name, [x, weight, bias], { transB: 1 });
    },
    layerNorm(name, x, width) {
      const weight = parameter(`${name}.weight`, [width], { value: 1 });
      const bias = parameter(`${name}.bias`, [width], { value: 0 });
      return node('LayerNormalization', name, [x, weight, bias], { axis: -1, epsilon: 1e-6 });
    },
    relu: (name, x) => node('Relu', name, [x]),
    gelu(name, x) {
      const scaled = node('Div', `${name}_scaled`, [x, constant('root2', [], [Math.SQRT2])]);
      const sum = node('Add', `${name}_sum`, [
        node('Erf', `${name}_erf`, [scaled]),
        constant('one', [], [1]),
      ]);
      const product = node('Mul', `${name}_product`, [x, sum]);
      return node('Mul', name, [product, constant('half', [], [0.5])]);
    },
    finish: (name, logits) => ({
      parameters,
      model: {
        name,
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
        outputs: [{ name: logits, shape: ['N', sceneClasses.length], dtype: 'float32' }],
        labels: sceneClasses,
        nodes,
        tensors,
        source: { producer: 'jetgrad', opset: 17, licence: 'MIT' },
      },
    }),
  };
}
