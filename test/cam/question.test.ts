import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { add, mul, sub, sum, takeAt } from '../../src/autodiff/operations.ts';
import { explain, explainClasses } from '../../src/cam/explain.ts';
import type { OutputScore } from '../../src/cam/question.ts';
import { createModel } from '../../src/model/model.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { close, same } from '../support/check.ts';
import { floats, makeModel, parseNode } from '../support/makeModel.ts';

const test = suite('questions');

const numbers = (count: number, at = 0) => Array.from({ length: count }, (_, i) => Math.sin(3 * i + 1 + at));
const image = fromData(Float32Array.from(numbers(108)), [1, 3, 6, 6]);

/** A network with two heads of classes and a map. */
const model = createModel(
  makeModel({
    inputs: { x: [1, 3, 6, 6] },
    outputs: ['z', 'o', 'm'],
    nodes: [
      'Conv x w > a',
      'Relu a > r',
      'GlobalAveragePool r > p',
      parseNode('Flatten p > f', { axis: 1 }),
      parseNode('Gemm f v > z', { transB: 1 }),
      parseNode('Gemm f u > s', { transB: 1 }),
      'Sigmoid s > o',
      'Conv r k > m',
    ],
    tensors: {
      w: floats([4, 3, 3, 3], numbers(108)),
      v: floats([5, 4], numbers(20)),
      u: floats([2, 4], numbers(8, 1)),
      k: floats([3, 4, 1, 1], numbers(12, 2)),
    },
  }),
);
/** The same with its first head alone. */
const alone = createModel({ ...model.data, outputs: [{ name: 'z', dtype: 'float32' }] });

const methods = ['gradcam', 'smoothgradcam++', 'smoothgrad'] as const;
const quick = { methods, samples: 3, seed: 1 };
const gradients = ['gradcam', 'smoothgrad'] as const;
const plain = { ...quick, methods: gradients, layer: 'r' };

test('one of several outputs is explained as if it were alone', async () => {
  await explain(model, image, quick).then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, /Cannot tell which output of test is the logits/),
  );
  const [named, only] = [
    await explain(model, image, { ...quick, output: 'z' }),
    await explain(alone, image, quick),
  ];
  assert.is(named.layer, 'r');
  assert.equal(named.top, only.top);
  for (const name of methods) same(named.maps[name].raw, only.maps[name].raw);
  const { top } = await explain(model, image, { ...quick, output: 'o' });
  const { o } = await model.run(image);
  close(top.map(({ probability }) => probability).sort(), Array.from(o.data).sort(), { relative: 1e-6 });
});

test('a function of several outputs is told them by name, in their own shapes', async () => {
  const shapes: Record<string, readonly number[]> = {};
  const both = await explain(model, image, {
    ...plain,
    score: (outputs) => {
      for (const [name, { shape }] of Object.entries(outputs)) shapes[name] = shape;
      return add(takeAt(outputs.z, [2], []), mul(0, sum(outputs.m)));
    },
  });
  assert.equal(shapes, { z: [1, 5], o: [1, 2], m: [1, 3, 4, 4] });
  const logit = await explain(alone, image, { ...plain, score: (z) => takeAt(z, [2], []) });
  for (const name of gradients)
    close(both.maps[name].raw.data, logit.maps[name].raw.data, { relative: 1e-12 });
  // It speaks of no classes: several outputs might be the logits.
  assert.equal([both.top, both.explained.rank, both.label], [[], 1, 'custom']);
  await explain(model, image, { ...plain, class: 1, score: ({ z }) => sum(z) }).then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, /Cannot explain a class by the score custom/),
  );
});

test('choices of a score are made on the clean picture, and told', async () => {
  let calls = 0;
  const score: OutputScore = {
    name: 'the largest of m',
    reads: ['m'],
    at({ m }) {
      calls++;
      const values = Array.from(m.data);
      const index = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
      return { value: (outputs) => takeAt(outputs.m, [index], []), choices: { index } };
    },
  };
  const labelled = createModel({ ...model.data, labels: ['a', 'b', 'c', 'd', 'e'] });
  const found = await explain(labelled, image, { ...plain, score });
  assert.is(calls, 1);
  const m = Array.from((await model.run(image)).m.data);
  assert.equal(found.manifest().picked, { index: m.indexOf(m.reduce((a, b) => Math.max(a, b))) });
  // Classes are ranked all the same, where the model has them.
  assert.equal(
    found.top,
    (await explain(alone, image, plain)).top.map((each) => ({ ...each, label: 'abcde'[each.classIndex] })),
  );
  const evidence = found.evidence.gradcam;
  assert.is(evidence.score, 'custom');
  assert.ok(evidence.d1.data.some((slope) => slope !== 0));
});

test('rows of a head may be read as others: classes of a place, scores by name', async () => {
  const place = 5;
  const question = {
    outputs: ['m'],
    at: ({ m }: Record<string, typeof image>) => {
      const rows = (z: typeof image) => {
        const [n, size] = z.shape;
        const index = Array.from(
          { length: 3 * n },
          (_, i) => Math.floor(i / 3) * size + (i % 3) * 16 + place,
        );
        return takeAt(z, index, [n, 3]);
      };
      const z = takeAt(m, [place, 16 + place, 32 + place], [3]);
      return {
        z,
        ending: 'softmax' as const,
        hasClasses: true,
        reading: () => ({ ending: 'softmax' as const, rows }),
      };
    },
  };
  const [first] = await explainClasses(model, image, {
    ...plain,
    classes: [1],
    question,
    score: 'prob',
    sigma: 'auto',
  });
  const written = await explain(model, image, {
    ...plain,
    sigma: first.choices.sigma,
    score: ({ m }) => sub(takeAt(m, [16 + place], []), 0),
  });
  close(first.maps.gradcam.raw.data, written.maps.gradcam.raw.data, { relative: 1e-12 });
  close(first.maps.smoothgrad.raw.data, written.maps.smoothgrad.raw.data, { relative: 1e-6 });
  assert.is(first.top.length, 3);
});

test.run();
