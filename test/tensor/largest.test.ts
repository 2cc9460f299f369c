import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { indexOfLargest, largestOf, leastOf } from '../../src/tensor/largest.ts';

const test = suite('largest');

test('of more values than a call takes arguments', () => {
  const many = Float64Array.from({ length: 500_000 }, (_, i) => (i === 300_001 ? 7 : Math.sin(i)));
  assert.is(largestOf(many), 7);
  assert.is(leastOf(many.map((x) => -x)), -7);
  assert.is(indexOfLargest(many), 300_001);
});

test('the first of several, with bounds where there are none', () => {
  assert.is(indexOfLargest([1, 3, 3, 2]), 1);
  assert.is(indexOfLargest([Number.NEGATIVE_INFINITY]), 0);
  assert.is(indexOfLargest([]), -1);
  assert.equal([largestOf([], 0), leastOf([], 4)], [0, 4]);
});

test('NaN is not the largest', () => {
  assert.is(indexOfLargest([Number.NaN, -1, 2, Number.NaN]), 2);
  assert.is(indexOfLargest([Number.NaN]), -1);
});

test.run();
