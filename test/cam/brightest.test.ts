import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { brightestOf } from '../../src/cam/brightest.ts';
import { fromData, tensor } from '../../src/tensor/tensor.ts';

const test = suite('brightest');
/** 0 … 200 in another order, [3, 67]. */
const mixed = fromData(
  Float64Array.from({ length: 201 }, (_, i) => (i * 77) % 201),
  [3, 67],
);

test('a map of cells is drawn up to its maximum, one of single pixels up to the 99th percentile', () => {
  assert.is(brightestOf(mixed, 'cells'), 200);
  assert.is(brightestOf(mixed, 'pixels'), 198); // 0.99 · 200
});

test('between two values the percentile is interpolated, as NumPy does', () => {
  assert.is(brightestOf(tensor([[0, 1]]), 'pixels'), 0.99);
});

test('where the percentile is 0 the maximum is what remains; a map of zeros has neither', () => {
  const values = new Float64Array(1000);
  values[500] = 3;
  assert.is(brightestOf(fromData(values, [10, 100]), 'pixels'), 3);
  assert.is(brightestOf(tensor([[0, 0]]), 'pixels'), 0);
  assert.is(brightestOf(tensor([[0, 0]]), 'cells'), 0);
});

test.run();
