import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatBytes, formatMagnitude, formatNumber, formatTime } from '../../src/tensor/formatNumber.ts';

const test = suite('formatNumber');

test('a number has at most four digits', () => {
  assert.is(formatNumber(0.14999999), '0.15');
  assert.is(formatNumber(12.3456), '12.35');
});

test('magnitudes, sizes and times as they are read', () => {
  assert.equal([349150000, 12, 15.47e9].map(formatMagnitude), ['349 M', '12', '15.5 G']);
  assert.equal([4951560, 12].map(formatBytes), ['4.95 MB', '12 B']);
  assert.equal([0.2, 1, 99, 100, 3600, 36000, 1e6].map(formatTime), [
    'under a second',
    'about 1 s',
    'about 99 s',
    'about 2 min',
    'about 60 min',
    'about 10 h',
    'about 280 h',
  ]);
});

test.run();
