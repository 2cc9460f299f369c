import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExplainOptions } from '../../src/cam/choices.ts';
import { explain } from '../../src/cam/explain.ts';
import type { Explanation } from '../../src/cam/explanation.ts';
import { parseModelData } from '../../src/model/file/parseModelData.ts';
import { createModel, type Model } from '../../src/model/model.ts';
import { importOnnx } from '../../src/onnx/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../src/tensor/tensor.ts';
import { engines, onEngine, wasmEngines } from '../support/backends.ts';
import { fixture, same } from '../support/check.ts';

const test = suite('noisy samples');

const golden = (name: string) => createModel(importOnnx(readFileSync(fixture(`goldens/${name}.onnx`))));
const bundled = createModel(
  parseModelData(readFileSync(new URL('../../weights/scenes-vgg.json', import.meta.url), 'utf8')),
);
const networks: [string, Model][] = [
  ['the bundled VGG', bundled],
  ['residual', golden('resnet')],
  ['smooth', golden('gelu')],
];
const methods = ['smoothgradcam++', 'smoothgrad'] as const;

function imageFor({ inputShape }: Model): Tensor {
  const random = createRandom(4);
  const [, ...shape] = inputShape;
  return fromData(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    [1, ...shape],
  );
}

/** The same model, of which nobody knows that it takes several images. */
function oneByOne(model: Model): Model {
  return { ...model, split: (layer, options) => ({ ...model.split(layer, options), isBatchable: false }) };
}

function sameExplanation(got: Explanation, wanted: Explanation, label: string): void {
  for (const method of methods) {
    same(got.maps[method]?.raw as Tensor, wanted.maps[method]?.raw as Tensor, `${label}, ${method}`);
    same(got.maps[method]?.weights ?? [], wanted.maps[method]?.weights ?? [], `${label}, ${method} weights`);
  }
  const [a, b] = [got, wanted].map(({ evidence }) => evidence['smoothgradcam++']);
  for (const name of ['d1', 'd2', 'd3', 'activation'] as const) {
    same(a?.[name] as Tensor, b?.[name] as Tensor, `${label}, ${name}`);
  }
  assert.equal(a?.samples, b?.samples, label);
}

for (const [name, model] of networks) {
  const options: ExplainOptions = { samples: 11, seed: 3, methods };
  const image = imageFor(model);

  test(`${name} takes several images at a time`, () => assert.is(model.split().isBatchable, true));

  for (const score of ['exp', 'prob'] as const) {
    test(`${name}, ${score}: batches and threads do not show, to the last bit`, async () => {
      const wanted = await onEngine(engines[1], () => explain(oneByOne(model), image, { ...options, score }));
      for (const engine of wasmEngines) {
        const got = await onEngine(engine, () => explain(model, image, { ...options, score }));
        sameExplanation(got, wanted, engine.name);
      }
    });
  }

  test(`${name}: twice as many samples begin with the same`, async () => {
    const samplesOf = async (samples: number) =>
      (await explain(model, image, { ...options, score: 'prob', samples })).evidence['smoothgradcam++']
        ?.samples ?? [];
    const many = await samplesOf(22);
    assert.is(many.length, 22);
    for (const samples of [1, 7, 8, 9, 11, 16]) {
      assert.equal(await samplesOf(samples), many.slice(0, samples), `${samples} samples`);
    }
  });
}

test('one method alone gives the bits that it gives beside the other', async () => {
  const image = imageFor(bundled);
  const both = await explain(bundled, image, { samples: 9, methods });
  for (const method of methods) {
    const alone = await explain(bundled, image, { samples: 9, methods: [method] });
    same(alone.maps[method]?.raw as Tensor, both.maps[method]?.raw as Tensor, method);
  }
});

test.run();
