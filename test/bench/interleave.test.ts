import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { largestError } from '../../bench/cases/largestError.ts';
import { interleave, median } from '../../bench/interleave.ts';

const test = suite('bench interleave');
const pace = { rounds: 3, warmUpSeconds: 2, budgetSeconds: 10, pauseSeconds: 0 };

/** Runners of fixed durations that write their names down. */
function runners(durations: Readonly<Record<string, number>>) {
  const log: string[] = [];
  const all = Object.entries(durations).map(([name, seconds]) => ({
    async run() {
      log.push(name);
      return seconds;
    },
  }));
  return { log, all };
}

test('warm-ups one by one, then turns A B A B', async () => {
  const { log, all } = runners({ a: 1, b: 2 });
  const [a, b] = await interleave(all, pace);
  assert.is(log.join(''), `aab${'ab'.repeat(3)}`);
  assert.equal(
    [a.samples, b.samples],
    [
      [1, 1, 1],
      [2, 2, 2],
    ],
  );
});

test('a short run is preceded by one that does not count', async () => {
  const { log, all } = runners({ a: 0.1 });
  const [{ samples }] = await interleave(all, { ...pace, warmUpSeconds: 0 });
  assert.is(log.length, 1 + 2 * 3);
  assert.is(samples.length, 3);
});

test('who has used up the budget sits out; a first run as long is the only one', async () => {
  const { log, all } = runners({ quick: 1, slow: 6, slowest: 11 });
  const measured = await interleave(all, pace);
  assert.equal(
    measured.map(({ samples }) => samples.length),
    [3, 2, 1],
  );
  assert.is(log.filter((name) => name === 'slowest').length, 1);
});

test('a run that fails ends its runner alone', async () => {
  const { all } = runners({ fine: 3 });
  const broken = { run: () => Promise.reject(new Error('no memory')) };
  const [first, second] = await interleave([broken, ...all], pace);
  assert.is(first.failure, 'no memory');
  assert.equal(first.samples, []);
  assert.equal(second.samples, [3, 3, 3]);
  assert.is(second.failure, undefined);
});

test('median', () => {
  assert.is(median([5, 1, 9]), 5);
  assert.is(median([4, 1, 2, 9]), 3);
});

test('the largest error of outputs, each relative to its own array', () => {
  const wanted = [Float32Array.of(1, -8), Float64Array.of(0.5, 0)];
  assert.is(largestError(wanted, wanted), 0);
  assert.is(largestError([Float32Array.of(1, -8), Float64Array.of(0.5, 0.25)], wanted), 0.5);
  assert.is(largestError([Float32Array.of(1), Float64Array.of(0.5, 0)], wanted), Number.POSITIVE_INFINITY);
  assert.is(largestError([Float32Array.of(1, Number.NaN), wanted[1]], wanted), Number.POSITIVE_INFINITY);
});

test.run();
