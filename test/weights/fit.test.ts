import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseModelData } from '../../src/model/file/parseModelData.ts';
import { serializeModel } from '../../src/model/file/serializeModel.ts';
import { setThreads } from '../../src/node.ts';
import { fit } from '../../weights/fit.ts';
import { networks, type Phase } from '../../weights/networks.ts';

const test = suite('training');

const vgg = fileURLToPath(new URL('../../weights/scenes-vgg.json', import.meta.url));
const trained = () => parseModelData(readFileSync(vgg, 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-fit-'));
const { build } = networks['scenes-convnext'];
const phases: readonly Phase[] = [
  { pictures: 'pieces', steps: 2, rates: [4e-3, 1e-3] },
  { pictures: 'few', steps: 1, rates: [2e-3, 0] },
];

/** The weights' file after these phases, in a folder of its own or one where a training stopped. */
function fileAfter(run: string, some: readonly Phase[] = phases): string {
  const { model } = fit(build(trained), { phases: some, folder: join(folder, run), print: () => {} });
  return serializeModel(model).json;
}

test.after(() => {
  setThreads(1);
  rmSync(folder, { recursive: true });
});

test('gives the same file to the bit, on one thread and on two, and where it was stopped on the way', () => {
  setThreads(1);
  const one = fileAfter('one');
  setThreads(2);
  assert.ok(fileAfter('two') === one, 'two threads');
  setThreads(1);
  const half = fileAfter('stopped', phases.slice(0, 1));
  assert.ok(half !== one, 'the second phase moves the weights');
  assert.ok(fileAfter('stopped') === one, 'stopped and started again');
});

test.run();
