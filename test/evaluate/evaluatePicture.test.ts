import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluatePicture } from '../../src/evaluate/evaluatePicture.ts';
import { sceneSet } from '../../src/evaluate/sets/sceneSet.ts';
import type { Settings } from '../../src/evaluate/settings.ts';
import type { Preprocessing } from '../../src/model/data/format.ts';
import { loadModel } from '../../src/node.ts';

const test = suite('a picture is evaluated');

test('its share grows with maps and metrics, round by round, to 1', async () => {
  const model = await loadModel('weights/scenes-vgg.json');
  const { labels = [] } = model;
  const preprocessing = model.inputs[0].preprocessing ?? assert.unreachable();
  const evaluated = {
    ...{ name: 'm', hash: 'm', model, files: [] },
    preprocessing: preprocessing as Preprocessing,
  };
  const picture = sceneSet('scenes', { count: 1, seed: 0, labels }).read(0);
  const settings: Settings = {
    methods: ['gradcam', 'smoothgradcam++'],
    metrics: ['mass'],
    scores: ['exp'],
    ...{ sigmas: [0.1], samples: [1, 2], seed: 0, layer: undefined },
  };
  const shares: number[] = [];
  const { classes } = await evaluatePicture(evaluated, picture, {
    settings,
    onShare: (share) => shares.push(share),
  });
  const trials = classes.flatMap(({ findings }) => findings).length;
  assert.ok(shares.length > trials);
  assert.equal(
    shares,
    [...shares].sort((a, b) => a - b),
  );
  assert.ok(shares.includes(0.5), 'the first of two rounds ends at half');
  assert.is(shares.at(-1), 1);
});

test.run();
