import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelData } from '../../src/model/format.ts';
import { createModel, type Model } from '../../src/model/model.ts';
import { parseModel } from '../../src/model/openModel.ts';
import { serializeModel } from '../../src/model/serializeModel.ts';
import { loadModel } from '../../src/node/loadModel.ts';
import { readModelData } from '../../src/node/readModelData.ts';
import { saveModel } from '../../src/node/saveModel.ts';
import { exportOnnx } from '../../src/onnx/index.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { deviceOf } from '../../src/tensor/kernels/wasm/device.ts';
import { engines, onEngine } from '../support/backends.ts';
import { same, skip } from '../support/check.ts';
import { type BesideJson, besideFile, imagesFor, largeNetwork } from '../support/largeNetwork.ts';

const test = suite('readModelData');
const root = mkdtempSync(join(tmpdir(), 'jetgrad-read-'));
const at = (...parts: string[]) => join(root, ...parts);
test.after(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

/** The network as JSON and safetensors under a name; the path of the JSON. */
function writeBeside(name: string, change: (json: BesideJson) => void = () => {}): string {
  const { json, bytes } = besideFile(largeNetwork, `${name}.safetensors`);
  change(json);
  write(`${name}.safetensors`, bytes);
  return write(`${name}.json`, JSON.stringify(json));
}

async function failure(path: string): Promise<string> {
  try {
    await loadModel(path);
  } catch (error) {
    assert.instance(error, InputError);
    return (error as Error).message;
  }
  throw new Error(`${path} was accepted`);
}

function sameTensors(got: ModelData, wanted: ModelData): void {
  assert.equal([...got.tensors.keys()], [...wanted.tensors.keys()]);
  for (const [name, { dtype, shape, bytes }] of wanted.tensors) {
    const tensor = got.tensors.get(name);
    assert.equal([tensor?.dtype, tensor?.shape], [dtype, shape]);
    same(tensor?.bytes ?? [], bytes, name);
  }
}

const image = imagesFor(largeNetwork);
const pair = imagesFor(largeNetwork, 2);
const inline = serializeModel(largeNetwork).json;

/** The ways to a model. */
const ways: Readonly<Record<string, () => Promise<Model>>> = {
  'in memory': async () => createModel(largeNetwork),
  'inline JSON': async () => loadModel(write('inline.json', inline)),
  'inline JSON, parsed': async () => parseModel(inline),
  'JSON and safetensors': async () => loadModel(writeBeside('beside')),
  'JSON and safetensors, parsed': async () => {
    const { json, bytes } = besideFile(largeNetwork, 'x');
    return parseModel(json, bytes);
  },
  ONNX: async () => loadModel(write('model.onnx', exportOnnx(largeNetwork))),
};

for (const engine of engines) {
  for (const [way, load] of Object.entries(ways)) {
    test(`${engine.name}, ${way}: the same bits, in any order of asking`, () =>
      onEngine(engine, async () => {
        const reference = createModel(largeNetwork);
        const wanted = await reference.run(pair);
        const wide = await reference.run(image, { precision: 'float64' });
        const model = await load();
        same((await model.run(pair)).z, wanted.z, 'float32');
        same((await model.run(image, { precision: 'float64' })).z, wide.z, 'float64 after float32');
        same((await model.run(pair)).z, wanted.z, 'float32 again');
        sameTensors(model.data, largeNetwork);

        const other = await load();
        const [split, through] = [other.split('r0'), reference.split('r0')];
        const a = await split.trunk(image);
        same(a, await through.trunk(image), 'trunk');
        same(split.head(a), through.head(a), 'head with convolutions');
        const [got] = (await other.split('p1').inputGradients(image, [3])).gradients;
        const [gradient] = (await reference.split('p1').inputGradients(image, [3])).gradients;
        same(got, gradient, 'input gradients');
        same((await other.run(pair)).z, wanted.z, 'float32 after float64');
      }));
  }
}

test('loaded by one backend, run by the other', async () => {
  const path = writeBeside('turns');
  for (const [first, then] of [engines, [...engines].reverse()]) {
    const model = await onEngine(first, () => loadModel(path));
    await onEngine(then, async () => {
      const wanted = await createModel(largeNetwork).run(pair);
      same((await model.run(pair)).z, wanted.z, `${first.name}, then ${then.name}`);
    });
  }
});

test('large tensors lie on one device, now or when they are asked for, and none holds a file', async () => {
  for (const path of [writeBeside('held'), write('held.onnx', exportOnnx(largeNetwork))]) {
    const { tensors } = await readModelData(path);
    const bytesOf = (name: string) => tensors.get(name)?.bytes ?? new Uint8Array();
    const device = deviceOf(bytesOf('v'));
    assert.ok(device);
    for (const name of ['a', 'b']) {
      assert.is(tensors.get(name)?.deferred?.memory.device(), device);
      assert.is(deviceOf(bytesOf(name)), device);
    }
    for (const [name, { bytes }] of tensors) {
      assert.ok(bytes.length >= 4096 || bytes.buffer.byteLength < 20_000, name);
    }
  }
});

test('a model outlives its files, and is saved over them', async () => {
  for (const name of ['gone.json', 'gone.onnx']) {
    const path = name.endsWith('.onnx') ? write(name, exportOnnx(largeNetwork)) : writeBeside('gone');
    const model = await loadModel(path);
    await model.run(image);
    unlinkSync(path);
    if (name.endsWith('.json')) unlinkSync(at('gone.safetensors'));
    await saveModel(model, path);
    sameTensors(await readModelData(path), largeNetwork);
  }
});

test('weights that are read again from a file that was written to are refused by name', async () => {
  const path = writeBeside('rewritten');
  const model = await loadModel(path);
  const bytes = readFileSync(at('rewritten.safetensors'));
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(at('rewritten.safetensors'), bytes);
  utimesSync(at('rewritten.safetensors'), 1, 1);
  let message = '';
  await model.run(image).catch((error) => {
    assert.instance(error, InputError);
    message = error.message;
  });
  assert.match(message, /rewritten\.safetensors, beside .*: it was changed after .*; load the model again$/);
});

test('every cut of the safetensors file is refused in one sentence', async () => {
  const path = writeBeside('cut');
  const whole = readFileSync(at('cut.safetensors'));
  for (let length = whole.length - 1; length > 0; length -= 6007) {
    truncateSync(at('cut.safetensors'), length);
    const message = await failure(path);
    assert.match(
      message,
      /^Cannot read .*cut\.json: tensors\..*: bytes \d+ to \d+ are wanted, cut\.safetens/,
    );
    assert.not.match(message, /\n/);
  }
});

test('every cut of an ONNX file with large tensors is refused in one sentence', async () => {
  const whole = exportOnnx(largeNetwork);
  for (let length = whole.length - 1; length > 0; length -= 3001) {
    const message = await failure(write('cut.onnx', whole.subarray(0, length)));
    assert.match(message, /^Cannot read .*cut\.onnx: /);
    assert.not.match(message, /\n/);
  }
});

type Tensors = BesideJson['tensors'];

const lies: readonly [RegExp, (tensors: Tensors) => void][] = [
  [/tensors\.a: bytes -8 to/, ({ a }) => Object.assign(a, { offset: -8 })],
  [/tensors\.a: bytes 0\.5 to/, ({ a }) => Object.assign(a, { offset: 0.5 })],
  [/tensors\.a: bytes undefined to NaN/, ({ a }) => Object.assign(a, { offset: undefined })],
  [/tensors\.v: bytes 9e\+99 to/, ({ v }) => Object.assign(v, { offset: 9e99 })],
  [/tensors\.b: 4 bytes of data, the shape \[300, 64, 1, 1\]/, ({ b }) => Object.assign(b, { length: 4 })],
  [
    /tensors\.b: 76800 bytes of data, the shape \[300, 65\]/,
    ({ b }) => Object.assign(b, { shape: [300, 65] }),
  ],
  [/tensors\.b: 76800 bytes of data, the shape \[1e\+200\]/, ({ b }) => Object.assign(b, { shape: [1e200] })],
  [/tensors\.b\.dtype must be/, ({ b }) => Object.assign(b, { dtype: 'bfloat16' })],
  [
    /tensors\.a\.file must be a file name without/,
    ({ a }) => Object.assign(a, { file: '../lies.safetensors' }),
  ],
  [/tensors\.a\.file must be a file name without/, ({ a }) => Object.assign(a, { file: '..\\x' })],
  [/other, beside .*: there is no such file/, ({ a }) => Object.assign(a, { file: 'other' })],
  [/do not have the SHA-256/, ({ a, b }) => Object.assign(a, { offset: Number(b.offset) })],
  [/tensors\.a must be an object, got null/, (tensors) => Object.assign(tensors, { a: null })],
];

test('offsets, lengths, shapes, names and hashes that lie', async () => {
  for (const [message, lie] of lies) {
    assert.match(await failure(writeBeside('lies', ({ tensors }) => lie(tensors))), message);
  }
  const path = writeBeside('lies', (json) => Object.assign(json, { tensors: [1] }));
  assert.match(await failure(path), /tensors must be an object/);
});

test('one changed byte of a tensor that is deferred, taken or small', async () => {
  for (const name of ['a', 'v', 'mean']) {
    let offset = 0;
    const path = writeBeside('flipped', ({ tensors }) => {
      offset = Number(tensors[name].offset);
    });
    const bytes = readFileSync(at('flipped.safetensors'));
    bytes[offset + 5] ^= 64;
    writeFileSync(at('flipped.safetensors'), bytes);
    assert.match(await failure(path), /do not have the SHA-256/);
  }
});

test('bytes after the tensors are left alone', async () => {
  const path = writeBeside('longer');
  appendFileSync(at('longer.safetensors'), new Uint8Array(100));
  sameTensors(await readModelData(path), largeNetwork);
});

if (spawnSync('mkfifo', [at('pipe')]).status !== 0)
  skip('a file that is read only once', 'there is no mkfifo');
else {
  test('a file that is read only once', async () => {
    const path = write('piped.onnx', exportOnnx(largeNetwork));
    spawn('sh', ['-c', 'cat "$1" > "$2"', 'sh', path, at('pipe')]);
    sameTensors(await readModelData(at('pipe')), largeNetwork);
  });
}

test.run();
