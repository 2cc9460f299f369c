import * as fc from 'fast-check';
import * as op from '../../../src/autodiff/operations.ts';
import { mean } from '../../../src/autodiff/reducing.ts';
import { gelu, hardSwish, silu } from '../../../src/layers/activations.ts';
import { conv } from '../../../src/layers/convolution.ts';
import { layerNorm } from '../../../src/layers/normalization.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';

const { abs, add, leakyRelu, matmul, maxPool, mul, relu, reshape, sigmoid, sub, sum, tanh } = op;

/** Numbers for weights, drawn in the order in which layers are made. */
type Normals = (...shape: number[]) => Tensor;
type Layer = (x: Tensor) => Tensor;

const CHANNELS = 3;
export const CLASSES = 5;

const window = { kernel: [2, 2], strides: [1, 1], dilations: [1, 1], padsBefore: [1, 1], padsAfter: [0, 0] };
const sameSize = { padsBefore: [1, 1], padsAfter: [1, 1] };
const pooled = (x: Tensor) => mean(x, [2, 3], { keepDimensions: true });

/** Layers from [1, 3, h, w] to the same shape; `smooth` ones bend. */
const layers: Readonly<Record<string, (normals: Normals) => Layer>> = {
  relu: () => relu,
  leakyRelu: () => (x) => leakyRelu(x, 0.1),
  abs: () => abs,
  maxPool: () => (x) => maxPool(x, { ...window, output: x.shape.slice(2) }),
  conv: (normals) => {
    const w = mul(normals(CHANNELS, CHANNELS, 3, 3), 0.3);
    return (x) => conv(x, w, sameSize);
  },
  pointwise: (normals) => {
    const w = mul(normals(CHANNELS, CHANNELS, 1, 1), 0.6);
    return (x) => conv(x, w);
  },
  scale: (normals) => {
    const [w, b] = [normals(CHANNELS, 1, 1), normals(CHANNELS, 1, 1)];
    return (x) => add(mul(x, w), b);
  },
  residual: (normals) => {
    const w = mul(normals(CHANNELS, CHANNELS, 3, 3), 0.2);
    return (x) => sub(x, conv(relu(x), w, sameSize));
  },
  gelu: () => gelu,
  silu: () => silu,
  hardSwish: () => hardSwish,
  tanh: () => tanh,
  layerNorm: () => (x) => layerNorm(x, { epsilon: 0.1 }),
  gate: (normals) => {
    const w = normals(CHANNELS, CHANNELS, 1, 1);
    return (x) => mul(x, sigmoid(conv(pooled(x), w)));
  },
};

export const layerNames = Object.keys(layers);
/** Layers that are linear but for their kinks and have no constant beside the weights. */
export const homogeneousNames = ['relu', 'leakyRelu', 'abs', 'maxPool', 'conv', 'pointwise', 'residual'];

/** A head as it is drawn, and as it is made smaller where it fails. */
export interface Drawn {
  readonly names: readonly string[];
  /** After which of the layers the output of an earlier one is added. */
  readonly skips: readonly number[];
  readonly ending: 'pool' | 'flatten';
  readonly side: number;
  readonly seed: number;
}

export const drawnHead = (names: readonly string[] = layerNames): fc.Arbitrary<Drawn> =>
  fc.record({
    names: fc.array(fc.constantFrom(...names), { maxLength: 5 }),
    skips: fc.array(fc.nat(4), { maxLength: 2 }),
    ending: fc.constantFrom('pool' as const, 'flatten' as const),
    side: fc.integer({ min: 2, max: 4 }),
    seed: fc.nat(1e6),
  });

/** The activation and the head, activation → logits [5], of what was drawn. */
export function headOf({ names, skips, ending, side, seed }: Drawn) {
  const random = createRandom(seed);
  const normals: Normals = (...shape) => random.normals(shape);
  const chain = names.map((name) => layers[name](normals));
  const last = normals(ending === 'pool' ? CHANNELS : CHANNELS * side * side, CLASSES);
  const head = (a: Tensor): Tensor => {
    const made = [a];
    for (const [i, layer] of chain.entries()) {
      const next = layer(made[i]);
      made.push(skips.includes(i) ? add(next, made[Math.floor(i / 2)]) : next);
    }
    const x = made[chain.length];
    const flat = ending === 'pool' ? sum(x, [2, 3]) : reshape(x, [1, -1]);
    return reshape(mul(matmul(flat, last), 0.5), [-1]);
  };
  return { head, activation: normals(1, CHANNELS, side, side), normals };
}
