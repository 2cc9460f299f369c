import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exp, log, sigmoid, sub, takeAt } from '../../src/autodiff/operations.ts';
import { explain, explainClasses } from '../../src/cam/explain.ts';
import { createScore, probabilities, scoreNames } from '../../src/cam/score.ts';
import { parseModelData } from '../../src/model/file/parseModelData.ts';
import { createModel, type Model } from '../../src/model/model.ts';
import { importOnnx } from '../../src/onnx/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { fromData, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { close, fixture, same } from '../support/check.ts';

const test = suite('one class against another');

const scenes = createModel(
  parseModelData(readFileSync(new URL('../../weights/scenes-vgg.json', import.meta.url), 'utf8')),
);
const golden = (name: string) => createModel(importOnnx(readFileSync(fixture(`goldens/${name}.onnx`))));
const models: Readonly<Record<string, Model>> = { scenes, resnet: golden('resnet'), silu: golden('silu') };
const random = createRandom(31);
const imageFor = ({ inputShape: shape }: Model): Tensor =>
  fromData(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );

const difference = (z: Tensor) => sub(takeAt(z, [2], []), takeAt(z, [0], []));
/** What each score is of the difference d. */
const ofDifference = { exp, prob: sigmoid, logprob: (d: Tensor) => log(sigmoid(d)), logit: (d: Tensor) => d };
const wanted = { of: 2, against: 0 };

test('scores are functions of the difference of the logits, which prob takes for the softmax of the two', () => {
  const z = tensor([3, 1, 5, 2]);
  const pair = { classIndex: 2, against: 0 };
  for (const name of scoreNames) {
    const { y, logScale } = createScore(name, pair).value(z);
    close(y, ofDifference[name](tensor(2)), { relative: 1e-14 }, name);
    assert.is(logScale, 0);
  }
  close(createScore('prob', pair).value(z).y, probabilities([5, 3])[0], { relative: 1e-14 });
  const far = createScore('exp', pair).value(tensor([-600, 0, 400]));
  assert.equal([far.y.data[0], far.logScale], [1, 1000]);
});

for (const [name, model] of Object.entries(models)) {
  test(`${name}: every method's evidence is that of the same function of z, by hand`, async () => {
    const image = imageFor(model);
    const options = { samples: 3, sigma: 0.05 } as const;
    for (const score of scoreNames) {
      const layerMethods =
        score === 'logit' ? (['gradcam'] as const) : (['gradcam++', 'smoothgradcam++'] as const);
      const own = await explain(model, image, { ...options, class: wanted, score, methods: layerMethods });
      const by = await explain(model, image, {
        ...options,
        class: 2,
        methods: layerMethods,
        score: (z) => ofDifference[score](difference(z)),
      });
      for (const method of layerMethods) {
        const [a, b] = [own.evidence[method], by.evidence[method]];
        if (own.maps[method].equals !== undefined) continue;
        for (const d of ['d1', 'd2', 'd3'] as const)
          close(a[d], b[d], { relative: 1e-11, absolute: 1e-300 }, `${name} ${score} ${method} ${d}`);
      }
    }
    const logit = await explain(model, image, {
      ...options,
      class: wanted,
      methods: ['gradcam', 'layercam', 'smoothgrad'],
    });
    const by = await explain(model, image, {
      ...{ ...options, class: 2, score: difference },
      methods: ['gradcam', 'layercam', 'smoothgrad'],
    });
    for (const method of ['gradcam', 'layercam', 'smoothgrad'] as const)
      close(logit.maps[method].raw, by.maps[method].raw, { relative: 1e-12 }, `${name} ${method}`);
  });
}

test('the weights of Grad-CAM are those of the one class less those of the other', async () => {
  const image = imageFor(scenes);
  const [both, one, other] = await explainClasses(scenes, image, {
    classes: [wanted, 2, 0],
    methods: ['gradcam'],
  });
  const weights = (each: typeof both) => each.maps.gradcam.weights ?? new Float64Array();
  const less = weights(one).map((w, k) => w - weights(other)[k]);
  close(weights(both), less, { relative: 1e-12 }, 'weights');
  assert.is(both.against?.classIndex, 0);
  assert.is(both.classIndex, 2);
  assert.is(one.against, undefined);
  const { choices, against } = both.manifest() as { choices: { against: number }; against: { rank: number } };
  assert.is(choices.against, 0);
  assert.ok(against.rank >= 1);
});

test('alone it is what it is among others, to the last bit', async () => {
  const image = imageFor(scenes);
  const options = { methods: ['gradcam++', 'smoothgradcam++', 'smoothgrad'] as const, samples: 2 };
  const alone = await explain(scenes, image, { ...options, class: wanted });
  const [, among] = await explainClasses(scenes, image, { ...options, classes: [1, wanted] });
  for (const method of options.methods) same(alone.maps[method].raw, among.maps[method].raw);
});

test('samples weigh the exponential of the difference', async () => {
  const { evidence } = await explain(models.silu, imageFor(models.silu), {
    ...{ class: wanted, samples: 4, methods: ['smoothgradcam++'] },
  });
  const { samples, y, against } = evidence['smoothgradcam++'];
  assert.is(against, 0);
  const mean = samples.reduce((sum, { logit }) => sum + Math.exp(logit), 0) / samples.length;
  close(y, mean, { relative: 1e-12 });
});

test('what cannot be held against another is refused', async () => {
  const image = imageFor(scenes);
  const refusal = (options: object) =>
    explain(scenes, image, { methods: ['gradcam'], ...options }).then(
      String,
      ({ message }: Error) => message,
    );
  assert.match(
    await refusal({ class: { of: 1, against: 1 } }),
    /class 1 against itself: the difference is 0/,
  );
  assert.match(await refusal({ class: { of: 1, against: 12 } }), /Cannot explain class 12: the model has 12/);
  assert.match(await refusal({ class: { of: 1 } }), /class undefined/);
  assert.match(await refusal({ class: { of: 1, versus: 2 } }), /there is no option "versus"/);
  assert.match(
    await refusal({ class: { of: 1, against: 2 }, score: difference }),
    /by a score of your own.*leave one of the two out/,
  );
});

test.run();
