import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Layer } from '../../src/layers/layer.ts';
import { allLayers as layers } from '../../src/layers/more.ts';
import { type FactName, factChecks } from '../../src/onnx/checking/facts.ts';
import { type OperatorSample, operatorSamples } from '../support/operatorSamples.ts';

/**
 * What the rows of operators say of themselves, held against what the operators do, over all operators and their samples, as
 * `checkOperator` holds those of others. Each check has a row that fails it: see test/onnx/checking.
 */
const test = suite('facts of operators');

const nameOf = ({ op, opset, attributes }: OperatorSample) => `${op} ${opset} ${JSON.stringify(attributes)}`;

/** How many samples show each fact at least, so that no check passes by looking at none. */
const least: Readonly<Record<FactName, number>> = {
  steeredFrom: 300,
  images: 100,
  sees: 50,
  moves: 20,
  affine: 40,
  gates: 3,
  activates: 10,
  derivatives: 150,
};

for (const name of Object.keys(least) as FactName[]) {
  test(`${name} is what the operators do`, () => {
    let shown = 0;
    for (const sample of operatorSamples) {
      const row: Layer = layers[sample.op];
      const wrong = factChecks[name]({ row, layers, sample });
      assert.equal(wrong ?? [], [], nameOf(sample));
      if (wrong !== undefined) shown++;
    }
    assert.ok(shown >= least[name], `${shown} samples`);
  });
}

test.run();
