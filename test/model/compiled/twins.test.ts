import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { moreOperators } from '../../../src/layers/more.ts';
import { createModel } from '../../../src/model/model.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { normal } from '../../support/backwardCases.ts';
import { close } from '../../support/check.ts';
import { floats, makeModel, parseNode } from '../../support/makeModel.ts';
import { operatorsOnDevice } from '../../support/operatorsOnDevice.ts';

const test = suite('operators that the device has under another name');

const cases = [
  { op: 'com.microsoft.Gelu', attributes: {} },
  { op: 'com.microsoft.QuickGelu', attributes: {} },
  { op: 'com.microsoft.QuickGelu', attributes: { alpha: 0.5 } },
  { op: 'Pow', attributes: {}, exponent: 2 },
];

for (const { op, attributes, exponent } of cases) {
  test(`${op} ${JSON.stringify(attributes)} is computed there, and as the reference has it`, async () => {
    const data = makeModel({
      inputs: { x: [1, 5, 6] },
      outputs: ['y'],
      nodes: [parseNode(`${op} x${exponent === undefined ? '' : ' a'} > y`, attributes)],
      tensors: exponent === undefined ? {} : { a: floats([], [exponent]) },
    });
    const x = normal(createRandom(3), [1, 5, 6]);
    const { y } = await createModel(data, { operators: moreOperators }).run(x, { precision: 'float64' });
    for (const engine of engines.filter(({ backend }) => backend === 'wasm')) {
      await onEngine(engine, async () => {
        assert.equal(operatorsOnDevice(data, { x }), [op]);
        close(
          (await createModel(data, { operators: moreOperators }).run(x)).y,
          y,
          { relative: 1e-6 },
          engine.name,
        );
      });
    }
  });
}

test.run();
