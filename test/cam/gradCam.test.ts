import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gradCam } from '../../src/cam/gradCam.ts';
import type { ScoreName } from '../../src/cam/score.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';

const test = suite('gradCam');

const activation = tensor([
  [
    [1, 2],
    [3, 4],
  ],
  [
    [1, 0],
    [0, 1],
  ],
  [
    [0, 0],
    [0, 0],
  ],
]);
const d1 = tensor([
  [
    [1, -2],
    [4, 5],
  ],
  [
    [-1, -1],
    [-1, -5],
  ],
  [
    [0, 0],
    [1, 1],
  ],
]);
const logit = { activation, d1, score: 'logit' as const };

test('w_k is the mean of the gradient over the map', () => {
  const { weights, counts, maps } = gradCam(logit);
  same(weights, [2, -2, 0.5]);
  assert.equal(counts, { dead: 0, singular: 0, flipped: 0, large: 0, cancelled: 0 });
  assert.equal(maps, [0, 1, 2]);
});

test('with a selection Z stays that of the whole map', () => {
  same(gradCam(logit, { select: { region: { y0: 1, x0: 0, y1: 2, x1: 2 } } }).weights, [9 / 4, -6 / 4, 0.5]);
  same(gradCam(logit, { select: { neurons: [{ k: 1, y: 1, x: 1 }] } }).weights, [0, -5 / 4, 0]);
  same(gradCam(logit, { select: { maps: [2, 0] } }).weights, [2, 0, 0.5]);
});

test('top goes by |w|, ties to the lower map', () => {
  const top = (n: number) => gradCam(logit, { select: { maps: { top: n } } });
  same(top(1).weights, [2, 0, 0]);
  same(top(2).weights, [2, -2, 0]);
  assert.equal(top(2).maps, [0, 1]);
});

test('needs the gradient of the logit', () => {
  for (const score of ['exp', 'prob', 'logprob'] as ScoreName[]) {
    assert.throws(
      () => gradCam({ ...logit, score }),
      (error: unknown) => error instanceof InputError && error.message.includes(`score ${score}`),
    );
  }
  same(gradCam({ ...logit, score: 'custom' }).weights, gradCam(logit).weights);
});

test('NaN and a batch axis are refused', () => {
  const nan = tensor(new Float64Array(12).fill(Number.NaN), [3, 2, 2]);
  assert.throws(() => gradCam({ ...logit, d1: nan }), /d1 must be finite, got NaN/);
  const batch = { ...activation, shape: [1, 3, 2, 2], stride: [12, 4, 2, 1] };
  assert.throws(() => gradCam({ ...logit, activation: batch }), /\[K, H, W\], got \[1, 3, 2, 2\]/);
  assert.throws(() => gradCam({ ...logit, activation: tensor([], [0, 2, 2]) }), /activation is empty/);
});

test.run();
