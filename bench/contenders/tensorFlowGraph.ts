import type { FoldedNode } from './foldNetwork.ts';

export interface TfTensor {
  readonly shape: readonly number[];
  data(): Promise<Float32Array>;
  dispose(): void;
}

interface FusedConvOptions {
  readonly x: TfTensor;
  readonly filter: TfTensor;
  readonly strides: number;
  readonly pad: TfPads | 'valid';
  readonly bias: TfTensor;
  readonly activation?: string | undefined;
}

type TfPads = readonly (readonly number[])[];

/** What we use of TensorFlow.js. */
export interface Tf {
  tensor(values: Float32Array, shape: readonly number[]): TfTensor;
  transpose(x: TfTensor, order: readonly number[]): TfTensor;
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  relu(x: TfTensor): TfTensor;
  add(x: TfTensor, y: TfTensor): TfTensor;
  concat(tensors: readonly TfTensor[], axis: number): TfTensor;
  mean(x: TfTensor, axes: readonly number[], keepDims: boolean): TfTensor;
  maxPool(
    x: TfTensor,
    kernel: readonly number[],
    strides: readonly number[],
    pad: TfPads | 'valid',
  ): TfTensor;
  readonly fused: {
    conv2d(options: FusedConvOptions): TfTensor;
    depthwiseConv2d(options: FusedConvOptions): TfTensor;
    matMul(options: {
      readonly a: TfTensor;
      readonly b: TfTensor;
      readonly bias: TfTensor;
      readonly activation?: string | undefined;
    }): TfTensor;
  };
  tidy<T>(f: () => T): T;
  setBackend(name: string): Promise<boolean>;
}

type Step = (...inputs: TfTensor[]) => TfTensor;

const list = (node: FoldedNode, name: string): readonly number[] =>
  node.attributes[name] as readonly number[];

function padsOf(node: FoldedNode): TfPads | 'valid' {
  const [top, left, bottom, right] = list(node, 'pads');
  const pads = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return pads.flat().every((pad) => pad === 0) ? 'valid' : pads;
}

/** A tensor in another order of axes, made once. */
function reordered(
  tf: Tf,
  { values, shape }: { values: Float32Array; shape: readonly number[] },
  order: readonly number[],
) {
  const given = tf.tensor(values, shape);
  const result = tf.transpose(given, order);
  given.dispose();
  return result;
}

function convolution(tf: Tf, node: FoldedNode): Step {
  const { weights, activation } = node;
  if (weights === undefined) throw new Error(`Internal: ${node.output} has no weights`);
  const strides = list(node, 'strides')[0];
  const isDepthwise = node.attributes.group !== 1;
  const options = {
    filter: reordered(tf, weights, isDepthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]),
    bias: tf.tensor(weights.bias, [weights.bias.length]),
    ...{ strides, pad: padsOf(node), activation },
  };
  const run = isDepthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
  return (x) => run({ x, ...options });
}

function dense(tf: Tf, node: FoldedNode): Step {
  const { weights, activation } = node;
  if (weights === undefined) throw new Error(`Internal: ${node.output} has no weights`);
  const b = reordered(tf, weights, [1, 0]);
  const bias = tf.tensor(weights.bias, [weights.bias.length]);
  return (a) => tf.fused.matMul({ a, b, bias, activation });
}

/** ONNX order of features behind a map [N, H, W, C]. */
function flatten(tf: Tf, x: TfTensor): TfTensor {
  return tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0], -1]);
}

/** A node as a step over maps [N, H, W, C], its weights converted once. */
function stepOf(tf: Tf, node: FoldedNode): Step {
  switch (node.op) {
    case 'Conv':
      return convolution(tf, node);
    case 'Gemm':
      return dense(tf, node);
    case 'MaxPool': {
      const [kernel, strides] = [list(node, 'kernel_shape'), list(node, 'strides')];
      return (x) => tf.maxPool(x, kernel, strides, padsOf(node));
    }
    case 'GlobalAveragePool':
      return (x) => tf.mean(x, [1, 2], true);
    case 'Flatten':
      return (x) => flatten(tf, x);
    case 'Relu':
      return tf.relu;
    case 'Add':
      return tf.add;
    case 'Concat':
      return (...inputs) => tf.concat(inputs, 3);
    default:
      throw new Error(`Internal: no step of TensorFlow.js is written for ${node.op}`);
  }
}

/** A folded network as a function of images [N, H, W, C]; what nobody reads any more is let go. */
export function createTensorFlowGraph(tf: Tf, nodes: readonly FoldedNode[]): (images: TfTensor) => TfTensor {
  const lastReader = new Map(nodes.flatMap((node) => node.inputs.map((input) => [input, node] as const)));
  const steps = nodes.map((node) => ({ node, step: stepOf(tf, node) }));
  return (images) => {
    const values = new Map<string, TfTensor>([['input', images]]);
    let last = images;
    for (const { node, step } of steps) {
      const inputs = node.inputs.map((name) => values.get(name) as TfTensor);
      last = tf.tidy(() => step(...inputs));
      values.set(node.output, last);
      for (const name of node.inputs) {
        if (lastReader.get(name) === node) values.get(name)?.dispose();
      }
    }
    return last;
  };
}
