import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { engines, onEngine } from '../support/backends.ts';
import { withData } from '../support/check.ts';
import { type CaseForm, runCase } from '../support/conformanceCase.ts';

const test = suite('ONNX conformance');

/** Cases that draw random numbers as training does: refused by name. */
const inTraining = new Set([
  'test_training_dropout',
  'test_training_dropout_default_mask',
  'test_training_dropout_mask',
]);

/** Runs every case of a folder; the operators that the device computed. */
async function runFolder(path: string, form: CaseForm): Promise<Set<string>> {
  const operators = new Set<string>();
  for (const name of readdirSync(path)) {
    for (const { title, wrong, missing, refused, onDevice = [] } of await runCase(join(path, name), form)) {
      assert.is(wrong, undefined, `${title}: ${wrong}`);
      assert.is(refused, undefined, `${title}: ${refused}`);
      assert.is(missing !== undefined, inTraining.has(name), `${title}: ${missing?.join(', ')}`);
      for (const op of onDevice) operators.add(op);
    }
  }
  return operators;
}

/** What the cases must have the device compute, so that it is the device that conforms. */
const onDevice: Readonly<Record<string, readonly string[]>> = {
  'onnx-node': [
    ...['Add', 'AveragePool', 'BatchNormalization', 'Clip', 'Conv', 'Dropout', 'Gemm', 'GlobalMaxPool'],
    ...['HardSigmoid', 'HardSwish', 'Identity', 'LeakyRelu', 'MatMul', 'MaxPool', 'Mul', 'Relu'],
  ],
  'pytorch-converted': ['Conv', 'Gemm', 'LeakyRelu', 'MaxPool'],
};

for (const folder of Object.keys(onDevice)) {
  for (const engine of engines) {
    withData(test, folder, `every case of ${folder}: ${engine.name}`, (path) =>
      onEngine(engine, async () => {
        await runFolder(path, 'plain');
        const operators = await runFolder(path, 'maps');
        if (engine.backend === 'reference') assert.is(operators.size, 0);
        else for (const op of onDevice[folder]) assert.ok(operators.has(op), `${op} on the device`);
      }),
    );
  }
}

test.run();
