import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { classesAsked } from '../../src/cam/classesAsked.ts';
import type { ClassChoice } from '../../src/cam/contrast.ts';
import { explain, explainClasses } from '../../src/cam/explain.ts';
import { explainAll } from '../../src/cam/explainAll.ts';
import { parseModelData } from '../../src/model/file/parseModelData.ts';
import { createModel } from '../../src/model/model.ts';
import { full } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';

const test = suite('classesAsked');

const scenes = parseModelData(
  readFileSync(new URL('../../weights/scenes-vgg.json', import.meta.url), 'utf8'),
);
const labels = [
  'n02108089 boxer',
  'tabby, tabby cat',
  'n02012849 crane',
  'n03126707 crane',
  '7',
  'a',
  'b',
  'c',
];
const model = createModel({ ...scenes, labels });
const { labels: _, ...unnamed } = scenes;
const unlabelled = createModel(unnamed);
const image = full(model.inputShape, 0.5);
const methods = ['gradcam'] as const;
const refusal = (asked: unknown, from = model) =>
  explain(from, image, { methods, class: asked as never }).then(
    () => '',
    (error: Error) => `${error.name}: ${error.message}`,
  );

test('texts become indices, and whatever says the class by number stays', () => {
  const asked: ClassChoice = ['Boxer', 3, { of: 'tabby cat', against: 0 }, 'n03126707'];
  assert.equal(classesAsked({ labels }, asked), [0, 3, { of: 1, against: 0 }, 3]);
  assert.equal(classesAsked({ labels }, { top: 2 }), { top: 2 });
  assert.is(classesAsked({ labels }, undefined), undefined);
});

test('explain, explainClasses and explainAll take labels, for what the index gives', async () => {
  const [byIndex, against] = await explainClasses(model, image, {
    classes: [1, { of: 1, against: 0 }],
    methods,
  });
  const byLabel = await explain(model, image, { class: 'TABBY', methods });
  assert.is(byLabel.classIndex, 1);
  same(byLabel.maps.gradcam.raw, byIndex.maps.gradcam.raw);
  const contrast = await explain(model, image, { class: { of: 'tabby', against: 'boxer' }, methods });
  assert.is(contrast.against?.classIndex, 0);
  same(contrast.maps.gradcam.raw, against.maps.gradcam.raw);
  for await (const each of explainAll(model, [image], { class: 'tabby', methods }))
    same(each.maps.gradcam.raw, byIndex.maps.gradcam.raw);
  const listed = await explainClasses(model, image, { classes: ['tabby', 'boxer'], methods });
  assert.equal(
    listed.map(({ classIndex }) => classIndex),
    [1, 0],
  );
});

test('what is no class of the model is refused in the words of the command', async () => {
  assert.is(
    await refusal('boxr'),
    'InputError: Cannot find the class "boxr": no label has that name; did you mean "boxer"?',
  );
  assert.match(await refusal('crane'), /give an index: 2 match: 2 crane; 3 crane$/);
  assert.match(await refusal({ of: 'zebra', against: 1 }), /"zebra": no label has that name; give an index/);
  assert.match(await refusal({ of: 'tabby', against: 1 }), /Cannot explain class 1 against itself/);
  assert.match(await refusal('12'), /Cannot explain class 12: the model has 12 classes, 0 … 11/);
  assert.match(await refusal({ of: 'tabby', against: true }), /against must be a number or a text, got true/);
  assert.match(await refusal({ of: 'tabby' }), /Cannot explain class undefined/);
  assert.match(await refusal(true), /class must be a number or a text or a record, got true/);
  assert.match(
    await refusal('boxer', unlabelled),
    /Cannot find the class "boxer": the model has no labels; give an index, or open it with labels$/,
  );
});

test.run();
