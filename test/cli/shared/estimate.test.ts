import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { announcement, formatTime, secondsFor, timesOf } from '../../../src/cli/shared/estimate.ts';

const test = suite('estimates');

test('times as they are read', () => {
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

const candidates = [
  { name: 'jets' as const, applicable: true, multiplyAdds: 7.4e12 },
  { name: 'linear-prefix' as const, applicable: true, multiplyAdds: 8.7e10 },
  { name: 'jets' as const, applicable: false, multiplyAdds: 1 },
];
const seconds = (multiplyAdds: number) => multiplyAdds / 1e10;

test('long work is announced, with a plan that takes a tenth; short work is not', () => {
  assert.is(
    announcement({ ...candidates[0], candidates }, seconds),
    'jets takes about 12 min on this machine: 7.4 T multiply-adds; --plan linear-prefix gives the same numbers in about 9 s',
  );
  assert.is(
    announcement({ ...candidates[1], candidates }, (n: number) => n / 1e11),
    undefined,
  );
  const slow = announcement({ ...candidates[1], candidates }, (n: number) => n / 1e9);
  assert.is(slow, 'linear-prefix takes about 87 s on this machine: 87 G multiply-adds');
});

test('the listing says what each plan takes that applies', () => {
  assert.is(timesOf({ candidates }, seconds), 'on this machine: jets about 12 min, linear-prefix about 9 s');
});

test('times are of what a plan takes in all, not of its products alone', () => {
  const slow = { name: 'adjoint' as const, applicable: true, multiplyAdds: 1.9e10, work: 6.3e11 };
  const own = { candidates: [slow, { ...candidates[1], multiplyAdds: 6e10 }] };
  assert.is(timesOf(own, seconds), 'on this machine: adjoint about 63 s, linear-prefix about 6 s');
  assert.match(announcement({ ...slow, ...own }, seconds) ?? '', /about 63 s .*--plan linear-prefix/);
});

test('the speed of the machine is a number', () => {
  const one = secondsFor(1e9, 'pass');
  assert.ok(one > 0 && Number.isFinite(one));
  assert.is(secondsFor(2e9, 'pass'), 2 * one);
  assert.ok(secondsFor(1e9, 'jets') > one);
});

test.run();
