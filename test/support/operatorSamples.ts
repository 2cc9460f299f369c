import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Layers } from '../../src/layers/layer.ts';
import { allLayers } from '../../src/layers/more.ts';
import { type Attributes, type ElementType, isFloat } from '../../src/layers/types.ts';
import {
  evaluateSample,
  type Sample,
  type SampleTensor,
  wrongEntry,
} from '../../src/onnx/checking/sample.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { fixture } from './check.ts';

/** An operator at small inputs, with its true outputs (test/fixtures/operators/make.py). */
export type OperatorSample = Sample;

interface StoredTensor {
  readonly shape: readonly number[];
  /** Numbers; those that JSON has not as text. */
  readonly values: readonly (number | string)[];
  readonly type: ElementType;
}

interface StoredSample {
  readonly op: string;
  readonly opset: number;
  readonly inputs: readonly (StoredTensor | null)[];
  readonly attributes: Attributes;
  readonly outputs: readonly StoredTensor[];
}

function load({ shape, values, type }: StoredTensor): SampleTensor {
  return { x: tensor(Float64Array.from(values, Number), shape), type };
}

/** Every sample, in the order of its script. */
export const operatorSamples: readonly OperatorSample[] = (
  JSON.parse(readFileSync(fixture('operators/samples.json'), 'utf8')) as StoredSample[]
).map(({ inputs, outputs, ...rest }) => ({
  ...rest,
  inputs: inputs.map((x) => (x === null ? undefined : load(x))),
  outputs: outputs.map(load),
}));

/**
 * Error of one entry: some roundings of sums whose terms are of its size; beside a sum of terms of size 1 its own size does not matter.
 */
const allowed = { relative: 1e-14, absolute: 1e-15 };

/** What is wrong with a table of layers at a sample: values, or the element types that it says. */
export function wrongSample(layers: Layers, sample: OperatorSample): string | undefined {
  const got = evaluateSample({ ...allLayers, ...layers }, sample);
  const types = layers[sample.op].types?.(
    sample.inputs.map((input) => input?.type),
    sample.attributes,
    sample.outputs.length,
  );
  for (const [i, { x, type }] of sample.outputs.entries()) {
    const wrong = wrongEntry(got[i], x, allowed);
    if (wrong !== undefined) return `output ${i}: ${wrong}`;
    const said = types?.[i];
    if (said !== undefined && !isFloat(said) && said !== type) return `output ${i} is said to be ${said}`;
  }
  return undefined;
}

/** A suite that holds every operator of a table to its samples, and fails for one without. */
export function testLayers(name: string, layers: Layers): void {
  const test = suite(name);
  for (const op of Object.keys(layers)) {
    const own = operatorSamples.filter((sample) => sample.op === op);
    test(`${op} has the values of its ${own.length} samples`, () => {
      assert.ok(own.length > 0, `${op} has no sample: add one to test/fixtures/operators/make.py`);
      for (const sample of own) {
        const wrong = wrongSample(layers, sample);
        assert.is(wrong, undefined, `${op} ${JSON.stringify(sample.attributes)}: ${wrong}`);
      }
    });
  }
  test.run();
}
