import type { Attributes } from '../../../src/model/data/format.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import {
  type Builder,
  chance,
  channelCounts,
  type Grow,
  integers,
  node,
  normals,
  pick,
  tensorOf,
  type Wire,
  weights,
} from './builder.ts';

export const unary =
  (op: string, attributes: (b: Builder) => Attributes = () => ({})): Grow =>
  (b, x) =>
    node(b, op, { inputs: [x.name], shape: x.shape, attributes: attributes(b) });

export const batchNormalization: Grow = (b, x) => {
  const [channels] = x.shape;
  const inputs = [
    x.name,
    tensorOf(b, [channels], () => 0.5 + b.random.uniform()),
    normals(b, [channels], 0.3),
    normals(b, [channels], 0.3),
    tensorOf(b, [channels], () => 0.3 + b.random.uniform()),
  ];
  return node(b, 'BatchNormalization', { inputs, shape: x.shape, attributes: { epsilon: 1e-3 } });
};

export const clip: Grow = (b, x) => {
  const [low, high] = [b.random.normal() - 1, b.random.normal() + 1];
  const scalar = (value: number) => tensorOf(b, [], () => value);
  const inputs = [
    x.name,
    chance(b, 0.8) ? scalar(low) : '',
    chance(b, 0.8) ? scalar(Math.max(low, high)) : '',
  ];
  return node(b, 'Clip', { inputs, shape: x.shape });
};

/** An earlier tensor that fits. */
function earlier(b: Builder, x: Wire, fits: (shape: readonly number[]) => boolean): Wire | undefined {
  const found = b.wires.filter((wire) => wire.shape.length === x.shape.length && fits(wire.shape));
  return found.length === 0 ? undefined : pick(b, found);
}

export function binary(op: 'Add' | 'Mul'): Grow {
  return (b, x) => {
    const other = earlier(b, x, (shape) => shape.join() === x.shape.join());
    const [channels] = x.shape;
    const flat = x.shape.length === 1;
    const constants = flat
      ? [[channels], [1, channels], [1]]
      : [[channels, 1, 1], [1, channels, 1, 1], [], x.shape];
    const operand = other !== undefined && chance(b, 0.7) ? other.name : normals(b, pick(b, constants));
    const inputs = chance(b, 0.5) ? [x.name, operand] : [operand, x.name];
    return node(b, op, { inputs, shape: x.shape });
  };
}

export const concat: Grow = (b, x) => {
  const parts = [x];
  for (let i = 0; i <= b.random.integer(2); i++) {
    const other = earlier(b, x, (shape) => shape.slice(1).join() === x.shape.slice(1).join());
    if (other !== undefined) parts.push(other);
  }
  const channels = parts.reduce((sum, { shape }) => sum + shape[0], 0);
  if (channels > 80) return undefined;
  const axis = chance(b, 0.5) ? 1 : -x.shape.length;
  return node(b, 'Concat', {
    inputs: parts.map(({ name }) => name),
    shape: [channels, ...x.shape.slice(1)],
    attributes: { axis },
  });
};

/** x + f(x), f a convolution, a normalization perhaps. */
export const residual: Grow = (b, x) => {
  const [channels] = x.shape;
  const kernel = pick(b, [
    [1, 1],
    [3, 3],
  ]);
  const w = weights(b, [channels, channels, ...kernel], channels * kernel[0] * kernel[1]);
  const pads = [...kernel, ...kernel].map((k) => (k - 1) / 2);
  const y = node(b, 'Conv', { inputs: [x.name, w], shape: x.shape, attributes: { pads } });
  const z = chance(b, 0.5) ? (batchNormalization(b, y) as Wire) : y;
  const inputs = chance(b, 0.5) ? [x.name, z.name] : [z.name, x.name];
  return node(b, 'Add', { inputs, shape: x.shape });
};

/** Squeeze-and-excitation: a gate for each channel of each image. */
export const gate: Grow = (b, x) => {
  const [channels] = x.shape;
  const means = node(b, 'GlobalAveragePool', { inputs: [x.name], shape: [channels, 1, 1] });
  const w = weights(b, [channels, channels, 1, 1], channels);
  const mixed = node(b, 'Conv', { inputs: [means.name, w], shape: [channels, 1, 1] });
  const op = pick(b, ['HardSigmoid', 'Sigmoid', 'HardSwish']);
  const open = node(b, op, { inputs: [mixed.name], shape: mixed.shape });
  const inputs = chance(b, 0.5) ? [x.name, open.name] : [open.name, x.name];
  return node(b, chance(b, 0.8) ? 'Mul' : 'Add', { inputs, shape: x.shape });
};

export const reduceMean: Grow = (b, x) => {
  const keep = chance(b, 0.5);
  const axes = pick(b, [
    [2, 3],
    [-1, -2],
  ]);
  const shape = keep ? [x.shape[0], 1, 1] : [x.shape[0]];
  return node(b, 'ReduceMean', { inputs: [x.name], shape, attributes: { axes, keepdims: keep ? 1 : 0 } });
};

export const globalPool: Grow = (b, x) =>
  node(b, pick(b, ['GlobalAveragePool', 'GlobalMaxPool']), { inputs: [x.name], shape: [x.shape[0], 1, 1] });

export const flatten: Grow = (b, x) => {
  const shape = [sizeOf(x.shape)];
  if (shape[0] > 3000) return undefined;
  if (chance(b, 0.5)) return node(b, 'Flatten', { inputs: [x.name], shape });
  return node(b, 'Reshape', { inputs: [x.name, integers(b, [0, -1])], shape });
};

export const same: Grow = (b, x) => {
  const way = b.random.integer(4);
  if (way === 0) return node(b, 'Identity', { inputs: [x.name], shape: x.shape });
  if (way === 1) return node(b, 'Dropout', { inputs: [x.name], shape: x.shape });
  if (way === 2)
    return node(b, 'Reshape', { inputs: [x.name, integers(b, [0, ...x.shape])], shape: x.shape });
  const perm = [0, ...x.shape.map((_, i) => i + 1)];
  return node(b, 'Transpose', { inputs: [x.name], shape: x.shape, attributes: { perm } });
};

/** What only the reference computes. */
export const onHost: Grow = (b, x) => {
  const way = b.random.integer(x.shape.length === 1 ? 3 : 5);
  if (way === 0) return node(b, 'Sin', { inputs: [x.name], shape: x.shape });
  if (way === 1) return node(b, 'LogSoftmax', { inputs: [x.name], shape: x.shape, attributes: { axis: 1 } });
  if (way === 2) return node(b, 'Softplus', { inputs: [x.name], shape: x.shape });
  const [c, h, w] = x.shape;
  if (way === 3) {
    const inputs = [x.name, integers(b, [0, 0, 1, 0, 0, 0, 0, 2])];
    return node(b, 'Pad', { inputs, shape: [c, h + 1, w + 2] });
  }
  const perm = [0, 1, 3, 2];
  return node(b, 'Transpose', { inputs: [x.name], shape: [c, w, h], attributes: { perm } });
};

/** A constant that nodes make of a constant: its transpose's transpose. */
function folded(b: Builder, name: string): string {
  const twice = [`${name} flipped ${b.nodes.length}`, `${name} again ${b.nodes.length}`];
  const perm = { perm: [1, 0] };
  [name, twice[0]].forEach((input, i) => {
    b.nodes.push({ name: twice[i], op: 'Transpose', inputs: [input], outputs: [twice[i]], attributes: perm });
  });
  return twice[1];
}

export const dense: Grow = (b, x) => {
  const [depth] = x.shape;
  const outputs = pick(b, [...channelCounts, 50, 101]);
  const transposed = chance(b, 0.6);
  const stored = weights(b, transposed ? [outputs, depth] : [depth, outputs], depth);
  const w = chance(b, 0.8) ? stored : folded(b, stored);
  if (!transposed && chance(b, 0.3)) return node(b, 'MatMul', { inputs: [x.name, w], shape: [outputs] });
  const inputs = [x.name, w];
  const biases = [[outputs], [1, outputs], [1], []];
  if (chance(b, 0.7)) inputs.push(normals(b, pick(b, biases), 0.3));
  return node(b, 'Gemm', { inputs, shape: [outputs], attributes: transposed ? { transB: 1 } : {} });
};

/** A map of one pixel as a row. */
export const squeeze: Grow = (b, x) =>
  x.shape[1] * x.shape[2] === 1
    ? node(b, 'Squeeze', { inputs: [x.name, integers(b, [2, -1])], shape: [x.shape[0]] })
    : undefined;

/** A row as a map of one pixel. */
export const unsqueeze: Grow = (b, x) =>
  node(b, 'Unsqueeze', { inputs: [x.name, integers(b, [2, 3])], shape: [...x.shape, 1, 1] });
