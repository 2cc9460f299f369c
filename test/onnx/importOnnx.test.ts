import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelData } from '../../src/model/data/format.ts';
import { fileOf } from '../../src/model/file/tensorFile.ts';
import { readModelData } from '../../src/node/readModelData.ts';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  TypeProtoSchema,
} from '../../src/onnx/generated/onnx_pb.ts';
import { importOnnxFile } from '../../src/onnx/importOnnx.ts';
import { exportOnnx, importOnnx } from '../../src/onnx/index.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { same } from '../support/check.ts';
import { largeNetwork } from '../support/largeNetwork.ts';

const test = suite('importOnnxFile');
const whole = exportOnnx(largeNetwork);

/** Bytes as a file that counts what is read of it. */
function countingFile(bytes: Uint8Array) {
  const counts = { read: 0, taken: 0 };
  const { size, take } = fileOf(bytes);
  return {
    counts,
    size,
    read(offset: number, length: number) {
      counts.read += length;
      return bytes.slice(offset, offset + length);
    },
    take(offset: number, length: number) {
      counts.taken += length;
      return take(offset, length);
    },
  };
}

const outcome = (run: () => ModelData): ModelData | string => {
  try {
    return run();
  } catch (error) {
    assert.instance(error, InputError);
    return (error as Error).message;
  }
};

/** Read as a file and read as bytes, a model is the same, or refused in the same words. */
function sameAsBytes(bytes: Uint8Array): ModelData | string {
  const wanted = outcome(() => importOnnx(bytes));
  const got = outcome(() => importOnnxFile(countingFile(bytes), {}));
  if (typeof wanted === 'string' || typeof got === 'string') {
    assert.is(got, wanted);
    return got;
  }
  assert.equal({ ...got, tensors: undefined }, { ...wanted, tensors: undefined });
  assert.equal([...got.tensors.keys()], [...wanted.tensors.keys()]);
  for (const [name, { bytes: values }] of wanted.tensors)
    same(got.tensors.get(name)?.bytes ?? [], values, name);
  return got;
}

const joined = (...pieces: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces));

/** A field that holds a message or bytes, its length in five bytes. */
function field(number: number, content: Uint8Array): Uint8Array {
  const length = Array.from({ length: 5 }, (_, i) => ((content.length >> (7 * i)) & 127) | (i < 4 ? 128 : 0));
  return joined(Uint8Array.from([number * 8 + 2, ...length]), content);
}

test('of the large tensors nothing is read, and they are the file’s', () => {
  const file = countingFile(whole);
  importOnnxFile(file, {});
  const large = [...largeNetwork.tensors.values()].filter(({ bytes }) => bytes.length >= 4096);
  assert.is(
    file.counts.taken,
    large.reduce((sum, { bytes }) => sum + bytes.length, 0),
  );
  assert.ok(file.counts.read < 40_000, `${file.counts.read} bytes were read`);
  sameAsBytes(whole);
});

test('a graph in two pieces, as protocol buffers may be written', () => {
  const model = fromBinary(ModelProtoSchema, whole);
  const { graph } = model;
  assert.ok(graph);
  const tail = create(GraphProtoSchema, { initializer: graph.initializer.splice(4) });
  const bytes = joined(toBinary(ModelProtoSchema, model), field(7, toBinary(GraphProtoSchema, tail)));
  assert.type(sameAsBytes(bytes), 'object');
});

test('a tensor whose bytes stand twice: the last count', () => {
  const model = fromBinary(ModelProtoSchema, whole);
  const tensor = model.graph?.initializer.pop();
  const wide = create(TensorProtoSchema, { name: 'v.bias', dims: [2000n], dataType: 1 });
  const raw = (length: number, value: number) => field(9, new Uint8Array(length).fill(value));
  assert.is(tensor?.name, 'v.bias');
  const lasts = [
    [raw(8000, 1), raw(8000, 2)],
    [raw(4, 1), raw(8000, 2)],
    [raw(8000, 1), raw(4, 2)],
    [raw(8000, 1), raw(0, 2)],
  ].map((pieces) => {
    const content = joined(toBinary(TensorProtoSchema, wide), ...pieces);
    const result = sameAsBytes(joined(toBinary(ModelProtoSchema, model), field(7, field(5, content))));
    return typeof result === 'string' ? result : result.tensors.get('v.bias')?.bytes[0];
  });
  assert.equal(lasts.slice(0, 2), [2, 2]);
  assert.match(String(lasts[2]), /tensor v\.bias holds 4 bytes, its shape \[2000\]/);
  assert.match(String(lasts[3]), /tensor v\.bias holds 0 bytes/);
});

test('a shape that lies about a large tensor', () => {
  const model = fromBinary(ModelProtoSchema, whole);
  for (const tensor of model.graph?.initializer ?? [])
    if (tensor.name === 'a') tensor.dims = [64n, 33n, 3n, 3n];
  assert.match(
    String(sameAsBytes(toBinary(ModelProtoSchema, model))),
    /tensor a holds 73728 bytes, its shape/,
  );
});

test('a file that cannot be followed is refused by how it begins, however long it is', () => {
  const zeros = countingFile(new Uint8Array(2 ** 24));
  assert.match(
    outcome(() => importOnnxFile(zeros, {})) as string,
    /it is not an ONNX model, or it is cut short/,
  );
  assert.ok(zeros.counts.read < 4096);
  const filled = countingFile(joined(whole, new Uint8Array(2 ** 24)));
  assert.type(
    outcome(() => importOnnxFile(filled, {})),
    'string',
  );
  assert.ok(filled.counts.read < 80_000);
  const group = Uint8Array.from([0xa3, 0x06, 0xa4, 0x06]); // field 100, begun and ended: ONNX has no groups
  assert.type(sameAsBytes(joined(whole, group)), 'string');
  for (const end of [
    [0x0f],
    [0xff],
    [0x3a, 0x7f],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  ]) {
    sameAsBytes(joined(whole, Uint8Array.from(end)));
  }
  for (const text of ['{"a": 1}', '\x89PNG\r\n\x1a\n', 'plain text, and more of it', '\x08\x07']) {
    assert.type(sameAsBytes(Buffer.from(text, 'latin1')), 'string');
  }
});

test('tensors and attributes in a file of their own', async () => {
  const root = mkdtempSync(join(tmpdir(), 'jetgrad-external-'));
  try {
    const model = fromBinary(ModelProtoSchema, whole);
    const pieces: Uint8Array[] = [];
    let offset = 0;
    const outside = (bytes: Uint8Array) => {
      pieces.push(bytes);
      const entries = { location: 'weights.bin', offset: String(offset), length: String(bytes.length) };
      offset += bytes.length;
      return {
        rawData: new Uint8Array(),
        dataLocation: 1,
        externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
      };
    };
    const graph = model.graph;
    assert.ok(graph);
    graph.initializer = graph.initializer.map((tensor) =>
      create(TensorProtoSchema, {
        name: tensor.name,
        dims: tensor.dims,
        dataType: 1,
        ...outside(tensor.rawData),
      }),
    );
    const t = { dims: [1n], dataType: 11, ...outside(new Uint8Array(Float64Array.of(2.5).buffer)) };
    const attribute = [create(AttributeProtoSchema, { name: 'value', type: 4, t })];
    graph.node.push(create(NodeProtoSchema, { opType: 'Constant', output: ['k'], attribute }));
    const path = join(root, 'outside.onnx');
    writeFileSync(path, toBinary(ModelProtoSchema, model));
    writeFileSync(join(root, 'weights.bin'), joined(...pieces));
    const { tensors, nodes } = await readModelData(path);
    for (const [name, { bytes }] of largeNetwork.tensors) same(tensors.get(name)?.bytes ?? [], bytes, name);
    assert.equal(nodes.find(({ op }) => op === 'Constant')?.attributes.value, {
      dtype: 'float64',
      shape: [1],
      values: [2.5],
    });
    truncateSync(join(root, 'weights.bin'), offset - 1);
    const error = await readModelData(path).then(
      () => undefined,
      (reason) => reason,
    );
    assert.instance(error, InputError);
    assert.match(
      error.message,
      /^Cannot read .*outside\.onnx: bytes \d+ to \d+ are wanted, weights\.bin has/,
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('an input that is no tensor of numbers is refused by name', () => {
  const input = (elemType?: number) => {
    const type = create(TypeProtoSchema, elemType === undefined ? {} : { tensorType: { elemType } });
    const node = create(NodeProtoSchema, { opType: 'Identity', input: ['x'], output: ['y'] });
    const graph = create(GraphProtoSchema, {
      node: [node],
      input: [{ name: 'x', type }],
      output: [{ name: 'y' }],
    });
    return toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, { irVersion: 8n, graph, opsetImport: [{ version: 17n }] }),
    );
  };
  assert.throws(
    () => importOnnx(input(8)),
    /input x has the element type string, which jetgrad does not hold/,
  );
  assert.throws(() => importOnnx(input()), /input x is a sequence, a map or an optional value/);
  assert.is(importOnnx(input(1)).inputs[0].dtype, 'float32');
});

test.run();
