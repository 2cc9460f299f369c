import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelData } from '../../../src/model/data/format.ts';
import { createModel } from '../../../src/model/model.ts';
import { floats, integers, makeModel, parseNode } from '../../support/makeModel.ts';
import { transformer, windows } from '../../support/tokenModels.ts';

const test = suite('target');

const layerOf = (data: ModelData, tensor: string | undefined) =>
  createModel(data).layers.find((layer) => layer.tensor === tensor);

const defaultOf = (data: ModelData) => {
  const model = createModel(data);
  const { layout } = layerOf(data, model.defaultLayer) ?? {};
  return { tensor: model.defaultLayer, layout, why: model.defaultLayerReason };
};

const grid = { kind: 'NTC', grid: [3, 4], prefix: 1 } as const;

test('a class token: what the last block reads of the others, normalized, in one node or in many, for a batch of any size', () => {
  for (const inMany of [false, true]) {
    for (const batch of [1, 'N']) {
      const { tensor, layout, why } = defaultOf(transformer({ reads: 'token', inMany, batch }));
      assert.is(tensor, 'block2.norm1');
      assert.equal(layout, grid);
      assert.match(why ?? '', /only the class token is read.*what passes by it is held/);
    }
  }
});

test('behind the last attention only the class token reaches the logits', () => {
  const data = transformer({ reads: 'token' });
  const reaches = (tensor: string) => layerOf(data, tensor)?.reaches;
  assert.equal(['block1', 'block2.norm1', 'block2.ks', 'block2.vs'].map(reaches), [true, true, true, true]);
  assert.equal(['block2.qs', 'block2.between', 'block2', 'norm'].map(reaches), [false, false, false, false]);
  assert.is(layerOf(data, 'block2')?.isCandidate, false);
  assert.is(layerOf(data, 'block1')?.isCandidate, true);
});

test('a mean over tokens: the last normalization', () => {
  const { tensor, layout } = defaultOf(transformer({ reads: 'mean' }));
  assert.is(tensor, 'norm');
  assert.equal(layout, grid);
});

test('windows are followed where they come back, rolls too', () => {
  const { tensor, layout } = defaultOf(windows());
  assert.is(tensor, 'norm');
  assert.equal(layout, { kind: 'NHWC' });
  const apart = (name: string) => layerOf(windows(), name)?.layout;
  assert.equal(['tokens', 'scores', 'seen', 'whole'].map(apart), [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(apart('back'), { kind: 'NHWC' });
});

test('windows that do not come back have no layout, nor has what they are added to', () => {
  const data = windows({ putBack: false });
  assert.is(layerOf(data, 'back')?.layout, undefined);
  assert.is(layerOf(data, 'norm')?.layout, undefined);
  // The map before them passes by them: it is no candidate, but every path crosses it.
  assert.is(createModel(data).defaultLayer, 'map');
});

const weights = (...shape: number[]) =>
  floats(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + i)),
  );

test('channels last behind a convolution, and channels that only look like a side', () => {
  const data = makeModel({
    inputs: { x: [1, 3, 6, 6] },
    outputs: ['z'],
    nodes: [
      parseNode('Conv x w > map', { kernel_shape: [3, 3] }),
      parseNode('Relu map > gated', {}),
      parseNode('Transpose gated > last', { perm: [0, 2, 3, 1] }),
      parseNode('Relu last > again', {}),
      parseNode('Transpose again > swapped', { perm: [0, 2, 1, 3] }),
      parseNode('Relu swapped > strange', {}),
      parseNode('Flatten strange > flat', {}),
      parseNode('Gemm flat fc > z', {}),
    ],
    tensors: { w: weights(4, 3, 3, 3), fc: weights(64, 5) },
  });
  assert.equal(defaultOf(data).layout, { kind: 'NHWC' });
  assert.is(defaultOf(data).tensor, 'again');
  // Rows and columns have changed places: [1, 4, 4, 4] has a layout by its rank only.
  assert.is(layerOf(data, 'strange')?.layout, undefined);
});

test('the output is never its own default, nor what only renames it, nor a class map under a resize', () => {
  const data = makeModel({
    inputs: { x: [1, 3, 8, 8] },
    outputs: ['z'],
    nodes: [
      parseNode('Conv x w > map', { kernel_shape: [1, 1], strides: [2, 2] }),
      parseNode('Relu map > gated', {}),
      parseNode('Conv gated classes > scores', { kernel_shape: [1, 1] }),
      parseNode('Resize scores _ scales > large', { mode: 'linear' }),
      parseNode('Transpose large > z', { perm: [0, 2, 3, 1] }),
    ],
    tensors: { w: weights(4, 3, 1, 1), classes: weights(5, 4, 1, 1), scales: floats([4], [1, 1, 2, 2]) },
  });
  assert.is(defaultOf(data).tensor, 'gated');
});

test('a shape that is read from the image crosses no cut', () => {
  const data = makeModel({
    inputs: { x: ['N', 3, 6, 6] },
    outputs: ['z'],
    nodes: [
      parseNode('Conv x w > map', { kernel_shape: [3, 3] }),
      parseNode('Relu map > gated', {}),
      parseNode('Shape x > shape', {}),
      parseNode('Gather shape zero > images', { axis: 0 }),
      parseNode('Concat images rest > wanted', { axis: 0 }),
      parseNode('Reshape gated wanted > flat', {}),
      parseNode('Gemm flat fc > z', {}),
    ],
    tensors: {
      ...{ w: weights(4, 3, 3, 3), fc: weights(64, 5) },
      ...{ zero: integers([0]), rest: integers([-1]) },
    },
  });
  assert.is(defaultOf(data).tensor, 'gated');
  const split = createModel(data).split();
  assert.equal(split.bypasses, []);
  assert.is(split.headForm?.kind, 'affine');
});

test.run();
