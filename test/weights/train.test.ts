import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('npm run train');

const root = fileURLToPath(new URL('../..', import.meta.url));
const train = (...flags: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', 'weights/train.ts', ...flags], {
    cwd: root,
    encoding: 'utf8',
  });

test('refuses a network that there is not, and a check against itself', () => {
  const other = train('--only', 'scenes-alexnet');
  assert.is(other.status, 2);
  assert.match(other.stderr, /Cannot train scenes-alexnet: --only takes one of scenes-vgg, /);
  const itself = train('--check', '--out', 'weights');
  assert.is(itself.status, 2);
  assert.match(itself.stderr, /against itself: give --out another folder/);
});

test.run();
