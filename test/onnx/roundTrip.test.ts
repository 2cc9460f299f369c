import { readdirSync, readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelData } from '../../src/model/data/format.ts';
import { parseModelData } from '../../src/model/file/parseModelData.ts';
import { parsePreprocessing } from '../../src/model/file/parsePreprocessing.ts';
import { serializeModel } from '../../src/model/file/serializeModel.ts';
import { createModel } from '../../src/model/model.ts';
import { ModelProtoSchema, StringStringEntryProtoSchema } from '../../src/onnx/generated/onnx_pb.ts';
import { exportOnnx, importOnnx } from '../../src/onnx/index.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { data, fixture, hasData, same, skip } from '../support/check.ts';

const test = suite('ONNX and JSON round trips');
const goldens = readdirSync(fixture('goldens')).filter((file) => file.endsWith('.onnx'));

for (const file of goldens) {
  const bytes = readFileSync(fixture(`goldens/${file}`));
  test(`${file}: ONNX → JSON → ONNX keeps nodes, attributes and bytes`, () => {
    const first = importOnnx(bytes);
    const { json, files } = serializeModel(first);
    const second = importOnnx(
      exportOnnx(parseModelData(json, { readFile: (name) => Buffer.concat(files.get(name) ?? []) })),
    );
    assert.equal(second.nodes, first.nodes);
    assert.equal(second.inputs, first.inputs);
    assert.equal([...second.tensors.keys()], [...first.tensors.keys()]);
    for (const [name, { dtype, shape, bytes: values }] of first.tensors) {
      const got = second.tensors.get(name);
      assert.equal([got?.dtype, got?.shape], [dtype, shape]);
      same(got?.bytes ?? [], values, name);
    }
  });
}

const saying: ModelData = {
  ...importOnnx(readFileSync(fixture('goldens/silu.onnx'))),
  labels: ['n01440764 tench, Tinca tinca', 'ünï "x"'],
};

test('labels, preprocessing and the licence come back from metadata_props', () => {
  const preprocessing = parsePreprocessing(
    { channels: 'BGR', scale: 1, mean: [1, 2, 3], crop: 8, resize: { shorterSide: 9 }, filter: 'nearest' },
    'test',
  );
  const model = {
    ...saying,
    inputs: saying.inputs.map((input) => ({ ...input, preprocessing })),
    source: { ...saying.source, licence: 'MIT' },
  };
  const bytes = exportOnnx(model);
  const again = importOnnx(bytes);
  assert.equal(again.labels, model.labels);
  assert.equal(again.inputs[0].preprocessing, preprocessing);
  assert.is(again.source.licence, 'MIT');
  // What is given takes the place of what the file says; nothing is said where nothing was.
  assert.equal(importOnnx(bytes, { labels: ['a', 'b'] }).labels, ['a', 'b']);
  const { labels, ...mute } = saying;
  const silent = importOnnx(exportOnnx(mute));
  assert.equal([silent.labels, silent.inputs[0].preprocessing], [undefined, undefined]);
});

test('metadata of ours that cannot be used is refused by name, that of others is left alone', () => {
  const withEntry = (key: string, value: string) => {
    const proto = fromBinary(ModelProtoSchema, exportOnnx(saying));
    proto.metadataProps = [create(StringStringEntryProtoSchema, { key, value })];
    return () => importOnnx(toBinary(ModelProtoSchema, proto), { file: 'm.onnx' });
  };
  assert.throws(
    withEntry('jetgrad.labels', '{"0": "a"}'),
    /^Cannot read m\.onnx: .*jetgrad\.labels must be a list/,
  );
  assert.throws(withEntry('jetgrad.labels', '["a"'), /jetgrad\.labels must be a list/);
  assert.throws(
    withEntry('jetgrad.preprocessing', '{"mean": 1}'),
    /^Cannot use the preprocessing of m\.onnx: mean must be a list of 3 numbers/,
  );
  assert.throws(withEntry('jetgrad.preprocessing', ''), /preprocessing of m\.onnx: it must be a JSON object/);
  assert.is(withEntry('names', '{0: tench')().labels, undefined);
});

test('every truncation of a file is refused in one sentence', () => {
  const bytes = readFileSync(fixture('goldens/silu.onnx'));
  for (let length = 0; length < bytes.length; length += 7) {
    try {
      createModel(importOnnx(bytes.subarray(0, length), { file: 'cut.onnx' }));
      assert.unreachable(`${length} bytes were accepted`);
    } catch (error) {
      assert.ok(error instanceof InputError, `${length} bytes: ${String(error)}`);
      assert.not.match(error.message, /\n/);
    }
  }
});

test('files of other kinds are refused', () => {
  for (const text of ['', '{"a": 1}', '\x89PNG\r\n\x1a\n', 'plain text, and more of it']) {
    assert.throws(
      () => importOnnx(Buffer.from(text, 'latin1')),
      (error: unknown) => error instanceof InputError,
    );
  }
});

test('an operator of another domain is named in full, with all that are missing', () => {
  const model = importOnnx(readFileSync(fixture('goldens/vgg.onnx')));
  const [first, second, ...rest] = model.nodes;
  const changed = {
    ...model,
    nodes: [{ ...first, op: 'com.example.Magic' }, { ...second, op: 'Bessel' }, ...rest],
  };
  assert.throws(() => createModel(changed), /no rule for the operations Bessel, com\.example\.Magic/);
});

for (const file of ['squeezenet1.1', 'tiny-vgg', 'resnet20-cifar10', 'mobilenet-v1-0.25-128']) {
  const path = `models/${file}.onnx`;
  if (!hasData(path)) {
    skip(`${file}: the exported file gives the same bits`, `${path} is not there`);
    continue;
  }
  test(`${file}: the exported file gives the same bits`, async () => {
    const original = createModel(importOnnx(readFileSync(data(path))));
    const exported = createModel(importOnnx(exportOnnx(original.data)));
    const random = createRandom(1);
    const [, c] = original.inputShape;
    const shape = [1, c, ...original.inputShape.slice(2)];
    const x = fromData(
      new Float32Array(shape.reduce((a, b) => a * b, 1)).map(() => random.normal()),
      shape,
    );
    const [a, b] = await Promise.all([original.run(x), exported.run(x)]);
    for (const name of Object.keys(a)) same(b[name], a[name], name);
  });
}

test.run();
