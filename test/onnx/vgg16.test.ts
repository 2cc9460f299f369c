import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/node.ts';
import { skip } from '../support/check.ts';
import { torchvision } from '../support/torchvision.ts';

const test = suite('scripts/export_vgg16.py');
const name =
  'VGG-16 of an eighth of the channels is exported by torchvision with its layers, classes and preprocessing';

const python = torchvision;
if (python === undefined) skip(name, 'python3 has no torchvision');
else
  test(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jetgrad-vgg16-'));
    try {
      const path = join(folder, 'vgg16.onnx');
      const script = fileURLToPath(new URL('../../scripts/export_vgg16.py', import.meta.url));
      const flags = ['--random-seed', '0', '--width', '8'];
      const { status, stderr } = spawnSync(python, [script, path, ...flags], { encoding: 'utf8' });
      assert.is(status, 0, stderr);
      const model = await loadModel(path);
      assert.match(model.defaultLayer ?? '', 'features.29');
      assert.equal(model.layer().shape, [1, 64, 14, 14]);
      assert.is(model.layer().op, 'Relu');
      assert.is(model.labels?.[242], 'boxer');
      const { preprocessing } = model.inputs[0];
      assert.equal([preprocessing?.resize, preprocessing?.crop], [{ shorterSide: 256 }, [224, 224]]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

test.run();
