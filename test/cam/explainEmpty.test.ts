import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CoreMethodName, methods } from '../../src/cam/methods.ts';
import type { ScoreName } from '../../src/cam/score.ts';
import type { Selection } from '../../src/cam/select.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { evidence } from './makeEvidence.ts';

const test = suite('explainEmpty');

interface Case {
  a: number[];
  d1: number[];
  d2?: number[];
  d3?: number[];
  score?: ScoreName;
  select?: Selection;
}

/** The reason for two maps of one row; fails when the map is not empty, so that every reason is a real one. */
function reason(
  method: Exclude<CoreMethodName, 'smoothgrad'>,
  { a, d1, d2 = d1, d3 = d1, score, select }: Case,
): string {
  const shape = [2, 1, a.length / 2];
  const [activation, ...d] = [a, d1, d2, d3].map((values) => tensor(values, shape));
  const e = evidence({ activation, d1: d[0], d2: d[1], d3: d[2], score: score ?? 'logit' });
  const { raw, empty } = methods[method].map(e, { select });
  assert.ok(
    raw.data.every((value) => value === 0),
    'the map is empty',
  );
  return empty ?? '';
}

const plusPlus = (parts: Case) => reason('gradcam++', parts);

test('nothing selected', () => {
  const select = { maps: [0], neurons: [{ k: 1, y: 0, x: 0 }] };
  assert.match(
    plusPlus({ a: [1, 1], d1: [1, 1], select }),
    /gradcam\+\+ map is all zero because .*no entry in common/,
  );
});

test('no activation', () => {
  assert.match(plusPlus({ a: [0, 1], d1: [1, 1], select: { maps: [0] } }), /every selected activation is 0/);
});

test('no influence', () => {
  assert.match(reason('gradcam', { a: [1, 1], d1: [0, 0] }), /gradcam map .*does not depend .*D1 = 0/);
});

test('nothing raises the score', () => {
  assert.match(plusPlus({ a: [1, 1], d1: [-1, 0], d2: [1, 1] }), /D1 ≤ 0 at each/);
});

test('no curvature', () => {
  const text = plusPlus({ a: [1, 1], d1: [1, 1], d2: [0, 1], d3: [0, -2] });
  assert.match(text, /0\/0 at 1 entries, a pole at 1.*try --score exp\.$/);
});

test('gradients that cancel', () => {
  assert.match(
    reason('gradcam', { a: [1, 1, 1, 1], d1: [1, -1, 2, -2] }),
    /D1 sums to 0 in each selected map/,
  );
});

test('negative weights', () => {
  const flipped: Case = { a: [1, 1], d1: [1, 1], d2: [-1, -1], d3: [3, 3], score: 'prob' };
  assert.match(plusPlus(flipped), /α is negative at 2 of 2 entries.*--score exp/);
  assert.match(plusPlus({ ...flipped, score: 'exp' }), /try another layer or gradcam\.$/);
  assert.match(reason('gradcam', { a: [1, 1], d1: [-1, -2] }), /lowers the logit.*try gradcam\+\+/);
});

test('a positive weight without an activation', () => {
  assert.match(reason('gradcam', { a: [0, 1], d1: [1, -1] }), /no map with a positive weight is active/);
});

test('outweighed', () => {
  assert.match(reason('gradcam', { a: [1, 1], d1: [1, -2] }), /outweighs what raises it/);
});

test.run();
