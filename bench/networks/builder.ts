import type { GraphNode, ModelData } from '../../src/model/data/format.ts';
import { createTensors, type Tensors } from './tensors.ts';

/** A feature map while a network is built: its tensor's name, channels and side. After `flatten` the side is 1. */
export interface Value {
  readonly tensor: string;
  readonly channels: number;
  readonly side: number;
}

export interface NetworkOptions {
  readonly classes?: number;
  readonly seed?: number;
  /** The same blocks, but few of them and over small pictures. */
  readonly isMiniature?: boolean;
}

export interface Window {
  readonly kernel: number;
  readonly stride?: number;
  readonly pad?: number;
}

export interface ConvOptions extends Window {
  readonly filters: number;
  readonly group?: number;
  readonly bias?: boolean;
  /** Variance of the weights times fan-in: 2 behind a rectifier, 1 behind a linear layer. */
  readonly gain?: number;
}

export interface Builder {
  readonly input: Value;
  conv(x: Value, name: string, options: ConvOptions): Value;
  dense(x: Value, name: string, width: number): Value;
  /** Inference BatchNormalization with random statistics near 1; scale around `scale`. */
  normalize(x: Value, name: string, scale?: number): Value;
  relu(x: Value, name: string): Value;
  /** Clip to 0 … 6. */
  relu6(x: Value, name: string): Value;
  maxPool(x: Value, name: string, window: Window): Value;
  globalAveragePool(x: Value, name: string): Value;
  flatten(x: Value, name: string): Value;
  add(x: Value, y: Value, name: string): Value;
  concat(x: Value, y: Value, name: string): Value;
  /** A node of any operator with one output of its own name, which it gives back. */
  push(op: string, name: string, inputs: string[], attributes?: GraphNode['attributes']): string;
  /** Constants; each function gives the name back. */
  weights: Tensors['weights'];
  uniform: Tensors['uniform'];
  constant: Tensors['constant'];
  scalar(value: number): string;
  /** Integers of one axis, or one alone. */
  integers(name: string, values: number | readonly number[]): string;
  finish(logits: Value): ModelData;
}

const sideAfter = (side: number, { kernel, stride = 1, pad = 0 }: Window): number =>
  Math.floor((side + 2 * pad - kernel) / stride) + 1;

const windowAttributes = ({ kernel, stride = 1, pad = 0 }: Window): GraphNode['attributes'] => ({
  kernel_shape: [kernel, kernel],
  strides: [stride, stride],
  pads: [pad, pad, pad, pad],
});

/** Networks of ONNX nodes over seeded random tensors. */
export function createBuilder(name: string, { side = 224, seed = 0 } = {}): Builder {
  const nodes: GraphNode[] = [];
  const { tensors, weights, uniform, constant, zeros, integers } = createTensors(seed);
  const input = { tensor: 'input', channels: 3, side };

  function push(
    op: string,
    name: string,
    inputs: string[],
    attributes: GraphNode['attributes'] = {},
  ): string {
    nodes.push({ name, op, inputs, outputs: [name], attributes });
    return name;
  }
  return {
    ...{ input, push, weights, uniform, constant, integers },
    scalar: (value) => constant(`number.${value}`, Float32Array.of(value), []),
    conv(x, name, { filters, group = 1, bias = true, gain = 2, ...window }) {
      const shape = [filters, x.channels / group, window.kernel, window.kernel];
      const inputs = [x.tensor, weights(`${name}.weight`, shape, gain)];
      if (bias) inputs.push(zeros(`${name}.bias`, filters));
      const attributes = { ...windowAttributes(window), dilations: [1, 1], group };
      return {
        tensor: push('Conv', name, inputs, attributes),
        channels: filters,
        side: sideAfter(x.side, window),
      };
    },
    dense(x, name, width) {
      const inputs = [
        x.tensor,
        weights(`${name}.weight`, [width, x.channels], 2),
        zeros(`${name}.bias`, width),
      ];
      const tensor = push('Gemm', name, inputs, { transB: 1, alpha: 1, beta: 1 });
      return { tensor, channels: width, side: 1 };
    },
    normalize(x, name, scale = 1) {
      const shape = [x.channels];
      const inputs = [
        x.tensor,
        uniform(`${name}.weight`, shape, [0.8 * scale, 1.2 * scale]),
        uniform(`${name}.bias`, shape, [-0.2, 0.2]),
        uniform(`${name}.running_mean`, shape, [-0.2, 0.2]),
        uniform(`${name}.running_var`, shape, [0.5, 1.5]),
      ];
      return { ...x, tensor: push('BatchNormalization', name, inputs, { epsilon: 1e-5, momentum: 0.9 }) };
    },
    relu: (x, name) => ({ ...x, tensor: push('Relu', name, [x.tensor]) }),
    relu6(x, name) {
      const bounds = [0, 6].map((bound) => constant(`clip.${bound}`, Float32Array.of(bound), []));
      return { ...x, tensor: push('Clip', name, [x.tensor, ...bounds]) };
    },
    maxPool(x, name, window) {
      const tensor = push('MaxPool', name, [x.tensor], { ...windowAttributes(window), ceil_mode: 0 });
      return { ...x, tensor, side: sideAfter(x.side, window) };
    },
    globalAveragePool: (x, name) => ({ ...x, tensor: push('GlobalAveragePool', name, [x.tensor]), side: 1 }),
    flatten: (x, name) => ({
      tensor: push('Flatten', name, [x.tensor], { axis: 1 }),
      channels: x.channels * x.side * x.side,
      side: 1,
    }),
    add: (x, y, name) => ({ ...x, tensor: push('Add', name, [x.tensor, y.tensor]) }),
    concat: (x, y, name) => ({
      ...x,
      tensor: push('Concat', name, [x.tensor, y.tensor], { axis: 1 }),
      channels: x.channels + y.channels,
    }),
    finish: (logits) => ({
      name,
      inputs: [{ name: input.tensor, shape: ['N', input.channels, side, side], dtype: 'float32' }],
      outputs: [{ name: logits.tensor, shape: ['N', logits.channels], dtype: 'float32' }],
      nodes,
      tensors,
      source: { producer: 'jetgrad', opset: 17 },
    }),
  };
}
