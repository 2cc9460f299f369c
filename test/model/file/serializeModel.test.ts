import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelData, StoredTensor } from '../../../src/model/data/format.ts';
import { parseModelData } from '../../../src/model/file/parseModelData.ts';
import { serializeModel } from '../../../src/model/file/serializeModel.ts';

const test = suite('serializeModel');

const stored = (...values: number[]): StoredTensor => ({
  dtype: 'float32',
  shape: [values.length],
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

test('tensors whose names are whole numbers are read back: JSON puts those first', () => {
  const tensors = new Map([
    ['bias', stored(3)],
    ['12', stored(4, 5)],
    ['7', stored(6)],
  ]);
  const model: ModelData = {
    name: 'numbers',
    inputs: [{ name: 'x', shape: [1, 1], dtype: 'float32' }],
    outputs: [{ name: 'y', shape: [1, 1], dtype: 'float32' }],
    nodes: [{ name: 'add', op: 'Add', inputs: ['x', '7'], outputs: ['y'], attributes: {} }],
    tensors,
    source: { producer: 'test', opset: 17 },
  };
  const { json } = serializeModel(model);
  const read = parseModelData(json).tensors;
  for (const [name, { bytes }] of tensors) assert.equal([...(read.get(name)?.bytes ?? [])], [...bytes], name);
});

test.run();
