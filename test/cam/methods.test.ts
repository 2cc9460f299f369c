import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exp, mul, sub, takeAt } from '../../src/autodiff/operations.ts';
import { defaults } from '../../src/cam/defaults.ts';
import { explain } from '../../src/cam/explain.ts';
import type { InputMethod } from '../../src/cam/method.ts';
import { defaultMethodNames, methodNames, methodOf } from '../../src/cam/methods.ts';
import { parseModelData } from '../../src/model/file/parseModelData.ts';
import { createModel } from '../../src/model/model.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { fromData, type Tensor } from '../../src/tensor/tensor.ts';
import { close, same } from '../support/check.ts';
import { evidence } from './makeEvidence.ts';

const test = suite('methods');

const file = new URL('../../weights/scenes-vgg.json', import.meta.url);
const model = createModel(parseModelData(readFileSync(file, 'utf8')));
const random = createRandom(3);
const image = fromData(
  Float32Array.from({ length: 3 * 96 * 96 }, () => random.normal()),
  [1, 3, 96, 96],
);
const logit = (z: Tensor, c: number) => takeAt(z, Int32Array.of(c), []);

test('every method that is asked for comes back, in the order asked for', async () => {
  const backwards = [...methodNames].reverse();
  const { maps, evidence: read, choices } = await explain(model, image, { samples: 2, methods: backwards });
  assert.equal(Object.keys(maps), backwards);
  assert.equal(choices.methods, backwards);
  for (const name of methodNames) {
    assert.ok((maps[name]?.raw.data.length ?? 0) > 0, name);
    assert.is(read[name] === undefined, methodOf(name).of === 'input', name);
  }
});

test('without a word the four of the paper run, with the defaults', async () => {
  const { maps, choices } = await explain(model, image);
  assert.equal(Object.keys(maps), ['gradcam', 'gradcam++', 'smoothgradcam++', 'smoothgrad']);
  assert.equal(defaultMethodNames, Object.keys(maps));
  const { score, numerator, samples, sigma, seed } = choices;
  assert.equal({ score, numerator, samples, sigma, seed }, { ...defaults });
});

test('the maps of known methods are there for the compiler', async () => {
  const { maps } = await explain(model, image, { samples: 1, methods: ['layercam', 'smoothgrad'] });
  const raw: Tensor = maps.layercam.raw;
  assert.is(raw.shape.length, 2);
  assert.equal(maps.smoothgrad.raw.shape, [96, 96]);
});

test('methods of one need share their evidence', async () => {
  const { evidence: read } = await explain(model, image, { methods: ['gradcam', 'layercam'] });
  assert.is(read.gradcam, read.layercam);
});

test('a score of one’s own is the score of every method: z_a − z_b weighs w_a − w_b', async () => {
  const methods = ['gradcam', 'layercam', 'smoothgrad'] as const;
  const options = { samples: 3, methods, class: 2 };
  const difference = await explain(model, image, { ...options, score: (z) => sub(logit(z, 2), logit(z, 5)) });
  const [a, b] = [
    await explain(model, image, { ...options, class: 2 }),
    await explain(model, image, { ...options, class: 5 }),
  ];
  const gap = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    Float64Array.from(x, (value, i) => value - y[i]);
  const weights = (each: typeof a) => each.maps.gradcam.weights ?? [];
  close(weights(difference), gap(weights(a), weights(b)), { relative: 1e-12 });
  close(difference.evidence.layercam.d1.data, gap(a.evidence.layercam.d1.data, b.evidence.layercam.d1.data), {
    relative: 1e-12,
  });
  assert.is(difference.choices.score, 'custom');
  for (const name of methods) assert.is(difference.maps[name].score, 'custom', name);

  const twice = await explain(model, image, { ...options, score: (z) => mul(2, logit(z, 2)) });
  same(twice.maps.smoothgrad.raw, {
    ...a.maps.smoothgrad.raw,
    data: a.maps.smoothgrad.raw.data.map((x) => 2 * x),
  });
  assert.not.equal(difference.maps.smoothgrad.raw.data, a.maps.smoothgrad.raw.data);
});

test('a score that throws is heard by every method', async () => {
  for (const method of methodNames) {
    const score = (): Tensor => {
      throw new Error(`asked by ${method}`);
    };
    try {
      await explain(model, image, { samples: 1, methods: [method], score });
      assert.unreachable(method);
    } catch (error) {
      assert.match((error as Error).message, `asked by ${method}`);
    }
  }
});

test('a score of one’s own has its true curvature in the ++ methods', async () => {
  const methods = ['gradcam++', 'smoothgradcam++'] as const;
  const options = { samples: 2, methods, class: 1 };
  const own = await explain(model, image, { ...options, score: (z) => exp(logit(z, 1)) });
  const named = await explain(model, image, { ...options, score: 'exp' });
  for (const name of methods) close(own.maps[name].raw, named.maps[name].raw, { relative: 1e-12 });
});

test('every row has a title and a caption of its own, and says why its map is empty', () => {
  const captions = { score: 'S', noise: 'N' };
  assert.is(new Set(methodNames.map((name) => methodOf(name).title)).size, methodNames.length);
  for (const name of methodNames) {
    const method = methodOf(name);
    assert.match(method.caption(captions), 'S', name);
    assert.is(method.caption(captions).includes('N'), method.noisy, name);
    const zero = fromData(new Float64Array(4), [1, 2, 2]);
    const score = method.of === 'layer' && method.score === 'logit' ? 'logit' : 'exp';
    const empty =
      method.of !== 'layer'
        ? (method as InputMethod).map(zero)
        : method.map(evidence({ activation: zero, d1: zero, d2: zero, d3: zero, score }), {});
    assert.match(empty.empty ?? '', `The ${name} map is all zero because`, name);
  }
});

test.run();
