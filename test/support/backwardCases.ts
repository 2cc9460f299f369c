import type { GraphNode } from '../../src/model/data/format.ts';
import type { Random } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { floats, integers, type makeModel, parseNode } from './makeModel.ts';

type Shape = readonly number[];

export const normal = (random: Random, shape: Shape) =>
  fromData(
    new Float32Array(sizeOf(shape)).map(() => random.normal()),
    shape,
  );
export const weights = (random: Random, shape: Shape) =>
  floats(
    shape,
    Array.from({ length: sizeOf(shape) }, () => random.normal() / Math.sqrt(sizeOf(shape) / shape[0])),
  );

export interface Case {
  readonly name: string;
  /** Of three images. */
  readonly shape: Shape;
  readonly nodes: readonly (string | GraphNode)[];
  readonly weights?: Readonly<Record<string, Shape>>;
  readonly tensors?: Parameters<typeof makeModel>[0]['tensors'];
  readonly targets?: readonly string[];
  /** Inputs are halves, so that windows have ties. */
  readonly ties?: boolean;
}

const conv = (line: string, attributes: GraphNode['attributes'] = {}) => parseNode(line, attributes);
const normalization = (channels: number) => ({
  s: [channels],
  b: [channels],
  m: [channels],
});

/** Graphs that between them use every rule of the backward pass. */
export const cases: Case[] = [
  {
    name: 'Conv: small, odd, asymmetric pads, bias',
    shape: [3, 3, 7, 9],
    nodes: [conv('Conv x w b > y', { pads: [0, 1, 2, 1] }), 'Relu y > a'],
    weights: { w: [5, 3, 3, 3], b: [5] },
  },
  {
    name: 'Conv: by transforms, odd sizes',
    shape: [3, 16, 11, 13],
    nodes: [conv('Conv x w > y', { pads: [1, 0, 1, 2] }), 'Relu y > a'],
    weights: { w: [20, 16, 3, 3] },
  },
  {
    name: 'Conv: strides, dilations, a remainder that no window reaches',
    shape: [3, 4, 12, 15],
    nodes: [
      conv('Conv x w > a', { strides: [3, 2], dilations: [2, 1], pads: [1, 2, 0, 1], kernel_shape: [2, 4] }),
    ],
    weights: { w: [6, 4, 2, 4] },
  },
  {
    name: 'Conv: stride 2 and SAME',
    shape: [3, 4, 9, 8],
    nodes: [conv('Conv x w > a', { strides: [2, 2], auto_pad: 'SAME_LOWER' })],
    weights: { w: [6, 4, 3, 3] },
  },
  {
    name: 'Conv: pads beyond the kernel',
    shape: [3, 4, 5, 6],
    nodes: [conv('Conv x w > a', { pads: [3, 4, 3, 3] })],
    weights: { w: [4, 4, 3, 2] },
  },
  {
    name: 'Conv: 1 × 1 of stride 2',
    shape: [3, 6, 7, 8],
    nodes: [conv('Conv x w > a', { strides: [2, 2] })],
    weights: { w: [8, 6, 1, 1] },
  },
  {
    name: 'Conv: groups',
    shape: [3, 8, 6, 7],
    nodes: [conv('Conv x w > a', { group: 2, pads: [1, 1, 1, 1] })],
    weights: { w: [16, 4, 3, 3] },
  },
  {
    name: 'Conv: depthwise, strided, with bounds',
    shape: [3, 6, 9, 10],
    nodes: [
      conv('Conv x w > y', { group: 6, strides: [2, 2], pads: [0, 0, 1, 1] }),
      parseNode('Clip y > a', { min: -0.5, max: 0.75 }),
    ],
    weights: { w: [6, 1, 3, 3] },
  },
  {
    name: 'BatchNormalization: behind a Conv, alone, and where the Conv is read twice',
    shape: [3, 5, 6, 6],
    nodes: [
      'BatchNormalization x s b m v > n',
      'Conv n w > y',
      'BatchNormalization y s b m v > p',
      'Relu p > r',
      'Conv r w > q',
      'BatchNormalization q s b m v > o',
      'Add o q > a',
    ],
    weights: { w: [5, 5, 1, 1], ...normalization(5) },
    tensors: { v: floats([5], [0.5, 1, 2, 0.1, 1]) },
  },
  {
    name: 'LeakyRelu, HardSigmoid, HardSwish',
    shape: [3, 6, 5, 5],
    nodes: [
      'Conv x w > y',
      parseNode('LeakyRelu y > l', { alpha: 0.3 }),
      'Conv l w > c',
      'HardSwish c > h',
      'Conv h w > d',
      parseNode('HardSigmoid d > a', { alpha: 0.4, beta: 0.3 }),
    ],
    weights: { w: [6, 6, 1, 1] },
  },
  {
    name: 'QuantizeLinear and DequantizeLinear, saturating',
    shape: [3, 6, 5, 5],
    nodes: [
      ...['QuantizeLinear x s z > q', 'DequantizeLinear q s z > d', 'Conv d w > y', 'Relu y > r'],
      ...['QuantizeLinear r t > p', 'DequantizeLinear p t > a'],
    ],
    weights: { w: [6, 6, 1, 1] },
    tensors: {
      s: floats([], [0.01]),
      t: floats([], [0.004]),
      z: { dtype: 'uint8', shape: [], bytes: Uint8Array.of(128) },
    },
  },
  ...[
    { kernel_shape: [2, 2], strides: [2, 2] },
    { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 1, 1] },
    { kernel_shape: [3, 2], strides: [1, 1], pads: [1, 1, 1, 0] },
    { kernel_shape: [2, 3], strides: [2, 3], dilations: [2, 1], ceil_mode: 1 },
    { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
  ].flatMap((attributes): Case[] => [
    {
      name: `MaxPool with ties ${JSON.stringify(attributes)}`,
      shape: [3, 5, 9, 10],
      nodes: [parseNode('MaxPool x > a', attributes)],
      ties: true,
    },
    ...('dilations' in attributes
      ? []
      : [
          {
            name: `AveragePool ${JSON.stringify(attributes)}`,
            shape: [3, 5, 9, 10],
            nodes: [parseNode('AveragePool x > a', attributes)],
          },
        ]),
  ]),
  {
    name: 'AveragePool that counts its pads',
    shape: [3, 5, 8, 7],
    nodes: [
      parseNode('AveragePool x > a', {
        kernel_shape: [3, 3],
        strides: [2, 1],
        pads: [1, 1, 1, 1],
        count_include_pad: 1,
      }),
    ],
  },
  {
    name: 'squeeze and excite: a tensor times one number a channel made of it',
    shape: [3, 6, 5, 7],
    nodes: [
      'GlobalAveragePool x > p',
      'Conv p w > q',
      'HardSigmoid q > g',
      'Mul x g > y',
      'GlobalMaxPool y > t',
      'Mul t y > u',
      'Mul u u > a',
    ],
    weights: { w: [6, 6, 1, 1] },
  },
  {
    name: 'Add and Mul of constants and of tensors, one tensor read three times',
    shape: [3, 4, 5, 5],
    nodes: ['Mul x k > y', 'Conv y w > c', 'Relu c > r', 'Add r y > s', 'Add s k > t', 'Mul t y > a'],
    weights: { w: [4, 4, 1, 1], k: [4, 1, 1] },
  },
  {
    name: 'one cotangent added to those of two tensors, and twice to that of one',
    shape: [3, 4, 5, 5],
    nodes: [
      'Conv x w > c',
      'Conv x v > d',
      'Add c c > e',
      'Add c d > s',
      'Mul c d > m',
      'Mul s m > n',
      'Add n e > a',
    ],
    weights: { w: [4, 4, 1, 1], v: [4, 4, 1, 1] },
  },
  {
    name: 'Concat, Identity, Dropout, and a target before the other',
    shape: [3, 4, 6, 6],
    nodes: [
      'Conv x w > y',
      'Relu y > r',
      parseNode('Concat r x y > c', { axis: 1 }),
      'Identity c > i',
      'Dropout i > d',
      conv('Conv d v > a', { pads: [1, 1, 1, 1] }),
    ],
    weights: { w: [8, 4, 1, 1], v: [5, 20, 3, 3] },
    targets: ['a', 'r'],
  },
  {
    name: 'a skip of every second pixel, with channels of zeros around',
    shape: [3, 4, 7, 8],
    nodes: ['Slice x from to axes steps > y', 'Pad y pads > z', 'Add z z > a'],
    tensors: {
      from: integers([0, 0]),
      to: integers([1000, 1000]),
      axes: integers([2, -1]),
      steps: integers([2, 2]),
      pads: integers([0, 4, 0, 0, 0, 8, 0, 0]),
    },
  },
];
