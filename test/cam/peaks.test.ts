import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { peaksOf } from '../../src/cam/peaks.ts';

const test = suite('peaksOf');

test('cells above their eight neighbours, highest first', () => {
  // 5 is a peak; 4 touches it by a corner; 3 and 2 are peaks of their own
  const values = [5, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1];
  assert.equal(peaksOf(values, [4, 4]), [0, 3, 12, 15]);
});

test('of equal neighbours the first counts; equal peaks come in their order', () => {
  assert.equal(peaksOf([1, 1, 1, 1], [2, 2]), [0]);
  assert.equal(peaksOf([2, 0, 2, 0, 0, 0], [2, 3]), [0, 2]);
});

test('nothing is above 0: no peaks', () => {
  assert.equal(peaksOf([0, 0], [1, 2]), []);
  assert.equal(peaksOf([], [0, 0]), []);
});

test.run();
