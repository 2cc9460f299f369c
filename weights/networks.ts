/** The bundled networks: how each is built, and how it is trained. */
import { sceneClasses } from '../src/evaluate/scenes/index.ts';
import { type Builder, createBuilder } from './builder.ts';

/** A part of training: so many steps on pictures of one kind. */
export interface Phase {
  /** Whole scenes, or pieces of them around one object each: those are learned from fast, and are a quarter of the work. */
  readonly pictures: 'pieces' | 'scenes';
  readonly steps: number;
  /** The step of Adam at the beginning and at the end, a cosine between. */
  readonly rates: readonly [number, number];
}

/** How a network is trained. */
export interface Training {
  readonly phases: readonly Phase[];
  /** Share by which weights shrink in each step, times the rate. */
  readonly decay: number;
}

/** A bundled network: what it is made of, and how it learns. */
export interface Network {
  readonly build: (seed: number) => ReturnType<Builder['finish']>;
  readonly training: Training;
}

const classes = sceneClasses.length;

/** Four convolutions in three blocks, each followed by its activation, the largest value of each map, and two dense layers. */
const vgg = (name: string, activation: 'relu' | 'gelu') => (seed: number) => {
  const b = createBuilder(seed);
  const pool = (at: number, x: string) =>
    b.node('MaxPool', `pool${at}`, [x], { kernel_shape: [2, 2], strides: [2, 2] });
  const layer = (at: string, x: string, [from, to, stride]: readonly [number, number, number]) =>
    b[activation](
      `${activation}${at}`,
      b.conv(`conv${at}`, x, { from, to, side: 3, stride, pad: 1, normalized: true }),
    );
  let x = pool(1, layer('1_1', 'image', [3, 16, 2]));
  x = pool(2, layer('2_1', x, [16, 32, 1]));
  x = layer('3_2', layer('3_1', x, [32, 48, 1]), [48, 64, 1]);
  x = b.node('Flatten', 'flatten', [b.node('GlobalMaxPool', 'pool3', [x])], { axis: 1 });
  x = b[activation](`${activation}_fc1`, b.gemm('fc1', x, { from: 64, to: 64 }));
  return b.finish(name, b.gemm('fc2', x, { from: 64, to: classes }));
};

/** Three residual blocks of two convolutions, their shortcuts 1 × 1 where sizes change, and the average over the map. */
function resnet(seed: number): ReturnType<Builder['finish']> {
  const b = createBuilder(seed);
  const block = (
    at: string,
    x: string,
    { from, to, stride }: { from: number; to: number; stride: number },
  ) => {
    const first = b.relu(
      `relu${at}_1`,
      b.conv(`conv${at}_1`, x, { from, to, side: 3, stride, pad: 1, normalized: true }),
    );
    // Blocks begin near the identity.
    const second = b.conv(`conv${at}_2`, first, {
      from: to,
      to,
      side: 3,
      pad: 1,
      scale: 0.3,
      normalized: true,
    });
    const shortcut =
      from === to && stride === 1
        ? x
        : b.conv(`shortcut${at}`, x, { from, to, side: 1, stride, normalized: true });
    return b.relu(`relu${at}_2`, b.node('Add', `add${at}`, [second, shortcut]));
  };
  let x = b.relu(
    'relu1',
    b.conv('conv1', 'image', { from: 3, to: 24, side: 3, stride: 2, pad: 1, normalized: true }),
  );
  x = b.node('MaxPool', 'pool1', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  x = block('2', x, { from: 24, to: 24, stride: 1 });
  x = block('3', x, { from: 24, to: 48, stride: 2 });
  x = block('4', x, { from: 48, to: 64, stride: 1 });
  x = b.node('GlobalAveragePool', 'average', [x]);
  return b.finish(
    'scenes-resnet',
    b.gemm('fc', b.node('Flatten', 'flatten', [x], { axis: 1 }), { from: 64, to: classes }),
  );
}

/** Patches of 4 × 4, blocks of a depthwise window of 7 × 7 and two dense layers over channels that come last, and the average over the map. */
function convnext(seed: number): ReturnType<Builder['finish']> {
  const b = createBuilder(seed);
  const last = (name: string, x: string) => b.node('Transpose', name, [x], { perm: [0, 2, 3, 1] });
  const first = (name: string, x: string) => b.node('Transpose', name, [x], { perm: [0, 3, 1, 2] });
  const normalized = (at: string, x: string, width: number) =>
    first(`${at}_first`, b.layerNorm(`${at}_norm`, last(`${at}_last`, x), width));
  const block = (at: string, x: string, width: number) => {
    const mixed = b.conv(`${at}_depthwise`, x, { from: width, to: width, side: 7, pad: 3, groups: width });
    const norm = b.layerNorm(`${at}_norm`, last(`${at}_last`, mixed), width);
    const wide = b.gelu(`${at}_gelu`, b.linear(`${at}_fc1`, norm, { from: width, to: 3 * width }));
    const narrow = b.linear(`${at}_fc2`, wide, { from: 3 * width, to: width, scale: 0.4 });
    return b.node('Add', `${at}_add`, [first(`${at}_first`, narrow), x]);
  };
  let x = normalized('stem', b.conv('stem', 'image', { from: 3, to: 32, side: 4, stride: 4 }), 32);
  x = block('block1', x, 32);
  x = b.conv('down', normalized('down', x, 32), { from: 32, to: 64, side: 2, stride: 2 });
  x = block('block2', x, 64);
  x = block('block3', x, 64);
  x = b.node('ReduceMean', 'average', [x], { axes: [2, 3], keepdims: 0 });
  return b.finish('scenes-convnext', b.gemm('fc', b.layerNorm('norm', x, 64), { from: 64, to: classes }));
}

/** A stem of three convolutions to 12 × 12 tokens of 48 channels, a class token, three blocks of attention, and the class token read. */
function vit(seed: number): ReturnType<Builder['finish']> {
  const [width, heads, tokens] = [48, 3, 12 * 12 + 1];
  const own = width / heads;
  const b = createBuilder(seed);
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
  let x = b.relu('stem_relu1', b.conv('stem1', 'image', { from: 3, to: 16, side: 3, stride: 2, pad: 1 }));
  x = b.relu('stem_relu2', b.conv('stem2', x, { from: 16, to: 32, side: 3, stride: 2, pad: 1 }));
  x = b.conv('stem3', x, { from: 32, to: width, side: 3, stride: 2, pad: 1 });
  x = b.node('Reshape', 'grid', [x, integers('flat', [0, width, tokens - 1])]);
  x = b.node('Transpose', 'patches', [x], { perm: [0, 2, 1] });
  const token = b.parameter('class_token', [1, 1, width], { deviation: 0.02 });
  const batch = b.node('Gather', 'batch', [b.node('Shape', 'shape', ['image']), integers('first', [0])], {
    axis: 0,
  });
  const sizes = b.node('Concat', 'token_shape', [batch, integers('token_sizes', [1, width])], { axis: 0 });
  x = b.node('Concat', 'tokens_joined', [b.node('Expand', 'token', [token, sizes]), x], { axis: 1 });
  x = b.node('Add', 'embedding', [x, b.parameter('position', [1, tokens, width], { deviation: 0.02 })]);
  for (const at of ['block1', 'block2', 'block3']) x = block(at, x);
  x = b.node('Gather', 'class', [b.layerNorm('norm', x, width), b.constant('zero', [], [0], 'int64')], {
    axis: 1,
  });
  return b.finish('scenes-vit', b.gemm('fc', x, { from: width, to: classes }));
}

const byPieces = (pieces: number, scenes: number): Training => ({
  phases: [
    { pictures: 'pieces', steps: pieces, rates: [4e-3, 4e-4] },
    { pictures: 'scenes', steps: scenes, rates: [1.5e-3, 0] },
  ],
  decay: 0.01,
});

/** The networks by name, in the order in which they are trained. */
export const networks: Readonly<Record<string, Network>> = {
  'scenes-vgg': { build: vgg('scenes-vgg', 'relu'), training: byPieces(3000, 500) },
  'scenes-vgg-gelu': { build: vgg('scenes-vgg-gelu', 'gelu'), training: byPieces(3000, 500) },
  'scenes-resnet': { build: resnet, training: byPieces(3000, 500) },
  'scenes-convnext': { build: convnext, training: byPieces(3000, 500) },
  'scenes-vit': { build: vit, training: byPieces(3000, 500) },
};
