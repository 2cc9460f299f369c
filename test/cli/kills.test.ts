import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { killRuns } from '../support/killedRuns.ts';
import { createFolder } from './command.ts';

const test = suite('killed runs');
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

test('whenever a run is killed, what it finished is there, whole and in the manifest, and is not done again', async () => {
  const { at, modelFile } = createFolder();
  const { killed, last } = await killRuns({
    folder: at(),
    pictures: 60,
    kills: 4,
    seed: 5,
    within: 3000,
    command: [process.execPath, '--import', 'tsx', main],
    flags: ['--model', modelFile('small.json')],
  });
  for (const { lost, broken, untrue, unsaid } of killed) {
    assert.equal({ lost, broken, untrue }, { lost: [], broken: [], untrue: [] });
    assert.ok(unsaid.length <= 1);
  }
  assert.equal(last, { code: 0, stderr: '', finished: 60, again: [], untrue: [], left: [] });
});

test('runs of other classes in one folder lose nothing of each other, whenever they are killed', async () => {
  const { at, modelFile } = createFolder();
  const { killed, last } = await killRuns({
    folder: at(),
    pictures: 6,
    kills: 3,
    seed: 6,
    within: 3000,
    command: [process.execPath, '--import', 'tsx', main],
    flags: ['--model', modelFile('small.json')],
    beside: true,
  });
  assert.ok(Math.max(...killed.map(({ round }) => round)) > 0);
  for (const { lost, broken, untrue, unsaid } of killed) {
    assert.equal({ lost, broken, untrue }, { lost: [], broken: [], untrue: [] });
    assert.ok(unsaid.length <= 1);
  }
  const { finished, ...rest } = last;
  assert.equal(rest, { code: 0, stderr: '', again: [], untrue: [], left: [] });
  assert.ok(finished >= 12 && finished % 6 === 0);
});

test.run();
