import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelData } from '../../src/model/data/format.ts';
import { serializeModel } from '../../src/model/file/serializeModel.ts';
import { createModel, type Model } from '../../src/model/model.ts';
import { parseModel } from '../../src/model/parseModel.ts';
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
  [
    /tensors\.a\.offset must be a whole number of bytes, got (the number )?-8/,
    ({ a }) => Object.assign(a, { offset: -8 }),
  ],
  [
    /tensors\.a\.offset must be a whole number of bytes, got (the number )?0\.5/,
    ({ a }) => Object.assign(a, { offset: 0.5 }),
  ],
  [
    /tensors\.a\.offset must be a whole number of bytes, got null/,
    ({ a }) => Object.assign(a, { offset: undefined }),
  ],
  [/tensors\.v: bytes 9e\+99 to/, ({ v }) => Object.assign(v, { offset: 9e99 })],
  [/tensors\.b: 4 bytes of data, the shape \[300, 64, 1, 1\]/, ({ b }) => Object.assign(b, { length: 4 })],
  [
    /tensors\.b: 76800 bytes of data, the shape \[300, 65\]/,
    ({ b }) => Object.assign(b, { shape: [300, 65] }),
  ],
  [/tensors\.b\.shape must be a list of whole numbers/, ({ b }) => Object.assign(b, { shape: [1e200] })],
  [/tensors\.b\.dtype must be/, ({ b }) => Object.assign(b, { dtype: 'complex64' })],
  [
    /tensors\.a\.file must be a file name without/,
    ({ a }) => Object.assign(a, { file: '../lies.safetensors' }),
  ],
  [/tensors\.a\.file must be a file name without/, ({ a }) => Object.assign(a, { file: '..\\x' })],
  [/other, beside .*: there is no such file/, ({ a }) => Object.assign(a, { file: 'other' })],
  [
    /tensors\.a: the header of its file has float32 \[64, 32, 3, 3\] at bytes \d+ to \d+; the two files do not belong/,
    ({ a, b }) => Object.assign(a, { offset: Number(b.offset) }),
  ],
  [
    /tensors\.a: the header .* has float32 \[64, 32, 3, 3\]/,
    ({ a }) => Object.assign(a, { shape: [32, 64, 3, 3] }),
  ],
  [/tensors\.a: the header .* has float32/, ({ a }) => Object.assign(a, { dtype: 'int32' })],
  [
    /tensors\.c: the header of its file does not name it/,
    (tensors) => Object.assign(tensors, { c: tensors.b }),
  ],
  [/tensors\.a must be an object, got null/, (tensors) => Object.assign(tensors, { a: null })],
];

test('offsets, lengths, shapes, names and hashes that lie', async () => {
  for (const [message, lie] of lies) {
    assert.match(await failure(writeBeside('lies', ({ tensors }) => lie(tensors))), message);
  }
  const path = writeBeside('lies', (json) => Object.assign(json, { tensors: [1] }));
  assert.match(await failure(path), /tensors must be an object/);
});

/** The file with another header of the same length, and the offsets as they were. */
function withHeader(name: string, header: string): string {
  const path = writeBeside(name);
  const bytes = readFileSync(at(`${name}.safetensors`));
  const length = Number(bytes.readBigUInt64LE(0));
  bytes.fill(0x20, 8, 8 + length);
  bytes.write(header, 8);
  writeFileSync(at(`${name}.safetensors`), bytes);
  return path;
}

test('headers of safetensors files that say nothing', async () => {
  const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  const headers: readonly (readonly [unknown, RegExp])[] = [
    ['{', /its header is not JSON/],
    ['null', /its header is not JSON/],
    [`{"a":${'['.repeat(1200)}${']'.repeat(1200)}}`, /asks for 1201 levels/],
    [{ a: null }, /does not say what tensor a is/],
    [{ a: { ...entry, dtype: 'constructor' } }, /does not say what tensor a is/],
    [{ a: { ...entry, shape: [-1] } }, /does not say what tensor a is/],
    [{ a: { ...entry, data_offsets: [0] } }, /does not say what tensor a is/],
    [{ a: { ...entry, data_offsets: [0, 0.5] } }, /does not say what tensor a is/],
    [{ __metadata__: { x: 'y' } }, /does not name it/],
  ];
  for (const [header, says] of headers) {
    const text = typeof header === 'string' ? header : JSON.stringify(header);
    if (text.length > 1200) continue;
    assert.match(await failure(withHeader('header', text)), says, text.slice(0, 40));
  }
  const path = writeBeside('header');
  const bytes = readFileSync(at('header.safetensors'));
  bytes.writeBigUInt64LE(2n ** 63n, 0);
  writeFileSync(at('header.safetensors'), bytes);
  assert.match(await failure(path), /its header is cut short/);
});

test('a file that is changed while it is read', async () => {
  const path = write('torn.onnx', exportOnnx(largeNetwork));
  utimesSync(path, 1, 1);
  const loading = failure(path);
  utimesSync(path, 2, 2);
  assert.match(await loading, /it was changed while it was read; load the model again$/);
});

test('more models than files can be held open, the first of them still whole', async () => {
  const paths = Array.from({ length: 12 }, (_, i) => writeBeside(`many${i}`));
  const models = [];
  for (const path of paths) models.push(await loadModel(path));
  const handles = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);
  const open = handles();
  for (let i = 0; i < 20; i++) models.push(await loadModel(paths[i % paths.length]));
  assert.ok(handles() <= open + 2);
  const wanted = await createModel(largeNetwork).run(image);
  for (const model of models) same((await model.run(image)).z, wanted.z);
  const first = await loadModel(paths[0]);
  // Kept: files of models that nobody has any more may be closed at any time, and the first one's held for longer.
  const others = [];
  for (const path of paths.slice(1)) others.push(await loadModel(path));
  writeFileSync(at('many0.new'), readFileSync(at('many0.safetensors')));
  renameSync(at('many0.new'), at('many0.safetensors'));
  let message = '';
  await first.run(image).catch((error) => {
    message = error.message;
  });
  assert.match(message, /it was changed after the model was loaded from it/);
  for (const model of others) same((await model.run(image)).z, wanted.z);
});

test('files beside a model are regular files in its folder', async () => {
  mkdirSync(at('folder'));
  mkdirSync(at('folder', 'below'));
  const inFolder = (name: string) => join('folder', name);
  const external = (location: string) => {
    const path = writeBeside('folder/linked', ({ tensors }) => {
      for (const each of Object.values(tensors)) each.file = location;
    });
    return path;
  };
  writeFileSync(at('secret.bin'), readFileSync(writeBeside('source').replace('.json', '.safetensors')));
  symlinkSync('../secret.bin', at(inFolder('away.bin')));
  assert.match(
    await failure(external('away.bin')),
    /it is a link to another folder; put the file itself into/,
  );
  symlinkSync('/dev/zero', at(inFolder('zero.bin')));
  assert.match(await failure(external('zero.bin')), /link to another folder/);
  symlinkSync('gone', at(inFolder('gone.bin')));
  assert.match(await failure(external('gone.bin')), /there is no such file/);
  assert.match(await failure(external('below')), /it is a folder/);
  writeFileSync(at(inFolder('own.bin')), readFileSync(at('secret.bin')));
  symlinkSync('own.bin', at(inFolder('near.bin')));
  sameTensors(await readModelData(external('near.bin')), largeNetwork);
  if (spawnSync('mkfifo', [at(inFolder('pipe.bin'))]).status === 0) {
    assert.match(await failure(external('pipe.bin')), /it is not a regular file/);
  }
});

test('a model that is a device', async () => {
  for (const path of ['/dev/zero', '/dev/null']) {
    assert.match(await failure(path), /it is not a regular file/);
  }
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

  test('a pipe that is written late and by pieces', async () => {
    const path = write('pieces.onnx', exportOnnx(largeNetwork));
    spawn('sh', [
      '-c',
      'sleep 0.1; (head -c 1000 "$1"; sleep 0.1; tail -c +1001 "$1") > "$2"',
      'sh',
      path,
      at('pipe'),
    ]);
    sameTensors(await readModelData(at('pipe')), largeNetwork);
  });
}

test.run();
