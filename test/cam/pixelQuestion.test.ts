import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sum, takeAt } from '../../src/autodiff/operations.ts';
import { explain } from '../../src/cam/explain.ts';
import { explainAll } from '../../src/cam/explainAll.ts';
import { pixelQuestion } from '../../src/cam/pixelQuestion.ts';
import { createModel } from '../../src/model/model.ts';
import { fromData, tensor } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';
import { floats, makeModel, type Parts, parseNode } from '../support/makeModel.ts';

const test = suite('pixels');

const numbers = (count: number, at = 0) =>
  Array.from({ length: count }, (_, i) => Math.sin(3 * i * i + i + at));
const image = fromData(Float32Array.from(numbers(3 * 36)), [1, 3, 6, 6]);

/** A network that gives each of 4 × 4 pixels one of three classes. */
function segmenter(ends: Parts['nodes'], outputs: readonly string[]) {
  return createModel(
    makeModel({
      inputs: { x: [1, 3, 6, 6] },
      outputs,
      nodes: ['Conv x w > a', 'Relu a > r', 'Conv r v > m', ...ends],
      tensors: {
        w: floats([5, 3, 3, 3], numbers(135)),
        v: floats([3, 5, 1, 1], numbers(15, 2)),
        u: floats([3, 5, 1, 1], numbers(15, 4)),
      },
    }),
  );
}

const plain = segmenter([], ['m']);
const methods = ['gradcam', 'smoothgrad'] as const;
const quick = { methods, samples: 3, layer: 'r' };

test('the logit of a class is the sum over the pixels that the clean picture gives to it', async () => {
  const m = Array.from((await plain.run(image)).m.data);
  const winners = Array.from({ length: 16 }, (_, p) =>
    [0, 1, 2].reduce((a, b) => (m[b * 16 + p] > m[a * 16 + p] ? b : a)),
  );
  const c = winners[0];
  const own = winners.flatMap((each, p) => (each === c ? [c * 16 + p] : []));
  const found = await explain(plain, image, { ...quick, question: pixelQuestion(plain), class: c });
  const byHand = await explain(plain, image, {
    ...quick,
    score: {
      name: 'hand',
      reads: ['m'],
      at: () => ({ value: ({ m }: Record<string, typeof image>) => sum(takeAt(m, own, [own.length])) }),
    },
  });
  for (const name of methods) close(found.maps[name].raw, byHand.maps[name].raw, { relative: 1e-6 });
  assert.equal(found.picked, { pixels: own.length });
  assert.is(found.place?.kind, 'pixels');
  if (found.place?.kind === 'pixels') {
    const wanted = winners.map((each) => Number(each === c));
    assert.equal([found.place.mask.shape, Array.from(found.place.mask.data)], [[4, 4], wanted]);
  }
  assert.not('place' in found.manifest());
  close([found.explained.probability], [own.length / 16], { relative: 1e-12 });
  const predicted = await explain(plain, image, { ...quick, question: pixelQuestion(plain) });
  const counts = [0, 1, 2].map((each) => winners.filter((w) => w === each).length);
  assert.is(predicted.classIndex, counts.indexOf(counts.reduce((a, b) => Math.max(a, b))));
});

test('a mask names the pixels; choices and probabilities at the end are stepped behind', async () => {
  const mask = () =>
    tensor([
      [1, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 1],
    ]);
  const ends: Record<string, Parts['nodes']> = {
    argmax: [parseNode('ArgMax m > y', { axis: 1, keepdims: 0 })],
    softmax: [parseNode('Softmax m > y', { axis: 1 })],
    last: [parseNode('Transpose m > t', { perm: [0, 2, 3, 1] }), parseNode('ArgMax t > y', { axis: -1 })],
  };
  const byHand = await explain(plain, image, {
    ...quick,
    score: {
      name: 'hand',
      reads: ['m'],
      at: () => ({ value: ({ m }: Record<string, typeof image>) => sum(takeAt(m, [16, 31], [2])) }),
    },
  });
  for (const [name, nodes] of Object.entries(ends)) {
    const model = segmenter(nodes, ['y']);
    const found = await explain(model, image, {
      ...quick,
      question: pixelQuestion(model, { mask }),
      class: 1,
    });
    close(found.maps.gradcam.raw, byHand.maps.gradcam.raw, { relative: 1e-12 }, name);
    assert.equal(found.picked, { pixels: 2 });
  }
});

test('what is no map of classes, or of several, is refused with its outputs; a class without pixels, too', async () => {
  const two = segmenter(['Conv r u > aux'], ['m', 'aux']);
  assert.throws(
    () => pixelQuestion(two),
    /of its outputs m \[1, 3, 4, 4\], aux \[1, 3, 4, 4\] several are .*by --output/,
  );
  assert.equal(pixelQuestion(two, { output: 'aux' }).outputs, ['aux']);
  const pooled = segmenter(['GlobalAveragePool m > y'], ['y']);
  assert.throws(() => pixelQuestion(pooled), /is wanted, its outputs are y \[1, 3, 1, 1\]/);
  const low = {
    ...plain.data,
    tensors: new Map(plain.data.tensors).set(
      'v',
      floats([3, 5, 1, 1], [...Array(10).fill(1), ...Array(5).fill(-9)]),
    ),
  };
  const model = createModel(low);
  await explain(model, image, { ...quick, question: pixelQuestion(model), class: 2 }).then(
    () => assert.unreachable(),
    (error) =>
      assert.match(
        error.message,
        /Cannot explain class 2: no pixel of the picture is given to it; those that have pixels are 0/,
      ),
  );
});

test('of several pictures each has the pixels of its own', async () => {
  const other = fromData(Float32Array.from(numbers(3 * 36, 1)), [1, 3, 6, 6]);
  const question = pixelQuestion(plain);
  const asked = { ...quick, methods: ['gradcam'], question } as const;
  const alone = await Promise.all([image, other].map((each) => explain(plain, each, asked)));
  let at = 0;
  for await (const { place } of explainAll(plain, [image, other], asked)) {
    assert.ok(place !== undefined);
    assert.equal(place, alone[at++].place);
  }
  assert.not.equal(alone[0].place, alone[1].place);
});

test.run();
