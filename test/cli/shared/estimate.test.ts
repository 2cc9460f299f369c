import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { announcement, secondsOfPasses } from '../../../src/cli/shared/estimate.ts';

const test = suite('estimates');

const candidates = [
  { name: 'jets' as const, applicable: true, multiplyAdds: 7.4e12, work: 1.5e13, bytes: 1e6 },
  { name: 'linear-prefix' as const, applicable: true, multiplyAdds: 8.7e10, work: 5.8e10, bytes: 1e6 },
  { name: 'channel-collapse' as const, applicable: false, multiplyAdds: 1, work: 1, bytes: 0 },
];
const speed = () => 1e10;

test('long work is announced, with a plan that takes a tenth; short work is not', () => {
  assert.is(
    announcement({ ...candidates[0], candidates }, speed),
    'jets takes about 25 min on this machine: 7.4 T multiply-adds; --plan linear-prefix gives the same numbers in about 6 s',
  );
  assert.is(
    announcement({ ...candidates[1], candidates }, () => 1e11),
    undefined,
  );
  const slow = announcement({ ...candidates[1], candidates }, () => 1e9);
  assert.is(slow, 'linear-prefix takes about 58 s on this machine: 87 G multiply-adds');
});

test('of little work nothing is said, and the machine is not measured', () => {
  const measured = () => {
    throw new Error('measured');
  };
  assert.is(announcement({ ...candidates[0], work: 9e7, candidates }, measured), undefined);
});

test('passes through a network take what their multiply-adds do', () => {
  const one = secondsOfPasses(1e9, speed);
  assert.ok(one > 0 && Number.isFinite(one));
  assert.is(secondsOfPasses(2e9, speed), 2 * one);
});

test.run();
