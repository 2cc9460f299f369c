import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCase } from '../../scripts/conformanceCase.ts';
import { withData } from '../support/check.ts';

const test = suite('ONNX conformance');

/** Cases that draw random numbers as training does: refused by name. */
const refused = new Set([
  'test_training_dropout',
  'test_training_dropout_default_mask',
  'test_training_dropout_mask',
]);

for (const folder of ['onnx-node', 'pytorch-converted']) {
  withData(test, folder, `every case of ${folder}`, async (path) => {
    for (const name of readdirSync(path)) {
      for (const { title, wrong, missing } of await runCase(join(path, name))) {
        assert.is(wrong, undefined, `${title}: ${wrong}`);
        assert.is(missing !== undefined, refused.has(name), `${title}: ${missing?.join(', ')}`);
      }
    }
  });
}

test.run();
