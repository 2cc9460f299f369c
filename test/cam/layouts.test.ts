import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import type { Layout } from '../../src/autodiff/places/layout.ts';
import type { Evidence } from '../../src/cam/evidence.ts';
import { explain } from '../../src/cam/explain.ts';
import type { MethodMap } from '../../src/cam/explanation.ts';
import { defaultMethodNames } from '../../src/cam/methods.ts';
import { createScore } from '../../src/cam/score.ts';
import type { ModelData } from '../../src/model/data/format.ts';
import { toMaps } from '../../src/model/graph/layout.ts';
import { createModel } from '../../src/model/model.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { type Shape, sizeOf } from '../../src/tensor/shape.ts';
import { castTo, contiguous, fromData, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';
import { floats, makeModel, parseNode } from '../support/makeModel.ts';
import { transformer, windows } from '../support/tokenModels.ts';

const test = suite('layouts');

const random = createRandom(8);
const noise = (shape: Shape): Tensor =>
  fromData(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );

test('tokens, and cells with channels last, as maps [K, H, W]', () => {
  const x = tensor([
    [9, 9],
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 10],
    [11, 12],
  ]);
  const maps = [
    [
      [1, 3, 5],
      [7, 9, 11],
    ],
    [
      [2, 4, 6],
      [8, 10, 12],
    ],
  ];
  same(toMaps(x, { kind: 'NTC', grid: [2, 3], prefix: 1 }), tensor(maps));
  const last = tensor([
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    [
      [7, 8],
      [9, 10],
      [11, 12],
    ],
  ]);
  same(toMaps(last, { kind: 'NHWC' }), tensor(maps));
  same(toMaps(tensor(maps), { kind: 'NCHW' }), tensor(maps));
});

test('every method explains tokens: its evidence is what the head has at the tokens of the grid, its maps are the grid', async () => {
  const model = createModel(transformer({ reads: 'token' }));
  const image = noise([1, 3, 6, 8]);
  const methods = [...defaultMethodNames, 'layercam' as const];
  const { maps, evidence, layer, manifest, choices } = await explain(model, image, { methods, samples: 3 });
  assert.is(layer, 'block2.norm1');
  const layout: Layout = { kind: 'NTC', grid: [3, 4], prefix: 1 };
  assert.equal(choices.layout, layout);
  const { layout: kind, grid, prefix } = manifest();
  assert.equal({ kind, grid, prefix }, layout);
  for (const name of methods) {
    const { shape } = (maps[name] as MethodMap).raw;
    assert.equal([...shape], name === 'smoothgrad' ? [6, 8] : [3, 4], name);
  }
  const { activation, d1, d2, d3, classIndex } = evidence['gradcam++'] as Evidence;
  assert.equal([...activation.shape], [4, 3, 4]);
  // The derivatives of the head in the layer's own shape, [13, 4]: token 1 + 4y + x, channel k.
  const run = await model.split('block2.norm1').at(image);
  const a = castTo(run.activation, 'float64');
  const own = diagonal(run.head, a, { score: createScore('exp', { classIndex }) });
  [a, own.d1, own.d2, own.d3].forEach((wanted, r) => {
    const got = [activation, d1, d2, d3][r];
    const { data } = contiguous(wanted as Tensor);
    for (let k = 0; k < 4; k++) {
      for (let cell = 0; cell < 12; cell++) {
        assert.is(contiguous(got).data[k * 12 + cell], data[(1 + cell) * 4 + k]);
      }
    }
  });
});

const weights = (...shape: number[]) =>
  floats(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + i)),
  );

/** A convolution with a ReLU, then its cells with channels last, then strange ones: rows and columns have changed places. */
function tail(): ModelData {
  return makeModel({
    inputs: { x: [1, 3, 6, 7] },
    outputs: ['z'],
    nodes: [
      parseNode('Conv x w > map', { kernel_shape: [3, 3] }),
      parseNode('Relu map > first', {}),
      parseNode('Transpose first > last', { perm: [0, 2, 3, 1] }),
      parseNode('Relu last > again', {}),
      parseNode('Transpose again > swapped', { perm: [0, 2, 1, 3] }),
      parseNode('Relu swapped > strange', {}),
      parseNode('Flatten strange > flat', {}),
      parseNode('Gemm flat fc > hidden', {}),
      parseNode('Softplus hidden > smooth', {}),
      parseNode('Gemm smooth out > z', {}),
    ],
    tensors: { w: weights(4, 3, 3, 3), fc: weights(80, 6), out: weights(6, 5) },
  });
}

test('a layer with channels last has the maps, the weights and the counts of the same layer with channels first', async () => {
  const model = createModel(tail());
  const image = noise([1, 3, 6, 7]);
  const methods = ['gradcam', 'gradcam++', 'smoothgradcam++', 'layercam'] as const;
  const options = { methods, samples: 2, score: 'prob', select: { maps: { top: 3 } } } as const;
  const [first, last] = [
    await explain(model, image, { ...options, layer: 'first' }),
    await explain(model, image, { ...options, layer: 'again' }),
  ];
  assert.is(last.choices.layout.kind, 'NHWC');
  for (const name of methods) {
    same(last.maps[name].raw, first.maps[name].raw, name);
    assert.equal(last.maps[name].weights, first.maps[name].weights, name);
    assert.equal(last.maps[name].counts, first.maps[name].counts, name);
  }
});

const messageOf = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it should be refused');
};

test('a layer of unknown layout is refused with the flags that say it, and explained by them', async () => {
  const model = createModel(tail());
  const image = noise([1, 3, 6, 7]);
  const methods = ['gradcam'] as const;
  const refused = await messageOf(() => explain(model, image, { layer: 'strange', methods }));
  assert.match(
    refused,
    /strange: what its axes \[1, 5, 4, 4\] mean is not known.*--layout NCHW or --layout NHWC/,
  );
  const { maps } = await explain(model, image, { layer: 'strange', methods, layout: { kind: 'NHWC' } });
  assert.equal([...maps.gradcam.raw.shape], [5, 4]);
  const tokens = createModel(windows());
  const apart = await messageOf(() => explain(tokens, noise([1, 3, 8, 12]), { layer: 'tokens', methods }));
  assert.match(apart, /\[4, 6, 4\] mean is not known.*--layout NTC.*--grid 2x2 --prefix 2/);
  const flat = await messageOf(() => explain(model, image, { layer: 'flat', methods }));
  assert.match(flat, /flat: what its axes \[1, 80\] mean is not known; name a layer of three or four axes/);
});

test('a layout that does not fit the layer is refused', async () => {
  const model = createModel(transformer({ reads: 'token' }));
  const image = noise([1, 3, 6, 8]);
  const refused = (layout: unknown) =>
    messageOf(() => explain(model, image, { layer: 'block1', layout: layout as Layout }));
  assert.match(
    await refused({ kind: 'NTC', grid: [3, 4], prefix: 0 }),
    /block1 as NTC 3×4: \[N, 12, C\] is wanted, it gives \[1, 13, 4\]/,
  );
  assert.match(await refused({ kind: 'NHWC' }), /four axes are wanted, it gives \[1, 13, 4\]/);
  assert.match(await refused({ kind: 'NTC', grid: [3], prefix: 1 }), /needs a grid of rows and columns/);
  assert.match(await refused({ kind: 'CHW' }), /kind must be NCHW, NHWC, NTC, got the text "CHW"/);
});

test('a layer of which only the class token is read is refused with the reason', async () => {
  const model = createModel(transformer({ reads: 'token' }));
  const refused = await messageOf(() => explain(model, noise([1, 3, 6, 8]), { layer: 'norm' }));
  assert.match(refused, /norm \(NTC 3×4 behind 1\): only the class token of this layer is read/);
});

test('signed layers are those behind a normalization or a sum of such, not those behind an activation', () => {
  const isSigned = (data: ModelData, layer: string) => createModel(data).split(layer).isSigned;
  assert.is(isSigned(transformer({ reads: 'mean' }), 'norm'), true);
  assert.is(isSigned(transformer({ reads: 'mean' }), 'block1'), true);
  assert.is(isSigned(transformer({ reads: 'mean' }), 'block2.gated'), false);
  assert.is(isSigned(tail(), 'again'), false);
  const gated = makeModel({
    inputs: { x: [1, 3, 6, 6] },
    outputs: ['z'],
    nodes: [
      parseNode('Conv x w > map', {}),
      parseNode('Sigmoid map > gate', {}),
      parseNode('Mul map gate > silu', {}),
      parseNode('GlobalAveragePool silu > squeezed', {}),
      parseNode('Sigmoid squeezed > excited', {}),
      parseNode('Mul silu excited > scaled', {}),
      parseNode('Conv scaled v > plain', {}),
      parseNode('Flatten plain > z', {}),
    ],
    tensors: { w: weights(4, 3, 3, 3), v: weights(4, 4, 1, 1) },
  });
  assert.equal(
    ['silu', 'scaled', 'map', 'plain'].map((layer) => isSigned(gated, layer)),
    [false, false, true, true],
  );
});

test.run();
