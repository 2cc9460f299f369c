import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../src/cam/explain.ts';
import { preprocessFor } from '../../src/image/preprocessFor.ts';
import { serializeModel } from '../../src/model/file/serializeModel.ts';
import { createModel } from '../../src/model/model.ts';
import { exportOnnx } from '../../src/onnx/exportOnnx.ts';
import type { WorkerLike } from '../../src/page/channel.ts';
import { createExplainer } from '../../src/page/createExplainer.ts';
import type { Answer, PageExplanation, Request } from '../../src/page/messages.ts';
import { serveExplainer } from '../../src/page/serveExplainer.ts';
import { InputError, UnsupportedOperationError } from '../../src/tensor/errors.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { network } from '../cli/command.ts';
import { same } from '../support/check.ts';

const test = suite('createExplainer');

interface Wire extends WorkerLike {
  onmessage: ((event: { data: Answer }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
  isEnded: boolean;
  readonly heard: Request[];
}

/** A worker in this process: messages are cloned and moved as between two. */
function wire(): Wire {
  const worker: Wire = {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    isEnded: false,
    heard: [],
    terminate() {
      worker.isEnded = true;
    },
    postMessage(message, moves) {
      const copy = structuredClone(message as Request, { transfer: moves });
      worker.heard.push(copy);
      setTimeout(() => hear(copy));
    },
  };
  const hear = serveExplainer({
    postMessage(answer, moves) {
      const data = structuredClone(answer, { transfer: moves as ArrayBuffer[] });
      setTimeout(() => worker.isEnded || worker.onmessage?.({ data }));
    },
  });
  return worker;
}

const random = createRandom(3);
const picture = () => ({
  width: 12,
  height: 10,
  data: Uint8Array.from({ length: 480 }, (_, i) => (i % 4 === 3 ? 255 : random.integer(256))),
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.unreachable('it should fail'),
    (error) => error,
  );
}

async function refuses(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await failure(promise);
  assert.instance(error, InputError);
  assert.match((error as Error).message, message);
}

test('what the worker finds is what is found here, to the bit, with pictures of it', async () => {
  const model = createModel(network);
  const explainer = await createExplainer(wire(), exportOnnx(network), {
    labels: network.labels,
    preprocessing: network.inputs[0].preprocessing,
  });
  assert.equal(explainer.model.labels, network.labels);
  assert.is(explainer.model.defaultLayer, model.defaultLayer);
  assert.is(explainer.model.backend.name, 'wasm');
  const given = picture();
  const choices = {
    class: network.labels?.[1],
    samples: 3,
    methods: ['smoothgrad', 'gradcam', 'smoothgradcam++'],
  } as const;
  const parts: PageExplanation[] = [];
  const shares: number[] = [];
  const got = await explainer.explain(given, {
    ...choices,
    draw: { size: 24 },
    onPart: (part) => parts.push(part),
    onProgress: (share) => shares.push(share),
  });
  const wanted = await explain(model, preprocessFor(model, given).input, choices);
  assert.equal(Object.keys(got.maps), choices.methods);
  for (const name of choices.methods) {
    same(got.maps[name].raw, wanted.maps[name].raw, name);
    same(got.maps[name].normalized, wanted.maps[name].normalized, name);
    assert.equal([got.overlays[name].width, got.overlays[name].height], [24, 20]);
  }
  assert.equal([got.label, got.top, got.choices], [wanted.label, wanted.top, wanted.choices]);
  const plain = (json: object) => JSON.parse(JSON.stringify(json));
  assert.equal(plain(got.manifest), plain(wanted.manifest()));
  assert.equal(got.warnings, wanted.warnings);
  assert.equal(
    parts.map(({ maps }) => Object.keys(maps)),
    [['gradcam'], ['smoothgrad', 'smoothgradcam++']],
  );
  assert.equal(
    shares,
    [...shares].sort((a, b) => a - b),
  );
  assert.is(shares.at(-1), 1);
  assert.is(given.data.length, 480);
  explainer.close();
});

test('errors keep their classes; what cannot go to a worker is refused; the next call works', async () => {
  const explainer = await createExplainer(wire(), new Blob([serializeModel(network).json]));
  await refuses(explainer.explain(picture(), { class: 9 }), /the model has 4 classes/);
  await refuses(explainer.explain(picture(), { class: 'boxer' }), /Cannot find the class "boxer"/);
  await refuses(explainer.explain(picture(), { sample: 3 } as object), /no option "sample".*samples/);
  await refuses(
    explainer.explain(picture(), { methods: 'gradcam' } as object),
    /methods must be a list of texts/,
  );
  await refuses(explainer.explain(picture(), { methods: [] }), /Cannot explain by ""/);
  await refuses(explainer.explain(picture(), { score: () => 1 } as object), /name one of the scores/);
  await refuses(
    explainer.explain({ width: 3, height: 3, data: new Uint8Array(5) }),
    /4 bytes for each are wanted/,
  );
  await refuses(explainer.explain(new Blob(['no picture'])), /it is no picture that this browser can decode/);
  await refuses(explainer.explain(null as unknown as Blob), /something that can be drawn is wanted/);
  assert.is((await explainer.explain(picture(), { methods: ['gradcam'] })).choices.methods.length, 1);
  explainer.close();
  const foreign = { ...network, nodes: network.nodes.map((node) => ({ ...node, op: 'Foo' })) };
  const worker = wire();
  const error = await failure(createExplainer(worker, exportOnnx(foreign)));
  assert.instance(error, UnsupportedOperationError);
  assert.equal((error as UnsupportedOperationError).operations, ['Foo']);
  assert.ok(worker.isEnded);
  await refuses(createExplainer(wire(), 'models/none'), /"models\/none" is not an address/);
  await refuses(createExplainer(wire(), exportOnnx(network), { thread: 1 } as object), /no option "thread"/);
});

test('an aborted explanation ends at once, with the reason, and the worker goes on with the next', async () => {
  const worker = wire();
  const explainer = await createExplainer(worker, exportOnnx(network));
  const reason = new Error('enough');
  const controller = new AbortController();
  const running = explainer.explain(picture(), {
    samples: 1000,
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  const next = explainer.explain(picture(), { methods: ['gradcam'] });
  assert.is(await failure(running), reason);
  assert.ok((await next).maps.gradcam);
  assert.ok(worker.heard.some(({ kind }) => kind === 'abort'));
  assert.is(await failure(explainer.explain(picture(), { signal: AbortSignal.abort(reason) })), reason);
  explainer.close();
});

test('a worker that fails or is ended fails what waits for it, and all that comes after', async () => {
  const worker = wire();
  const explainer = await createExplainer(worker, exportOnnx(network));
  const waiting = failure(explainer.explain(picture()));
  setTimeout(() => worker.onerror?.({}));
  assert.match(((await waiting) as Error).message, /its script did not load; look at its address/);
  assert.is(await failure(explainer.explain(picture())), await waiting);
  const other = await createExplainer(wire(), exportOnnx(network));
  const ended = failure(other.explain(picture()));
  setTimeout(other.close);
  assert.match(((await ended) as Error).message, /was closed/);
});

test('a model that does not say how pictures are prepared is said', async () => {
  const [input] = network.inputs;
  const { preprocessing: _, ...plain } = input;
  const explainer = await createExplainer(
    wire(),
    new Blob([serializeModel({ ...network, inputs: [plain] }).json]),
  );
  const { warnings } = await explainer.explain(picture(), { methods: ['gradcam', 'smoothgrad'], samples: 1 });
  assert.is(warnings.filter((text) => /does not say how pictures are prepared/.test(text)).length, 1);
  explainer.close();
});

test.run();
