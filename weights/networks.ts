/** The bundled networks: how each is built, and how it is trained. */
import { sceneClasses } from '../src/evaluate/scenes/index.ts';
import type { ModelData } from '../src/model/data/format.ts';
import type { PictureKind } from './batches.ts';
import { type Builder, createBuilder } from './builder.ts';

/** A part of training: so many steps on pictures of one kind. */
export interface Phase {
  /** Pieces are learned from fast, and are a quarter of the work. */
  readonly pictures: PictureKind;
  readonly steps: number;
  /** The step of Adam at the beginning and at the end, a cosine between. */
  readonly rates: readonly [number, number];
}

/** A bundled network: what it is made of, and how it learns. */
export interface Network {
  /** Its graph with its first weights; `trained` gives scenes-vgg, which the others begin from. */
  readonly build: (trained: () => ModelData) => ReturnType<Builder['finish']>;
  readonly phases: readonly Phase[];
}

const classes = sceneClasses.length;

const pool = (b: Builder, name: string, x: string) =>
  b.node('MaxPool', name, [x], { kernel_shape: [2, 2], strides: [2, 2] });

/** Four convolutions in three blocks, each followed by its activation, the largest value of each map, and two dense layers. */
function vgg(b: Builder, activation: 'relu' | 'gelu', normalized: boolean): string {
  const layer = (at: string, x: string, [from, to, stride]: readonly [number, number, number]) =>
    b[activation](
      `${activation}${at}`,
      b.conv(`conv${at}`, x, { from, to, side: 3, stride, pad: 1, normalized }),
    );
  let x = pool(b, 'pool1', layer('1_1', 'image', [3, 16, 2]));
  x = pool(b, 'pool2', layer('2_1', x, [16, 32, 1]));
  x = layer('3_2', layer('3_1', x, [32, 48, 1]), [48, 64, 1]);
  x = b.node('Flatten', 'flatten', [b.node('GlobalMaxPool', 'pool3', [x])], { axis: 1 });
  x = b[activation](`${activation}_fc1`, b.gemm('fc1', x, { from: 64, to: 64 }));
  return b.gemm('fc2', x, { from: 64, to: classes });
}

/** The first two convolutions of the trained VGG, as they are: maps of 12 × 12 with 32 channels. */
function stem(b: Builder, trained: ModelData): string {
  const first = pool(b, 'pool1', b.relu('relu1_1', b.kept('conv1_1', 'image', trained)));
  return pool(b, 'pool2', b.relu('relu2_1', b.kept('conv2_1', first, trained)));
}

/** The first three of them, as they are: 48 channels. */
const deepStem = (b: Builder, trained: ModelData): string =>
  b.relu('relu3_1', b.kept('conv3_1', stem(b, trained), trained));

/** Three residual blocks of two convolutions behind the stem, their shortcuts 1 × 1 where channels change, and the average over the map. */
function resnet(b: Builder, trained: ModelData): string {
  const block = (at: string, x: string, [from, to]: readonly [number, number]) => {
    const sizes = { side: 3, pad: 1, normalized: true };
    const first = b.relu(`relu${at}_1`, b.conv(`conv${at}_1`, x, { from, to, ...sizes }));
    // Blocks begin near the identity.
    const second = b.conv(`conv${at}_2`, first, { from: to, to, scale: 0.3, ...sizes });
    const shortcut = from === to ? x : b.conv(`shortcut${at}`, x, { from, to, side: 1, normalized: true });
    return b.relu(`relu${at}_2`, b.node('Add', `add${at}`, [second, shortcut]));
  };
  let x = block('3', stem(b, trained), [32, 48]);
  x = block('4', x, [48, 48]);
  x = block('5', x, [48, 64]);
  x = b.node('GlobalAveragePool', 'average', [x]);
  return b.gemm('fc', b.node('Flatten', 'flatten', [x], { axis: 1 }), { from: 64, to: classes });
}

/** Two blocks of a depthwise window of 7 × 7 and two dense layers over channels that come last, and the average over the map. */
function convnext(b: Builder, trained: ModelData): string {
  const width = 64;
  const last = (name: string, x: string) => b.node('Transpose', name, [x], { perm: [0, 2, 3, 1] });
  const first = (name: string, x: string) => b.node('Transpose', name, [x], { perm: [0, 3, 1, 2] });
  const block = (at: string, x: string) => {
    const mixed = b.conv(`${at}_depthwise`, x, { from: width, to: width, side: 7, pad: 3, groups: width });
    const norm = b.layerNorm(`${at}_norm`, last(`${at}_last`, mixed), width);
    const wide = b.gelu(`${at}_gelu`, b.linear(`${at}_fc1`, norm, { from: width, to: 4 * width }));
    const narrow = b.linear(`${at}_fc2`, wide, { from: 4 * width, to: width, scale: 0.3 });
    return b.node('Add', `${at}_add`, [first(`${at}_first`, narrow), x]);
  };
  const wide = b.linear('widened', last('stem_last', deepStem(b, trained)), { from: 48, to: width });
  let x = first('stem_first', b.layerNorm('stem_norm', wide, width));
  for (const at of ['block1', 'block2']) x = block(at, x);
  x = b.node('ReduceMean', 'average', [x], { axes: [2, 3], keepdims: 0 });
  return b.gemm('fc', b.layerNorm('norm', x, width), { from: width, to: classes });
}

/** The VGG's convolutions, whose 12 × 12 cells are tokens, a class token, two blocks of attention, and the class token read. */
function vit(b: Builder, trained: ModelData): string {
  const [width, heads, tokens] = [64, 4, 12 * 12 + 1];
  const own = width / heads;
  const integers = (name: string, values: readonly number[]) =>
    b.constant(name, [values.length], values, 'int64');
  const attention = (at: string, x: string) => {
    const split = integers('heads', [0, tokens, heads, own]);
    const of = (part: 'q' | 'k' | 'v', perm: readonly number[]) => {
      const dense = b.linear(`${at}_${part}`, x, { from: width, to: width });
      const apart = b.node('Reshape', `${at}_${part}_heads`, [dense, split]);
      return b.node('Transpose', `${at}_${part}_turned`, [apart], { perm });
    };
    const product = b.node('MatMul', `${at}_products`, [of('q', [0, 2, 1, 3]), of('k', [0, 2, 3, 1])]);
    const scores = b.node('Mul', `${at}_scores`, [product, b.constant('scale', [], [1 / Math.sqrt(own)])]);
    const shares = b.node('Softmax', `${at}_softmax`, [scores], { axis: -1 });
    const values = b.node('MatMul', `${at}_values`, [shares, of('v', [0, 2, 1, 3])]);
    const together = b.node('Transpose', `${at}_together`, [values], { perm: [0, 2, 1, 3] });
    const joined = b.node('Reshape', `${at}_joined`, [together, integers('tokens', [0, tokens, width])]);
    return b.linear(`${at}_out`, joined, { from: width, to: width, scale: 0.5 });
  };
  const block = (at: string, x: string) => {
    const mixed = b.node('Add', `${at}_add1`, [x, attention(at, b.layerNorm(`${at}_norm1`, x, width))]);
    const norm = b.layerNorm(`${at}_norm2`, mixed, width);
    const wide = b.gelu(`${at}_gelu`, b.linear(`${at}_fc1`, norm, { from: width, to: 2 * width }));
    return b.node('Add', `${at}_add2`, [
      mixed,
      b.linear(`${at}_fc2`, wide, { from: 2 * width, to: width, scale: 0.5 }),
    ]);
  };
  let x = b.relu('relu3_2', b.kept('conv3_2', deepStem(b, trained), trained));
  x = b.node('Reshape', 'grid', [x, integers('flat', [0, width, tokens - 1])]);
  x = b.node('Transpose', 'patches', [x], { perm: [0, 2, 1] });
  const token = b.parameter('class_token', [1, 1, width], { deviation: 0.02 });
  const batch = b.node('Gather', 'batch', [b.node('Shape', 'shape', ['image']), integers('first', [0])], {
    axis: 0,
  });
  const sizes = b.node('Concat', 'token_shape', [batch, integers('token_sizes', [1, width])], { axis: 0 });
  x = b.node('Concat', 'tokens_joined', [b.node('Expand', 'token', [token, sizes]), x], { axis: 1 });
  x = b.node('Add', 'embedding', [x, b.parameter('position', [1, tokens, width], { deviation: 0.02 })]);
  for (const at of ['block1', 'block2']) x = block(at, x);
  x = b.node('Gather', 'class', [b.layerNorm('norm', x, width), b.constant('zero', [], [0], 'int64')], {
    axis: 1,
  });
  return b.gemm('fc', x, { from: width, to: classes });
}

const SEED = 1;

/** The networks by name, in the order in which they are trained. */
export const networks: Readonly<Record<string, Network>> = {
  'scenes-vgg': {
    build() {
      const b = createBuilder(SEED);
      return b.finish('scenes-vgg', vgg(b, 'relu', true));
    },
    phases: [
      { pictures: 'pieces', steps: 3000, rates: [4e-3, 4e-4] },
      { pictures: 'scenes', steps: 500, rates: [1.5e-3, 0] },
    ],
  },
  // The same weights to begin with: what differs is the activation, and what training makes of it.
  'scenes-vgg-gelu': {
    build(trained) {
      const b = createBuilder(SEED, trained());
      return b.finish('scenes-vgg-gelu', vgg(b, 'gelu', false));
    },
    phases: [
      { pictures: 'pieces', steps: 200, rates: [1e-3, 5e-4] },
      { pictures: 'scenes', steps: 150, rates: [5e-4, 0] },
    ],
  },
  'scenes-resnet': {
    build(trained) {
      const b = createBuilder(SEED);
      return b.finish('scenes-resnet', resnet(b, trained()));
    },
    phases: [
      { pictures: 'pieces', steps: 900, rates: [4e-3, 1e-3] },
      { pictures: 'scenes', steps: 300, rates: [1.5e-3, 0] },
    ],
  },
  // The average over the map dilutes a single object: such scenes come more often.
  'scenes-convnext': {
    build(trained) {
      const b = createBuilder(SEED);
      return b.finish('scenes-convnext', convnext(b, trained()));
    },
    phases: [
      { pictures: 'pieces', steps: 700, rates: [4e-3, 1e-3] },
      { pictures: 'few', steps: 1000, rates: [2e-3, 0] },
    ],
  },
  'scenes-vit': {
    build(trained) {
      const b = createBuilder(SEED);
      return b.finish('scenes-vit', vit(b, trained()));
    },
    phases: [{ pictures: 'scenes', steps: 400, rates: [2e-3, 0] }],
  },
};
