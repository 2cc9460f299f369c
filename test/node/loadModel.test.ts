import { mkdtempSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createModel } from '../../src/model/model.ts';
import { loadModel } from '../../src/node/loadModel.ts';
import { saveModel } from '../../src/node/saveModel.ts';
import { threadCount } from '../../src/tensor/kernels/wasm/threads.ts';
import { full } from '../../src/tensor/tensor.ts';
import { network, plain } from '../cli/command.ts';
import { engines, onEngine } from '../support/backends.ts';
import { same } from '../support/check.ts';

const test = suite('loadModel');
const root = mkdtempSync(join(tmpdir(), 'jetgrad-load-'));
const at = (...parts: string[]) => join(root, ...parts);
test.after(() => rmSync(root, { recursive: true, force: true }));

const x = full([1, 3, 8, 8], 0.25);
const rejects = (promise: Promise<unknown>, message: RegExp) =>
  promise.then(
    () => assert.unreachable('it should fail'),
    (error: Error) => assert.match(error.message, message),
  );

test('a model saved and loaded is the same, as JSON and as ONNX', async () => {
  const model = createModel(network);
  const wanted = (await model.run(x))['z/out:0'];
  for (const name of ['deep/model.json', 'model.onnx']) {
    await saveModel(name.endsWith('.json') ? model : model.data, at(name));
    const loaded = await loadModel(at(name));
    same((await loaded.run(x))['z/out:0'], wanted);
  }
  assert.equal(readdirSync(at('deep')), ['model.json']);
  assert.equal((await loadModel(at('deep/model.json'))).labels, network.labels);
  await rejects(saveModel(model, at('model.txt')), /must end in \.json or \.onnx/);
});

test('what is in a file counts, not its name', async () => {
  await saveModel(network, at('a.json'));
  await saveModel(network, at('b.onnx'));
  renameSync(at('a.json'), at('a.onnx'));
  renameSync(at('b.onnx'), at('b.json'));
  for (const name of ['a.onnx', 'b.json']) assert.is((await loadModel(at(name))).layers.length, 5);
});

test('labels and preprocessing in place of those of the file', async () => {
  await saveModel(network, at('c.json'));
  const preprocessing = { ...plain, scale: 1 };
  const model = await loadModel(at('c.json'), { labels: ['a', 'b', 'c', 'd'], preprocessing });
  assert.equal(model.labels, ['a', 'b', 'c', 'd']);
  assert.is(model.inputs[0].preprocessing?.scale, 1);
  const bytes = await loadModel(at('c.json'), { preprocessing: 'bytes' });
  assert.is(bytes.inputs[0].preprocessing?.scale, 1);
  assert.equal(bytes.inputs[0].preprocessing?.resize, { width: 8, height: 8 });
  await rejects(
    loadModel(at('c.json'), { preprocessing: 'imagnet' as never }),
    /the text "imagnet": the names are imagenet, unit, bytes/,
  );
  await rejects(
    loadModel(at('c.json'), { label: ['a'] } as never),
    /no option "label"; did you mean "labels"/,
  );
  await rejects(
    loadModel(at('c.json'), { labels: 'labels.txt' as never }),
    /labels must be a list of texts, got the text "labels\.txt"; readLabels reads them from a file/,
  );
  await rejects(loadModel(7 as never), /Cannot load a model: the path of a file is wanted, as a text, got 7/);
  await rejects(loadModel(at('c.json'), { labels: ['a'] }), /there are 1, the model small has 4 classes/);
});

test('tensors beside the JSON: found, missing, cut short', async () => {
  const bytes = new Uint8Array(9 * 1024 * 1024);
  const tensors = new Map(network.tensors).set('big', { dtype: 'uint8', shape: [bytes.length], bytes });
  await saveModel({ ...network, tensors }, at('large.json'));
  assert.ok(readdirSync(root).includes('large.safetensors'));
  assert.is((await loadModel(at('large.json'))).layers.length, 5);
  truncateSync(at('large.safetensors'), 5000);
  await rejects(loadModel(at('large.json')), /^Cannot read .*large\.json: .*large\.safetensors has 5000/);
  rmSync(at('large.safetensors'));
  await rejects(loadModel(at('large.json')), /large\.safetensors.*there is no such file/);
});

test('files that are no models say so, with their name', async () => {
  writeFileSync(at('empty'), '');
  writeFileSync(at('text'), 'hello');
  await rejects(loadModel(at('empty')), /empty: the file is empty/);
  await rejects(loadModel(at('text')), /text: it is not an ONNX model/);
  await rejects(loadModel(at('nothing')), /nothing: there is no such file/);
  await rejects(loadModel(root), /it is a folder/);
});

test('threads are those that were set, unless it says how many', async () => {
  const file = fileURLToPath(new URL('../../weights/scenes-vgg.json', import.meta.url));
  await onEngine(engines[1], async () => {
    await loadModel(file);
    assert.is(threadCount(), 1);
    await loadModel(file, { threads: 2 });
    assert.is(threadCount(), 2);
  });
});

test.run();
