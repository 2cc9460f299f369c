import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { adoptTensors, deviceFor } from '../../../src/model/data/adoptTensors.ts';
import type { ModelData, StoredTensor } from '../../../src/model/data/format.ts';
import { parseModelData } from '../../../src/model/file/parseModelData.ts';
import { serializeModel } from '../../../src/model/file/serializeModel.ts';
import { createModel } from '../../../src/model/model.ts';
import { deviceOf } from '../../../src/tensor/kernels/wasm/device.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { same } from '../../support/check.ts';
import { makeModel } from '../../support/makeModel.ts';

const test = suite('adoptTensors');
const random = createRandom(12);
const [reference, one] = engines;

/** Tensors as views of one file, as readers give them. */
function fromOneFile(shapes: Readonly<Record<string, readonly number[]>>): Record<string, StoredTensor> {
  const length = Object.values(shapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
  const file = Float32Array.from({ length }, () => random.normal());
  let at = 0;
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]): [string, StoredTensor] => {
      const bytes = new Uint8Array(file.buffer, at * 4, sizeOf(shape) * 4);
      at += sizeOf(shape);
      return [name, { dtype: 'float32', shape, bytes }];
    }),
  );
}

const network = (): ModelData =>
  makeModel({
    inputs: { x: ['N', 50] },
    outputs: ['z'],
    nodes: ['Gemm x w b > a', 'Relu a > c', 'Gemm c v > z'],
    tensors: fromOneFile({ w: [50, 40], b: [40], v: [40, 30] }),
  });

const tensorOf = (data: ModelData, name: string) => data.tensors.get(name) as StoredTensor;

test('large tensors move into one memory, small ones out of the file that holds them; no byte changes', () => {
  const data = network();
  const adopted = adoptTensors(data);
  const device = deviceFor(adopted);
  assert.ok(device);
  for (const name of ['w', 'v']) assert.is(deviceOf(tensorOf(adopted, name).bytes), device, name);
  const small = tensorOf(adopted, 'b').bytes;
  assert.is(deviceOf(small), undefined);
  assert.is(small.buffer.byteLength, 160);
  for (const [name, { bytes, shape, dtype }] of adopted.tensors) {
    assert.equal([shape, dtype], [tensorOf(data, name).shape, 'float32']);
    same(Array.from(bytes), Array.from(tensorOf(data, name).bytes), name);
  }
  assert.equal([...adopted.tensors.keys()], [...data.tensors.keys()], 'in their order');
});

test('what is adopted stays where it is, whoever asks', () => {
  const adopted = adoptTensors(network());
  assert.is(adoptTensors(adopted), adopted);
  assert.is(createModel(adopted).data, adopted);
  const more = { ...adopted, tensors: new Map(adopted.tensors).set('u', tensorOf(network(), 'w')) };
  const again = adoptTensors(more);
  assert.is(tensorOf(again, 'w'), tensorOf(adopted, 'w'));
  assert.is(deviceOf(tensorOf(again, 'u').bytes), deviceFor(adopted), 'newcomers come to the same memory');
});

test('a tensor under two names moves once', () => {
  const data = network();
  const w = tensorOf(data, 'w');
  const adopted = adoptTensors({ ...data, tensors: new Map(data.tensors).set('again', w) });
  assert.is(tensorOf(adopted, 'again'), tensorOf(adopted, 'w'));
});

test('small tensors alone, and those of the reference, stay as they are', async () => {
  const data = network();
  const small = { ...data, tensors: new Map([['b', tensorOf(data, 'b')]]) };
  assert.is(adoptTensors(small), small);
  assert.is(deviceFor(small), undefined);
  await onEngine(reference, () => assert.is(adoptTensors(data), data));
});

test('an adopted model is written and read back as it was', () => {
  const data = network();
  const back = parseModelData(serializeModel(createModel(data).data).json);
  for (const [name, { bytes }] of data.tensors) {
    same(Array.from(tensorOf(back, name).bytes), Array.from(bytes), name);
  }
});

test('a model computes the same bits wherever its tensors lie, and on either backend in float64', async () => {
  const data = network();
  const x = fromData(
    Float32Array.from({ length: 150 }, () => random.normal()),
    [3, 50],
  );
  const run = (precision: 'float32' | 'float64') => async (model: ReturnType<typeof createModel>) =>
    (await model.run(x, { precision })).z;
  const there = await onEngine(one, () => createModel(data));
  const here = await onEngine(reference, () => createModel(data));
  assert.is(deviceFor(here.data), undefined);
  same(await onEngine(one, () => run('float32')(there)), await onEngine(one, () => run('float32')(here)));
  const wanted = await onEngine(reference, () => run('float64')(here));
  for (const model of [there, here]) {
    same(await onEngine(one, () => run('float64')(model)), wanted);
    same(await onEngine(reference, () => run('float64')(model)), wanted);
  }
});

test.run();
