import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exportsIn, filesAtHand, rowOf, rowsIn } from '../scripts/families/networksTable.ts';
import { data, skip } from './support/check.ts';
import { torchvision } from './support/torchvision.ts';

const test = suite('docs/networks.md');

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/networks.md'), 'utf8');

const files = rowsIn(page, 'files');
const atHand = filesAtHand(root, data('.'));
for (const [name, row] of files) {
  const path = atHand.get(name);
  if (path === undefined) skip(`the row of ${name}`, 'its file is not there');
  else
    test(`the row of ${name} is what is found; npm run networks renews it`, async () => {
      assert.is(await rowOf(name, path), row);
    });
}

const family = 'shufflenet_v2_x0_5';
const python = torchvision;
if (python === undefined) skip(`the row of ${family}`, 'python3 has no torchvision');
else
  test(`the row of ${family}, as torchvision exports it`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jetgrad-families-'));
    try {
      const script = join(root, 'scripts/families/export.py');
      const { status, stderr } = spawnSync(python, [script, folder, '17', family], { encoding: 'utf8' });
      assert.is(status, 0, stderr);
      const path = exportsIn(folder).get(family);
      assert.ok(path !== undefined, `${family} was not exported`);
      assert.is(await rowOf(family, path), rowsIn(page, 'torchvision').get(family));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

test.run();
