import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../src/cam/explain.ts';
import { encodeValues } from '../../src/model/data/encode.ts';
import type { ElementType, ModelData, StoredTensor } from '../../src/model/data/format.ts';
import { createModel } from '../../src/model/model.ts';
import { prepareProgram } from '../../src/model/run/program.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { fromData, tensor } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';

const test = suite('quantised models');

const stored = (dtype: ElementType, values: readonly number[], shape: number[] = []): StoredTensor => ({
  dtype,
  shape,
  bytes: encodeValues(dtype, values),
});

const random = createRandom(5);
const codes = Array.from({ length: 16 * 3 * 9 * 10 }, () => Math.floor(255 * random.uniform()) - 127);
const pair = (x: string, y: string, scale: string, zero: string) => [
  {
    name: `${x} quantize`,
    op: 'QuantizeLinear',
    inputs: [x, scale, zero],
    outputs: [`${x} codes`],
    attributes: {},
  },
  { name: y, op: 'DequantizeLinear', inputs: [`${x} codes`, scale, zero], outputs: [y], attributes: {} },
];

/** Conv with weights of eight bits, ReLU and a mean, each of the maps in eight bits. */
const quantised: ModelData = {
  name: 'quantised',
  inputs: [{ name: 'x', shape: [1, 3, 8, 8], dtype: 'float32' }],
  outputs: [{ name: 'z', dtype: 'float32' }],
  nodes: [
    ...pair('x', 'x values', 'x scale', 'x zero'),
    {
      name: 'w',
      op: 'DequantizeLinear',
      inputs: ['w codes', 'w scale'],
      outputs: ['w'],
      attributes: { axis: 0 },
    },
    {
      name: 'conv',
      op: 'Conv',
      inputs: ['x values', 'w'],
      outputs: ['c'],
      attributes: { pads: [1, 1, 1, 1] },
    },
    { name: 'relu', op: 'Relu', inputs: ['c'], outputs: ['r'], attributes: {} },
    ...pair('r', 'r values', 'r scale', 'r zero'),
    { name: 'mean', op: 'GlobalAveragePool', inputs: ['r values'], outputs: ['m'], attributes: {} },
    { name: 'flat', op: 'Flatten', inputs: ['m'], outputs: ['f'], attributes: {} },
    { name: 'dense', op: 'MatMul', inputs: ['f', 'k'], outputs: ['z'], attributes: {} },
  ],
  tensors: new Map([
    ['x scale', stored('float32', [0.02])],
    ['x zero', stored('uint8', [128])],
    ['w codes', stored('int8', codes, [160, 3, 3, 3])],
    [
      'w scale',
      stored(
        'float32',
        Array.from({ length: 160 }, (_, i) => 1 / (600 + i)),
        [160],
      ),
    ],
    [
      'k',
      stored(
        'float32',
        Array.from({ length: 640 }, () => random.normal()),
        [160, 4],
      ),
    ],
    ['r scale', stored('float32', [0.03])],
    ['r zero', stored('uint8', [0])],
  ]),
  source: { opset: 13 },
};

const picture = fromData(
  Float64Array.from({ length: 192 }, () => random.normal()),
  [1, 3, 8, 8],
);

test('weights are unpacked when the model is made, and their codes are not kept wide', () => {
  const { constants } = prepareProgram(quantised, 'float32');
  assert.is(constants.has('w codes'), false);
  const { tensor: w } = constants.get('w') as { tensor: { data: ArrayLike<number>; dtype: string } };
  assert.is(w.dtype, 'float32');
  const wanted = codes.map((code, i) => code / (600 + Math.floor(i / 27)));
  close(w.data, Float32Array.from(wanted), { relative: 1e-7 });
});

test('float32 and float64 differ by a step where a value lies between two, and by nothing else', async () => {
  const model = createModel(quantised);
  const [narrow, wide] = [await model.run(picture), await model.run(picture, { precision: 'float64' })];
  close(narrow.z, wide.z.data, { relative: 1e-3 }, 'logits');
});

test('quantised weights are parameters', () => {
  const [layer] = createModel(quantised).layers.filter(({ name }) => name === 'w');
  assert.is(layer.parameters, 160 * 27 + 160);
});

test('a model that rounds says so: isQuantised, and derivatives in the manifest', async () => {
  const model = createModel(quantised);
  assert.is(model.isQuantised, true);
  assert.is(model.defaultLayer, 'r values');
  const { manifest } = await explain(model, picture, { methods: ['gradcam'] });
  assert.is(manifest().derivatives, 'of the dequantised network');
  const plain = createModel({
    ...quantised,
    nodes: quantised.nodes
      .filter(({ op }) => op !== 'QuantizeLinear' && op !== 'DequantizeLinear')
      .map((node) => ({ ...node, inputs: node.inputs.map((name) => name.replace(' values', '')) })),
    tensors: new Map([...quantised.tensors, ['w', stored('float32', codes, [160, 3, 3, 3])]]),
  });
  assert.is(plain.isQuantised, false);
  const other = await explain(plain, picture, { methods: ['gradcam'] });
  assert.is('derivatives' in other.manifest(), false);
});

test('a graph of float64 computes in float64 unless it is told not to', async () => {
  const wide: ModelData = {
    name: 'wide',
    inputs: [{ name: 'x', shape: [1, 2], dtype: 'float64' }],
    outputs: [{ name: 'y', dtype: 'float64' }],
    nodes: [{ name: 'mul', op: 'Mul', inputs: ['x', 'k'], outputs: ['y'], attributes: {} }],
    tensors: new Map([['k', stored('float64', [1e60], [1])]]),
    source: { opset: 17 },
  };
  const model = createModel(wide);
  assert.is(model.precision, 'float64');
  assert.equal(Array.from((await model.run(tensor([[0.1, -3]]))).y.data), [0.1 * 1e60, -3e60]);
  const { y } = await model.run(tensor([[0.1, -3]]), { precision: 'float32' });
  assert.is(y.data[1], Number.NEGATIVE_INFINITY);
  assert.is(createModel(quantised).precision, 'float32');
});

test.run();
