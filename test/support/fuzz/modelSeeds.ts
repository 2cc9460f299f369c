import type { Attributes, ModelData, StoredTensor } from '../../../src/model/data/format.ts';
import { floats, integers, makeModel, parseNode } from '../makeModel.ts';

const entries = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1);

function waves(...shape: number[]): StoredTensor {
  return floats(
    shape,
    Array.from({ length: entries(shape) }, (_, i) => Math.sin(i + 1)),
  );
}

function positive(...shape: number[]): StoredTensor {
  return floats(
    shape,
    Array.from({ length: entries(shape) }, (_, i) => 1 + (i % 3) / 4),
  );
}

type Tensors = Readonly<Record<string, StoredTensor>>;
type Row = readonly [lines: readonly (string | readonly [string, Attributes])[], tensors?: Tensors];

const w = waves(4, 3, 3, 3);
const channels: Tensors = { s: positive(3), b: waves(3), m: waves(3), v: positive(3) };
const window = { kernel_shape: [2, 2], strides: [2, 2] };

/** Networks of an image x [1, 3, 8, 8] that end in y, for most kinds of operators. */
const rows: readonly Row[] = [
  [[['Conv x w b > y', { pads: [1, 1, 1, 1], group: 1 }]], { w, b: waves(4) }],
  [[['Conv x w > c', { strides: [2, 2], dilations: [1, 2], auto_pad: 'SAME_UPPER' }], 'Relu c > y'], { w }],
  [[['Conv x d > y', { group: 3, pads: [1, 0, 1, 0] }]], { d: waves(3, 1, 3, 3) }],
  [
    [['ConvTranspose x w > y', { strides: [2, 2], output_padding: [1, 1], group: 1 }]],
    { w: waves(3, 2, 3, 3) },
  ],
  [
    [
      ['Conv x w > c', { pads: [1, 1, 1, 1] }],
      'BatchNormalization c s b m v > n',
      'Add n x > a',
      'Relu a > y',
    ],
    { ...channels, w: waves(3, 3, 3, 3) },
  ],
  [
    [
      ['MaxPool x > p', { ...window, ceil_mode: 1 }],
      ['AveragePool p > y', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }],
    ],
  ],
  [[['AveragePool x > y', { ...window, pads: [1, 1, 1, 1], count_include_pad: 1 }]]],
  [[['LpPool x > y', { ...window, p: 2 }]]],
  [[['MaxPool x > y i', { ...window, storage_order: 1 }]]],
  [
    [
      'GlobalAveragePool x > p',
      ['Flatten p > f', { axis: 1 }],
      ['Gemm f g c > z', { transB: 1 }],
      ['Softmax z > y', { axis: -1 }],
    ],
    { g: waves(5, 3), c: waves(5) },
  ],
  [['GlobalMaxPool x > p', 'Reshape p s > q', 'MatMul q g > y'], { s: integers([0, -1]), g: waves(3, 4) }],
  [['InstanceNormalization x s b > i', ['LRN i > y', { size: 3, alpha: 0.1, beta: 0.5, bias: 1 }]], channels],
  [[['LayerNormalization x s > y', { axis: -1, epsilon: 0.1 }]], { s: positive(8) }],
  [[['GroupNormalization x s b > y', { num_groups: 3 }]], channels],
  [[['Pad x p v > y', { mode: 'reflect' }]], { p: integers([0, 0, 1, 2, 0, 0, 1, 0]), v: waves(1) }],
  [
    [['Slice x a b c d > y', {}]],
    { a: integers([1, -1]), b: integers([9, -9]), c: integers([1, 2]), d: integers([1, -2]) },
  ],
  [
    [
      ['Split x p > a b', { axis: 1 }],
      ['Concat b a x > y', { axis: 1 }],
    ],
    { p: integers([1, 2]) },
  ],
  [['Tile x r > t', ['Transpose t > y', { perm: [0, 2, 3, 1] }]], { r: integers([1, 2, 1, 1]) }],
  [
    ['Unsqueeze x a > u', 'Squeeze u a > s', 'Expand s e > y'],
    { a: integers([0]), e: integers([2, 3, 8, 8]) },
  ],
  [
    [['Resize x _ s > y', { mode: 'linear', coordinate_transformation_mode: 'half_pixel' }]],
    { s: floats([4], [1, 1, 1.5, 2]) },
  ],
  [
    [['Resize x _ _ s > y', { mode: 'cubic', nearest_mode: 'floor', antialias: 1 }]],
    { s: integers([1, 3, 5, 9]) },
  ],
  [
    [
      ['ReduceMean x a > m', { keepdims: 1 }],
      'Sub x m > d',
      'Mul d d > q',
      ['ReduceSum q a > y', { keepdims: 0 }],
    ],
    { a: integers([2, 3]) },
  ],
  [
    [['ReduceProd x a > p', { noop_with_empty_axes: 0 }], ['ReduceMax x > q', {}], 'Max p q > y'],
    { a: integers([1]) },
  ],
  [
    [
      ['ArgMax x > i', { axis: 1, select_last_index: 1 }],
      ['Cast i > y', { to: 1 }],
    ],
  ],
  [
    [
      ['Gather x i > g', { axis: 1 }],
      ['GatherElements g j > y', { axis: 2 }],
    ],
    { i: integers([0, -1]), j: { ...integers([0, 1]), shape: [1, 2, 1, 1] } },
  ],
  [
    ['Shape x > n', ['Gather n i > h', { axis: 0 }], ['Concat h k > k2', { axis: 0 }], 'Reshape x k2 > y'],
    { i: integers([0]), k: integers([3, 64]) },
  ],
  [
    ['Range a b c > r', 'ConstantOfShape n > z', 'Add x z > t', 'Mul t r > y'],
    { a: waves(), b: floats([], [8]), c: floats([], [1]), n: integers([1, 3, 8, 8]) },
  ],
  [
    ['OneHot i d v > o', 'MatMul x o > y'],
    { i: integers([0, 1, 2, 3, 4, 5, 6, 7]), d: integers([4]), v: floats([2], [0, 1]) },
  ],
  [
    [
      ['HardSigmoid x > a', { alpha: 0.3, beta: 0.4 }],
      ['LeakyRelu a > b', { alpha: 0.1 }],
      'HardSwish b > c',
      ['Elu c > d', { alpha: 2 }],
      'Clip d l h > y',
    ],
    { l: floats([], [-1]), h: floats([], [1]) },
  ],
  [
    [
      'PRelu x s > a',
      ['Gelu a > b', { approximate: 'tanh' }],
      'Sigmoid b > c',
      'Div x c > d',
      'Where e d x > y',
    ],
    { s: waves(3, 1, 1), e: floats([1], [1]) },
  ],
  [
    [
      ['DepthToSpace x4 > y', { blocksize: 2, mode: 'CRD' }],
      ['Concat x x x x > x4', { axis: 1 }],
    ],
  ],
  [
    [
      ['SpaceToDepth x > s', { blocksize: 2 }],
      ['LpNormalization s > n', { axis: 1, p: 1 }],
      ['Pow n e > y', {}],
    ],
    { e: floats([], [2]) },
  ],
  [
    [
      ['Dropout x > d', {}],
      'Identity d > e',
      ['Constant > k', { value_floats: [1, 2, 3, 4, 5, 6, 7, 8] }],
      'Sum x e k > y',
    ],
  ],
  [
    [['Conv x w > c', { pads: [1, 1, 1, 1] }], 'Relu c > r', ['Conv r u > y', { pads: [1, 1, 1, 1] }]],
    { w: waves(16, 3, 3, 3), u: waves(16, 16, 3, 3) },
  ],
];

/** Small networks, of which strangers' are made by damage. */
export const modelSeeds: readonly ModelData[] = rows.map(([lines, tensors = {}], i) => {
  const nodes = lines.map((line) =>
    typeof line === 'string' ? parseNode(line) : parseNode(line[0], line[1]),
  );
  const outputs = nodes.some(({ outputs: names }) => names.includes('i') && names.includes('y'))
    ? ['y', 'i']
    : ['y'];
  const shape = i % 4 === 3 ? ['N', 3, 8, 8] : [1, 3, 8, 8];
  return { ...makeModel({ inputs: { x: shape }, outputs, nodes, tensors }), source: { opset: 18 } };
});
