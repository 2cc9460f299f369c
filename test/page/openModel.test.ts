import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serializeModel } from '../../src/model/file/serializeModel.ts';
import { createModel } from '../../src/model/model.ts';
import { exportOnnx } from '../../src/onnx/exportOnnx.ts';
import { ModelProtoSchema, StringStringEntryProtoSchema } from '../../src/onnx/generated/onnx_pb.ts';
import { openModel } from '../../src/page/openModel.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { full } from '../../src/tensor/tensor.ts';
import { network, plain } from '../cli/command.ts';
import { same } from '../support/check.ts';

const test = suite<{ server: Server; origin: string }>('openModel');

const big = new Map(network.tensors).set('big', { dtype: 'uint8', shape: [9e6], bytes: new Uint8Array(9e6) });
const beside = serializeModel({ ...network, tensors: big }, { file: 'a #1.safetensors' });
const besideBytes = Buffer.concat([...(beside.files.get('a #1.safetensors') ?? [])]);
const files: Readonly<Record<string, Uint8Array | string>> = {
  '/nets/small.onnx': exportOnnx(network),
  '/nets/small.json': serializeModel(network).json,
  '/nets/big.json': beside.json,
  '/nets/a%20%231.safetensors': besideBytes,
  '/page.html': '<!doctype html><title>a page that answers everything</title>',
};

test.before(async (state) => {
  state.server = createServer(({ url = '' }, response) => {
    response.writeHead(files[url] === undefined ? 404 : 200).end(files[url]);
  });
  await new Promise<void>((ready) => state.server.listen(0, '127.0.0.1', ready));
  state.origin = `http://127.0.0.1:${(state.server.address() as AddressInfo).port}`;
});
test.after(({ server }) => {
  server.close();
});

const x = full([1, 3, 8, 8], 0.25);
const wanted = (await createModel(network).run(x))['z/out:0'];

async function refuses(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => assert.unreachable('it should be refused'),
    (reason: unknown) => reason,
  );
  assert.instance(error, InputError);
  assert.match((error as Error).message, message);
}

test('from bytes, a Blob, an address and an answer, by what is in them', async ({ origin }) => {
  const { json } = serializeModel(network);
  const onnx = exportOnnx(network);
  const sources = [
    onnx,
    new Uint8Array(onnx).buffer,
    new TextEncoder().encode(`\ufeff ${json}`),
    new Blob([onnx]),
    new Blob([json]),
    `${origin}/nets/small.json`,
    new URL(`${origin}/nets/small.onnx`),
    await fetch(`${origin}/nets/small.onnx`),
  ];
  for (const source of sources) same((await (await openModel(source)).run(x))['z/out:0'], wanted);
});

test('labels and preprocessing in place of those of the file; a name from the address', async ({
  origin,
}) => {
  const labels = ['a', 'b', 'c', 'd'];
  const preprocessing = { ...plain, scale: 1 };
  const model = await openModel(`${origin}/nets/small.onnx`, { labels, preprocessing });
  assert.equal(model.labels, labels);
  assert.is(model.inputs[0].preprocessing?.scale, 1);
  assert.is(model.name, 'small');
  await refuses(
    openModel(exportOnnx(network), { labels: ['a'] }),
    /there are 1, the model \w+ has 4 classes/,
  );
  await refuses(openModel(exportOnnx(network), { label: [] } as object), /no option "label".*labels/);
});

test('files beside it: in its folder, among those given, missing', async ({ origin }) => {
  assert.is((await openModel(`${origin}/nets/big.json`)).layers.length, 5);
  const given = Object.assign(new Blob([besideBytes]), { name: 'a #1.safetensors' });
  const json = new Blob([beside.json]);
  assert.is((await openModel(json, { files: [given] })).layers.length, 5);
  await refuses(openModel(json), /its tensors are in a #1\.safetensors; give that file, too/);
});

test('tensors of ONNX in a file beside it, whole and cut short', async () => {
  const model = fromBinary(ModelProtoSchema, exportOnnx(network));
  const [tensor] = model.graph?.initializer ?? [];
  const bytes = tensor.rawData;
  tensor.rawData = new Uint8Array();
  tensor.dataLocation = 1;
  tensor.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: 'weights.bin' })];
  const onnx = toBinary(ModelProtoSchema, model);
  const named = (content: Uint8Array) => Object.assign(new Blob([content]), { name: 'weights.bin' });
  same((await (await openModel(onnx, { files: [named(bytes)] })).run(x))['z/out:0'], wanted);
  await refuses(openModel(onnx, { files: [named(bytes.subarray(0, 1))] }), /weights\.bin has 1/);
  await refuses(openModel(onnx), /its tensors are in weights\.bin; give that file, too/);
});

test('what is no model is refused and says why', async ({ origin }) => {
  await refuses(
    openModel(`${origin}/nets/none.onnx`),
    /none\.onnx: the server answers 404; look at the address/,
  );
  await refuses(openModel(`${origin}/page.html`), /it is a web page; look at the address/);
  await refuses(openModel('http://127.0.0.1:1/a.onnx'), /it did not come \(.*\); look at the address/);
  await refuses(openModel('not an address'), /"not an address" is not an address/);
  await refuses(openModel(new Blob(['%PDF'])), /it is not an ONNX model, or it is cut short/);
  await refuses(openModel(7 as unknown as string), /give its bytes, a Blob, an address or a Response/);
  await refuses(openModel(null as unknown as string), /give its bytes, a Blob, an address or a Response/);
  const answer = await fetch(`${origin}/nets/small.onnx`);
  await answer.arrayBuffer();
  await refuses(openModel(answer), /cannot be read/);
});

test('an aborted signal ends it with its reason', async ({ origin }) => {
  const reason = new Error('enough');
  const error = await openModel(`${origin}/nets/small.onnx`, { signal: AbortSignal.abort(reason) }).catch(
    (each) => each,
  );
  assert.is(error, reason);
});

test.run();
