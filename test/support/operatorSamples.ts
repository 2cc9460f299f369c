import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Layers } from '../../src/layers/layer.ts';
import { allLayers } from '../../src/layers/more.ts';
import { type Attributes, type ElementType, isFloat } from '../../src/layers/types.ts';
import { contiguous, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { fixture } from './check.ts';

interface SampleTensor {
  readonly x: Tensor;
  readonly type: ElementType;
}

/** An operator at small inputs, with its true outputs (test/fixtures/operators/make.py). */
export interface OperatorSample {
  readonly op: string;
  readonly opset: number;
  readonly inputs: readonly (SampleTensor | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: readonly SampleTensor[];
}

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

/** What a layer of a table makes of a sample. */
export function evaluateSample(layers: Layers, sample: OperatorSample): readonly Tensor[] {
  const { op, opset, inputs, attributes, outputs } = sample;
  const y = layers[op].evaluate(
    inputs.map((input) => input?.x),
    attributes,
    {
      opset,
      types: inputs.map((input) => input?.type),
      outputs: outputs.length,
      precision: 'float64',
      layers: allLayers,
    },
  );
  return 'shape' in y ? [y] : y;
}

/** Relative error of one entry: some roundings of sums whose terms are of their size. */
const RELATIVE = 1e-14;
/** Beside a sum of terms of size 1 its own size does not matter. */
const ABSOLUTE = 1e-15;

/** The first entry of an output that is not the true one, in words; each entry is compared by itself. */
function wrongEntry(got: Tensor | undefined, wanted: Tensor): string | undefined {
  if (got === undefined) return 'missing';
  if (`${got.shape}` !== `${wanted.shape}`) return `shape [${got.shape}], true [${wanted.shape}]`;
  const [a, b] = [contiguous(got).data, contiguous(wanted).data];
  for (let i = 0; i < b.length; i++) {
    const isRight = Object.is(a[i], b[i]) || Math.abs(a[i] - b[i]) <= RELATIVE * Math.abs(b[i]) + ABSOLUTE;
    if (!isRight) return `entry ${i} is ${a[i]}, true ${b[i]}`;
  }
  return undefined;
}

/** What is wrong with a table of layers at a sample: values, or the element types that it says. */
export function wrongSample(layers: Layers, sample: OperatorSample): string | undefined {
  const got = evaluateSample(layers, sample);
  const types = layers[sample.op].types?.(
    sample.inputs.map((input) => input?.type),
    sample.attributes,
    sample.outputs.length,
  );
  for (const [i, { x, type }] of sample.outputs.entries()) {
    const wrong = wrongEntry(got[i], x);
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
