import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { boxesIn } from '../../../src/cam/boxes/boxQuestion.ts';
import { explain } from '../../../src/cam/explain.ts';
import { pixelQuestion } from '../../../src/cam/pixelQuestion.ts';
import { scoreFor } from '../../../src/cam/scores/scoreFor.ts';
import { loadModel, loadPicture, preprocess, presetFor } from '../../../src/node.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { castTo, fromData, tensor } from '../../../src/tensor/tensor.ts';
import { same, withData } from '../../support/check.ts';

const test = suite('scoreFor');

const page = (name: string) => fileURLToPath(new URL(`../../../docs/networks/${name}`, import.meta.url));
const segmenter = await loadModel(page('segmenter.onnx'));
const size = { channels: 3, height: 64, width: 64 };
const { input } = preprocess(await loadPicture(page('shapes.png')), presetFor('unit', size), size);
const shapes = castTo(input, 'float32');
const methods = ['gradcam'] as const;

test('pixels of a class by name are those of the question', async () => {
  const asked = await scoreFor(segmenter, shapes, 'pixels:disc');
  assert.is(asked.class, 1);
  const found = await explain(segmenter, shapes, { ...asked, methods });
  const wanted = await explain(segmenter, shapes, { question: pixelQuestion(segmenter), class: 1, methods });
  same(found.maps.gradcam.raw, wanted.maps.gradcam.raw);
  assert.ok(Number(found.picked?.pixels) > 100);
});

test('a segmentation is known without a name, and a mask of any size names pixels', async () => {
  const all = await scoreFor(segmenter, shapes, 'exp', { class: 'square' });
  assert.is(all.class, 2);
  const mask = tensor([
    [0, 1],
    [0, 0],
  ]);
  const { picked } = await explain(segmenter, shapes, {
    ...(await scoreFor(segmenter, shapes, 'logit', { class: 1, mask })),
    methods,
  });
  assert.equal(picked, { pixels: 32 * 32 });
});

test('expressions read arrays by their names', async () => {
  const arrays = { right: fromData(Float64Array.of(0, 1), [1, 2]) };
  const asked = await scoreFor(segmenter, shapes, 'sum(where(classes[0, 1], right))', { arrays });
  const { maps } = await explain(segmenter, shapes, { ...asked, methods });
  const mask = { class: 1, mask: arrays.right };
  const wanted = await explain(segmenter, shapes, {
    ...(await scoreFor(segmenter, shapes, 'logit', mask)),
    methods,
  });
  same(maps.gradcam.raw, wanted.maps.gradcam.raw);
});

withData(test, 'models/fastestdet.onnx', 'the best box of a class by its name', async (path) => {
  const { data } = await loadModel(path);
  const labels = Array.from({ length: 80 }, (_, c) => `thing ${c}`);
  const { createModel } = await import('../../../src/core.ts');
  const model = createModel({ ...data, labels });
  const image = fromData(
    Float32Array.from({ length: 3 * 352 * 352 }, (_, i) => 0.5 + 0.5 * Math.sin(i * i)),
    [1, 3, 352, 352],
  );
  const asked = await scoreFor(model, image, 'class:thing 2');
  const found = await explain(model, image, { ...asked, methods });
  const boxes = await boxesIn(model, image);
  const wanted = await explain(model, image, { question: await boxes.question(2), class: 2, methods });
  assert.is(found.classIndex, 2);
  assert.equal(found.picked, wanted.picked);
  same(found.maps.gradcam.raw, wanted.maps.gradcam.raw);
  const best = await scoreFor(model, image, 'prob');
  assert.is(best.class, boxes.scores.indexOf(boxes.scores.reduce((a, b) => Math.max(a, b))));
});

test('a picture has its classes, by label', async () => {
  const model = await loadModel(fileURLToPath(new URL('../../../weights/scenes-vgg.json', import.meta.url)));
  assert.equal(await scoreFor(model, shapes, 'prob', { class: 'heart' }), { score: 'prob', class: 1 });
});

const refused: readonly (readonly [string, object, RegExp])[] = [
  ['pixels:dics', {}, /did you mean "disc"/],
  ['pixels:disc', { class: 1 }, /leave the class out/],
  ['pixels:disc', { boxes: 'yolov9' }, /there are yolov5/],
  ['class:disc', {}, /Cannot tell boxes/],
  ['prod', {}, /prob/],
  ['logit', { box: [1, 2] }, /there is no option "box"/],
  ['dot(classes, left.npy)', { arrays: {} }, /arrays given are none/],
];

test('what cannot be scored is refused in words', async () => {
  for (const [score, options, wanted] of refused) {
    try {
      await scoreFor(segmenter, shapes, score, options);
    } catch (error) {
      assert.instance(error, InputError);
      assert.match((error as Error).message, wanted);
      continue;
    }
    assert.unreachable(score);
  }
});

test.run();
