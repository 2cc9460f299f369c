import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createModel,
  type Explanation,
  explain,
  explainAll,
  fromData,
  InputError,
  ShapeError,
  setBackend,
  type Tensor,
} from '../../src/core.ts';
import { loadModel } from '../../src/node/loadModel.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { stackRows } from '../../src/tensor/rows.ts';
import { same } from '../support/check.ts';
import { floats, makeModel } from '../support/makeModel.ts';

const test = suite('explainAll');

const model = await loadModel(new URL('../../weights/scenes-vgg.json', import.meta.url).pathname);
const random = createRandom(2);
const picture = (side = 64) =>
  fromData(
    Float32Array.from({ length: 3 * side ** 2 }, () => random.normal()),
    [1, 3, side, side],
  );
const images = Array.from({ length: 11 }, () => picture());

async function all<T>(generator: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const each of generator) list.push(each);
  return list;
}

/** That both are the same to the last bit, but for nothing. */
function sameExplanation(got: Explanation, wanted: Explanation, what: string): void {
  assert.equal(got.manifest(), wanted.manifest(), what);
  for (const [name, map] of Object.entries(wanted.maps)) {
    const own = got.maps[name as 'gradcam'];
    same(own?.raw as Tensor, map.raw, `${what}, ${name}`);
    same(own?.weights ?? [], map.weights ?? [], `${what}, ${name}`);
  }
  for (const [name, { activation, d3 }] of Object.entries(wanted.evidence)) {
    const own = got.evidence[name as 'gradcam'];
    same(own?.activation as Tensor, activation, `${what}, A of ${name}`);
    same(own?.d3 as Tensor, d3, `${what}, D3 of ${name}`);
  }
}

for (const name of ['wasm', 'reference'] as const) {
  test(`on ${name}, of each image what explain gives, bit for bit and in order`, async () => {
    setBackend(name);
    try {
      const given = name === 'wasm' ? images : images.slice(0, 3);
      const options = { samples: 2, seed: 3, score: 'prob' } as const;
      const together = await all(explainAll(model, given, options));
      assert.is(together.length, given.length);
      for (const [i, image] of given.entries())
        sameExplanation(together[i], await explain(model, image, options), `image ${i}`);
    } finally {
      setBackend('wasm');
    }
  });
}

/** A network whose skip passes by the layer, for pictures of any size. */
const skipping = createModel(
  makeModel({
    inputs: { x: ['N', 3, 'H', 'W'] },
    outputs: ['z'],
    nodes: [
      'Conv x w > a',
      'Relu a > b',
      'Conv b u > c',
      'Add a c > d',
      'GlobalAveragePool d > e',
      'Flatten e > z',
    ],
    tensors: {
      w: floats(
        [4, 3, 1, 1],
        Float32Array.from({ length: 12 }, () => random.normal()),
      ),
      u: floats(
        [4, 4, 1, 1],
        Float32Array.from({ length: 16 }, () => random.normal()),
      ),
    },
  }),
);

test('sizes may differ, and what passes by the layer is each image’s own', async () => {
  const given = [8, 8, 6, 8, 6, 6].map((side) => picture(side));
  const options = { layer: 'b', methods: ['gradcam++'] } as const;
  const together = await all(explainAll(skipping, given, options));
  for (const [i, image] of given.entries())
    sameExplanation(together[i], await explain(skipping, image, options), `image ${i}`);
});

test('a batch, a list, a set and a generator are the same images', async () => {
  const three = images.slice(0, 3);
  async function* later() {
    yield* three;
  }
  const options = { methods: ['gradcam'], class: 2 } as const;
  const [wanted, ...others] = await Promise.all(
    [three, stackRows(three), new Set(three), later()].map((given) => all(explainAll(model, given, options))),
  );
  for (const other of others) {
    for (const [i, each] of wanted.entries()) sameExplanation(other[i], each, `image ${i}`);
  }
  assert.equal(await all(explainAll(model, [], options)), []);
});

test('no more images are read than a batch has, and leaving the loop ends the reading', async () => {
  let [read, ended] = [0, false];
  function* reading() {
    try {
      for (;;) {
        read++;
        yield images[0];
      }
    } finally {
      ended = true;
    }
  }
  let got = 0;
  for await (const _ of explainAll(model, reading(), { methods: ['gradcam'] })) {
    got++;
    assert.ok(read <= got + 9, `${read} read for ${got}`);
    if (got === 10) break;
  }
  assert.ok(ended);
});

test('progress grows to 1, of a list', async () => {
  const told: number[] = [];
  await all(explainAll(model, images, { methods: ['gradcam'], onProgress: (done) => told.push(done) }));
  assert.ok(told.every((done, i) => i === 0 || done >= told[i - 1]));
  assert.is(told.at(-1), 1);
});

test('a signal ends it with its reason', async () => {
  const controller = new AbortController();
  const run = explainAll(model, images, { methods: ['gradcam'], signal: controller.signal });
  await run.next();
  controller.abort();
  await all(run).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.name, 'AbortError'),
  );
});

test('what cannot be explained is refused at once, an image by its place', async () => {
  assert.throws(() => explainAll(model, 5 as never), /Cannot explain all: a batch .* got 5/);
  assert.throws(() => explainAll(model, 'ab' as never), /got the text "ab"/);
  assert.throws(() => explainAll(model, images[0].data as never, { methods: ['cam'] as never }), /by "cam"/);
  assert.throws(() => explainAll(model, [], { classes: [1] } as never), /one class of each image/);
  assert.throws(
    () => explainAll(model, fromData(new Float64Array(3), [3])),
    (error: Error) => error instanceof ShapeError && /tensor of shape \[3\]: a batch/.test(error.message),
  );
  const refusal = (given: unknown) =>
    all(explainAll(model, given as never, { methods: ['gradcam'] })).then(String, (error) => {
      assert.instance(error, InputError);
      return (error as Error).message;
    });
  assert.match(
    await refusal([images[0], images[0].shape]),
    /^Cannot explain image 1: one image \[1, C, H, W\]/,
  );
  assert.match(await refusal([undefined]), /^Cannot explain image 0: a tensor is wanted, got nothing/);
});

test.run();
