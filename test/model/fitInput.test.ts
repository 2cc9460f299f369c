import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../src/cam/explain.ts';
import { defaultMethodNames } from '../../src/cam/methods.ts';
import { checkAlone, fitInput, ownSides } from '../../src/model/fitInput.ts';
import { inputRange } from '../../src/model/graph/inputRange.ts';
import { createModel } from '../../src/model/model.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';
import { floats, integers, makeModel, type Parts, parseNode } from '../support/makeModel.ts';

const test = suite('fitting the input');

const numbers = (count: number, at = 0) =>
  Array.from({ length: count }, (_, i) => Math.sin(3 * i * i + i + at));
const image = fromData(Float32Array.from(numbers(108)), [1, 3, 6, 6]);
const tensors = { w: floats([4, 3, 3, 3], numbers(108)), v: floats([5, 64], numbers(320)) };

/** A classifier of pictures of that shape; its features are reshaped to so many rows. */
function network(shape: readonly (number | string)[], rows: number, more: Parts['nodes'] = []) {
  return makeModel({
    inputs: { x: shape },
    outputs: ['z'],
    nodes: [
      ...more,
      `Conv ${more.length > 0 ? 'y' : 'x'} w > a`,
      'Relu a > r',
      'Reshape r flat > f',
      parseNode('Gemm f v > z', { transB: 1 }),
    ],
    tensors: { ...tensors, flat: integers([rows, 64]) },
  });
}

const plain = createModel(network([1, 3, 6, 6], 1));
const explained = await explain(plain, image, { samples: 2 });

const isAlike = async (model: ReturnType<typeof createModel>) => {
  const { maps, layer } = await explain(model, image, { samples: 2 });
  assert.is(layer, 'r');
  for (const name of defaultMethodNames) same(maps[name].raw, explained.maps[name].raw, name);
};

test('a batch that is fixed becomes one picture, where pictures do not meet', async () => {
  const fitted = fitInput(network([4, 3, 6, 6], 4), undefined);
  assert.is(fitted.batch, 4);
  assert.match(fitted.notes[0], /takes 4 pictures at once: each is explained alone/);
  const model = createModel(fitted.data);
  await checkAlone(createModel(fitted.whole), model, 4);
  await isAlike(model);
});

test('a batch whose pictures meet is refused', async () => {
  const meeting = makeModel({
    inputs: { x: [2, 3, 6, 6] },
    outputs: ['z'],
    nodes: [
      parseNode('ReduceMean x > m', { axes: [0], keepdims: 1 }),
      'Sub x m > y',
      'Conv y w > a',
      'GlobalAveragePool a > z',
    ],
    tensors,
  });
  const { data, whole, batch } = fitInput(meeting, undefined);
  await checkAlone(createModel(whole), createModel(data), batch).then(
    () => assert.unreachable(),
    (error) =>
      assert.match(
        error.message,
        /takes 2 pictures at once, and its output z is another for a picture alone/,
      ),
  );
});

test('colours that come last come first', async () => {
  const last = network([1, 6, 6, 3], 1, [parseNode('Transpose x > y', { perm: [0, 3, 1, 2] })]);
  const model = createModel(fitInput(last, undefined).data);
  assert.equal(model.inputShape, [1, 3, 6, 6]);
  await isAlike(model);
});

test('open sides are those of the picture, to multiples of 32', () => {
  const open = makeModel({ inputs: { x: ['n', 3, 'h', 'w'] }, outputs: ['y'], nodes: ['Relu x > y'] });
  const { data } = fitInput(open, ownSides({ height: 100, width: 200 }));
  assert.equal(data.inputs[0].shape, ['n', 3, 96, 192]);
  assert.equal(ownSides({ height: 3000, width: 4000 }), { height: 768, width: 1024 });
  assert.equal(ownSides({ height: 3, width: 3 }), { height: 32, width: 32 });
  const fixed = network([1, 3, 6, 6], 1);
  assert.equal(fitInput(fixed, { height: 32, width: 32, isOwn: true }).data.inputs[0].shape, [1, 3, 6, 6]);
  assert.throws(
    () => fitInput(fixed, { height: 32, width: 32 }),
    /Cannot use test at 32 × 32: its input is 6 × 6/,
  );
});

test('what a graph that scales its pictures expects of them', () => {
  const scaled = (nodes: Parts['nodes'], constants: NonNullable<Parts['tensors']>) =>
    inputRange(makeModel({ inputs: { x: [1, 3, 6, 6] }, outputs: ['y'], nodes, tensors: constants }));
  const mean = floats([1, 3, 1, 1], [0.485, 0.456, 0.406]);
  const std = floats([1, 3, 1, 1], [0.229, 0.224, 0.225]);
  const bytes = floats([3], [123.7, 116.3, 103.5]);
  const one = (value: number) => floats([], [value]);
  assert.is(scaled(['Sub x mean > a', 'Div a std > b', 'Relu b > y'], { mean, std }), 'unit');
  assert.is(
    scaled(['Mul x two > a', 'Add a less > b', 'Relu b > y'], { two: one(2), less: one(-1) }),
    'unit',
  );
  assert.is(
    scaled([parseNode('Transpose x > t', { perm: [0, 2, 3, 1] }), 'Sub t bytes > b', 'Relu b > y'], {
      bytes,
    }),
    'bytes',
  );
  assert.is(scaled(['Div x all > a', 'Sub a mean > b', 'Relu b > y'], { all: one(255), mean }), 'bytes');
  assert.is(scaled(['Mul x some > a', 'Relu a > y'], { some: one(3) }), undefined);
  assert.is(scaled(['Relu x > y'], {}), undefined);
  const whole = makeModel({
    inputs: { x: [1, 3, 6, 6] },
    types: { x: 'uint8' },
    outputs: ['y'],
    nodes: ['Relu x > y'],
  });
  assert.is(inputRange(whole), 'bytes');
});

test.run();
