import type { ModelData } from '../../../src/model/data/format.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import {
  type Builder,
  chance,
  channelCounts,
  type Grow,
  longSides,
  manyChannels,
  node,
  pick,
  sides,
  type Wire,
} from './builder.ts';
import {
  batchNormalization,
  binary,
  clip,
  concat,
  dense,
  flatten,
  gate,
  globalPool,
  onHost,
  reduceMean,
  residual,
  same,
  squeeze,
  unary,
  unsqueeze,
} from './layers.ts';
import { gelu, moved, resized, smooth, tokens, toTokens } from './tokens.ts';
import { conv, pool } from './windows.ts';

const activations: readonly Grow[] = [
  unary('Relu'),
  unary('Relu'),
  clip,
  unary('LeakyRelu', ({ random }) => ({ alpha: random.uniform() })),
  unary('HardSigmoid', ({ random }) => ({ alpha: 0.1 + 0.3 * random.uniform() })),
  unary('HardSwish'),
];
const rows: readonly Grow[] = [
  ...[dense, dense, dense, dense, dense, dense],
  ...activations,
  binary('Add'),
  binary('Mul'),
  concat,
  same,
  onHost,
  unsqueeze,
  moved,
  smooth,
  gelu,
];
const maps: readonly Grow[] = [
  ...[conv, conv, conv, conv, conv, conv, conv],
  ...[batchNormalization, batchNormalization, batchNormalization, ...activations],
  ...[
    binary('Add'),
    binary('Add'),
    binary('Mul'),
    concat,
    gate,
    residual,
    residual,
    residual,
    pool('MaxPool'),
    pool('AveragePool'),
  ],
  ...[same, onHost, moved, moved, smooth, smooth, resized, resized, toTokens, toTokens, toTokens],
];
const ends: readonly Grow[] = [
  ...[...maps, reduceMean, reduceMean, globalPool, globalPool],
  ...[flatten, flatten, flatten, flatten, flatten, squeeze, squeeze, squeeze],
];

/** A small network of random shape with random weights, over images [N, C, H, W]; the same for the same seed. */
export function randomModel(seed: number): ModelData {
  const random = createRandom(seed);
  const image = { name: 'image', shape: [0, 0, 0] };
  const large = random.uniform() < 0.4;
  const b: Builder = { random, nodes: [], tensors: new Map(), wires: [image], shared: new Map(), large };
  const lengths = large ? longSides : sides;
  image.shape = [
    pick(b, large ? manyChannels : channelCounts.slice(0, 12)),
    pick(b, lengths),
    pick(b, lengths),
  ];
  let x: Wire = image;
  for (let left = 3 + random.integer(12); left > 0; left--) {
    x =
      pick(b, x.shape.length === 1 ? rows : x.shape.length === 2 ? tokens : left > 5 ? maps : ends)(b, x) ??
      x;
  }
  const [, ...made] = b.wires;
  if (made.length === 0) made.push(node(b, 'Relu', { inputs: [x.name], shape: x.shape }));
  // The last tensor, and sometimes one in the middle.
  const outputs = new Set([made[made.length - 1], ...(chance(b, 0.3) ? [pick(b, made)] : [])]);
  return {
    name: `random ${seed}`,
    inputs: [{ name: image.name, shape: ['N', ...image.shape], dtype: 'float32' }],
    outputs: [...outputs].map(({ name, shape }) => ({ name, shape: ['N', ...shape], dtype: 'float32' })),
    nodes: b.nodes,
    tensors: b.tensors,
    source: { opset: 17, producer: 'test' },
  };
}
