import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/check.ts';
import { endure, faultsOf, whyNot } from './crashes.ts';
import { buildPrograms } from './crew.ts';
import { scenarios } from './scenarios.ts';

/** `npm run crashes` has them all, of their full size; these few show that they hold. */
const shown = [
  'a worker stands still',
  'the server is lost with all',
  'one picture ends whatever',
  'what serves',
];

const test = suite('a queue that things are taken from');

for (const scenario of scenarios.filter(({ name }) => shown.some((words) => name.startsWith(words)))) {
  const why = whyNot(scenario);
  if (why !== undefined) {
    skip(`queue: ${scenario.name}`, why);
    continue;
  }
  test(scenario.name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jetgrad-crashes-'));
    try {
      const size = { pictures: 24, milliseconds: 10, seed: 1, lockSeconds: 1, limit: 120 };
      const found = await endure(scenario, size, { folder, programs: await buildPrograms() });
      assert.is(faultsOf(found), '');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test('an end that is not as it must be is told of', () => {
  const end = {
    wrong: ['a'],
    left: ['half'],
    queued: 1,
    disagreements: 1,
    said: [false],
    codes: [7],
    starts: 3,
    seconds: 1,
  };
  assert.is(
    faultsOf(end),
    '1 keys are not as they must be; left: half; 1 jobs in the queue; 1 disagreements; not all was settled; exit codes of workers: 7',
  );
});

test.run();
