import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pairedDifference, signTest } from '../../../src/cam/metrics/paired.ts';
import { correlationOf, rankCorrelation, ranksOf } from '../../../src/cam/metrics/ranks.ts';
import { close } from '../../support/check.ts';

const test = suite('paired differences');

test('the sign test is binomial and two-sided', () => {
  // 2 · (1 + 10)/2^10
  close(signTest(9, 1), 22 / 1024, {});
  close(signTest(1, 9), 22 / 1024, {});
  assert.is(signTest(0, 0), 1);
  assert.is(signTest(3, 3), 1);
  // Of 10,000: about 2 (1 − Φ(199/100))
  close(signTest(5100, 4900), 0.04659, { absolute: 1e-4 });
});

test('means, counts and the interval of differences', () => {
  const { count, mean, low, high, above, equal, below } = pairedDifference(
    [1, 2, 3, Number.NaN, 5],
    [0, 2, 4, 7, Number.NaN],
  );
  assert.equal([count, mean, above, equal, below], [3, 0, 1, 1, 1]);
  // Means of three of −1, 0 and 1
  assert.ok(low >= -1 && low < 0 && high > 0 && high <= 1);
});

test('a constant difference has no spread, and none at all has no mean', () => {
  const same = pairedDifference([1, 2], [0.5, 1.5]);
  assert.equal([same.mean, same.low, same.high], [0.5, 0.5, 0.5]);
  assert.ok(Number.isNaN(pairedDifference([], []).mean));
  assert.throws(() => pairedDifference([1], [1, 2]), /as many values/);
});

test('the interval is that of a normal mean', () => {
  // 400 differences of ±1: standard error 1/20
  const a = Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1 : -1));
  const { low, high } = pairedDifference(a, new Float64Array(400), { seed: 4 });
  close([low, high], [-1.96 / 20, 1.96 / 20], { relative: 0.15 });
  assert.equal(pairedDifference(a, new Float64Array(400), { seed: 4 }).low, low);
});

test('ranks share equals; correlations of constants are 0', () => {
  assert.equal(Array.from(ranksOf([10, 20, 20, 5])), [2, 3.5, 3.5, 1]);
  close(rankCorrelation([1, 2, 3], [10, 100, 1000]), 1, {});
  assert.is(correlationOf([1, 1], [1, 2]), 0);
  // Σ d d' = 1, Σ d² = 2 each
  close(correlationOf([1, 2, 3], [2, 1, 3]), 0.5, {});
});

test.run();
