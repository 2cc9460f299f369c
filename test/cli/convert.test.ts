import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StoredTensor } from '../../src/model/data/format.ts';
import { loadModel } from '../../src/node/loadModel.ts';
import { full } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';
import { command, createFolder, network, readJson } from './command.ts';

const test = suite('jetgrad convert');
const { at, file, modelFile } = createFolder();
const onnx = modelFile('small.onnx');

const logits = async (path: string) => {
  const model = await loadModel(path);
  return (await model.run(full([1, 3, 8, 8], 0.5)))['z/out:0'];
};

test('ONNX → JSON → ONNX computes the same, folders are made', async () => {
  const wanted = await logits(onnx);
  const there = await command(['convert', onnx, at('a', 'b', 'out.json')]);
  assert.is(there.code, 0, there.stderr);
  assert.match(there.stdout, /out\.json {2}[\d.]+ kB/);
  assert.equal(readdirSync(at('a', 'b')), ['out.json']);
  same(await logits(at('a', 'b', 'out.json')), wanted);
  const back = await command(['convert', at('a', 'b', 'out.json'), at('back.onnx')]);
  assert.is(back.code, 0, back.stderr);
  same(await logits(at('back.onnx')), wanted);
});

test('labels and preprocessing go into the model', async () => {
  const labels = file('labels.json', '{"0": ["n1", "ant"], "1": "bee", "2": "cow", "3": "dog"}');
  const { code, stderr } = await command([
    ...['convert', onnx, at('named.json'), '--labels', labels, '--preprocess', 'unit'],
  ]);
  assert.is(code, 0, stderr);
  const json = readJson<{ labels: string[]; inputs: { preprocessing: { resize: unknown } }[] }>(
    at('named.json'),
  );
  assert.equal(json.labels, ['n1 ant', 'bee', 'cow', 'dog']);
  assert.equal(json.inputs[0].preprocessing.resize, { width: 8, height: 8 });
});

test('beyond 8 MB the tensors lie beside the JSON', async () => {
  const bytes = new Uint8Array(9 * 1024 * 1024);
  const large: StoredTensor = { dtype: 'uint8', shape: [bytes.length], bytes };
  const source = modelFile('large.onnx', {
    ...network,
    tensors: new Map([...network.tensors, ['big', large]]),
  });
  const { code, stderr, stdout } = await command(['convert', source, at('large.json')]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /large\.safetensors {2}9\.44 MB\n.*large\.json/);
  assert.ok(readFileSync(at('large.json')).length < 10_000);
  same(await logits(at('large.json')), await logits(onnx));
  file('large.safetensors', bytes.subarray(0, 1000));
  const cut = await command(['inspect', at('large.json')]);
  assert.is(cut.code, 2);
  assert.match(cut.stderr, /large\.json: .*large\.safetensors/);
});

test('operations that jetgrad cannot run are named, and converted', async () => {
  const nodes = network.nodes.map((node, i) => (i === 1 ? { ...node, op: 'Odd' } : node));
  const source = modelFile('odd.json', { ...network, nodes });
  const { code, stderr } = await command(['convert', source, at('odd.onnx')]);
  assert.is(code, 0);
  assert.match(stderr, /^warning: .*odd\.json has operations that jetgrad cannot run: Odd\n$/);
});

test.run();
