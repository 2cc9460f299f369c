import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatNumber } from '../../src/tensor/formatNumber.ts';

const test = suite('formatNumber');

test('a number has at most four digits', () => {
  assert.is(formatNumber(0.14999999), '0.15');
  assert.is(formatNumber(12.3456), '12.35');
});

test.run();
