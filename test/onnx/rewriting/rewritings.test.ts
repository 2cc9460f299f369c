import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDerivatives } from '../../../src/autodiff/check.ts';
import { mul, sum } from '../../../src/autodiff/operations.ts';
import { allLayers, moreOperators } from '../../../src/layers/more.ts';
import type { GraphAttribute, ModelData } from '../../../src/model/data/format.ts';
import { createModel } from '../../../src/model/model.ts';
import { evaluate, prepareProgram, unsupportedOperations } from '../../../src/model/run/program.ts';
import { exportOnnx, importOnnx } from '../../../src/onnx/index.ts';
import { rewriteNodes } from '../../../src/onnx/rewriting/rewriteNodes.ts';
import { rewritings } from '../../../src/onnx/rewriting/rewritings.ts';
import { InputError, UnsupportedOperationError } from '../../../src/tensor/errors.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { close, fixture } from '../../support/check.ts';
import { type FusedInput, fusedCases, networkOfCase, variableOf } from '../../support/fusedCases.ts';

const test = suite('operators of onnxruntime');

interface Stored {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** What ONNX Runtime makes of the cases (bench/fusedCases.ts). */
const truth = JSON.parse(readFileSync(fixture('fused/outputs.json'), 'utf8')) as (readonly Stored[])[];

const cases = fusedCases.map((each, i) => ({
  ...each,
  title: `${each.op} ${JSON.stringify(each.attributes)} with ${each.inputs.length} inputs`,
  x: each.inputs[variableOf(each)] as FusedInput,
  wanted: truth[i],
}));

const read = (data: ModelData) => importOnnx(exportOnnx(data));

for (const each of cases) {
  test(`${each.title}: what ONNX Runtime computes`, async () => {
    const data = read(networkOfCase(each));
    assert.equal(unsupportedOperations(data.nodes, allLayers), []);
    const model = createModel(data, { operators: moreOperators });
    for (const precision of ['float32', 'float64'] as const) {
      const got = await model.run(tensor(Float64Array.from(each.x.values), each.x.shape), { precision });
      each.wanted.forEach(({ shape, values }, i) => {
        const isWhole = each.outputs[i] !== 'float32';
        const y = got[`y${i}`];
        assert.equal([...y.shape], shape);
        close(y.data, values, isWhole ? { relative: 0 } : { relative: 2e-6 }, precision);
      });
    }
  });
}

for (const each of cases.filter(({ x, outputs }) => x.dtype === 'float32' && outputs[0] === 'float32')) {
  // Rounded by a scale of its own: test/layers/quantization.test.ts has its derivatives.
  if (each.op.includes('Dynamic')) continue;
  test(`${each.title}: every mode of differentiation agrees`, () => {
    const data = read(networkOfCase(each));
    const program = prepareProgram(data, 'float64', { layers: allLayers });
    const random = createRandom(3);
    const name = data.inputs[0].name;
    let w: Tensor | undefined;
    const f = (x: Tensor) => {
      const y = evaluate(program, new Map([[name, { tensor: x, type: 'float32' }]]), ['y0']).get('y0')
        ?.tensor as Tensor;
      w ??= fromData(
        Float64Array.from({ length: sizeOf(y.shape) }, () => random.normal()),
        y.shape,
      );
      return sum(mul(w, y));
    };
    // A sample may lie within a step of a kink; where numbers are large, few do.
    const at = (factor: number) =>
      tensor(
        Float64Array.from(each.x.values, (value) => value * factor),
        each.x.shape,
      );
    const checks = [1, 30, 47].map((factor) => checkDerivatives(f, at(factor)));
    assert.ok(
      checks.some(({ ok }) => ok),
      JSON.stringify(checks[0].comparisons),
    );
  });
}

test('every operator that is read as others has a case, and is not an operator of its own', () => {
  const covered = new Set(fusedCases.map(({ op }) => op));
  // The same row under another domain.
  const twins = ['com.microsoft.QLinearConv', 'com.microsoft.BiasAdd'];
  for (const op of Object.keys(rewritings)) assert.ok(covered.has(op) || twins.includes(op), op);
});

test('what is rewritten keeps its name and outputs; what it passes through has names of its own', () => {
  const [conv] = cases;
  const { nodes } = read(networkOfCase(conv));
  assert.equal(
    nodes.map(({ name, op, outputs }) => [name, op, ...outputs]),
    [
      ['node/Conv', 'Conv', 'y0/Conv'],
      ['node', 'Relu', 'y0'],
    ],
  );
  const again = read(read(networkOfCase(conv)));
  assert.equal(again.nodes, nodes);
});

test('graphs inside of nodes are rewritten, too', () => {
  const gemm = { name: 'g', op: 'com.microsoft.FusedGemm', inputs: ['a', 'b'], outputs: ['c'] };
  const branch = { inputs: [], outputs: ['c'], nodes: [{ ...gemm, attributes: { activation: 'Relu' } }] };
  const attributes = { then_branch: branch, captured: ['a', 'b'] };
  const node = { name: 'if', op: 'If', inputs: ['yes', 'a', 'b'], outputs: ['y'], attributes };
  const [{ attributes: got }] = rewriteNodes([node], new Map(), rewritings);
  const { nodes } = got.then_branch as GraphAttribute;
  assert.equal(
    nodes.map(({ op, outputs }) => [op, ...outputs]),
    [
      ['Gemm', 'c/Gemm'],
      ['Relu', 'c'],
    ],
  );
  assert.equal(got.captured, ['a', 'b']);
});

test('the sum before a norm is given under its name', () => {
  const skip = cases.find(({ op }) => op === 'com.microsoft.SkipLayerNormalization');
  assert.ok(skip);
  const data = networkOfCase(skip);
  const [node] = data.nodes;
  const wider = {
    ...data,
    nodes: [{ ...node, outputs: ['y0', '', '', 'sum'] }],
    outputs: [...data.outputs, { name: 'sum', dtype: 'float32' as const }],
  };
  const { nodes } = read(wider);
  assert.equal(
    nodes.map(({ op, outputs }) => [op, ...outputs]),
    [
      ['Add', 'y0/Add'],
      ['Add', 'sum'],
      ['LayerNormalization', 'y0'],
    ],
  );
});

const refused: readonly [string, object, RegExp][] = [
  [
    'com.microsoft.FusedConv',
    { activation: 'Selu' },
    /FusedConv "node": its activation must be Relu.*got Selu/,
  ],
  ['com.microsoft.QLinearGlobalAveragePool', { channels_last: 1 }, /channels last.*lower optimization level/],
];
for (const [op, attributes, message] of refused) {
  test(`${op} ${JSON.stringify(attributes)} is refused with the way out`, () => {
    const own = cases.find((each) => each.op === op);
    assert.ok(own);
    const wrong = networkOfCase({ ...own, attributes: { ...own.attributes, ...attributes } });
    assert.throws(
      () => read(wrong),
      (error: unknown) => error instanceof InputError && message.test(error.message),
    );
  });
}

test('a file that is laid out for one processor is refused with the way out', () => {
  const data = networkOfCase({ ...cases[0], op: 'com.microsoft.nchwc.Conv' });
  assert.throws(
    () => createModel(read(data)),
    (error: unknown) =>
      error instanceof UnsupportedOperationError &&
      /com\.microsoft\.nchwc\.Conv; the file is laid out for one processor: save it at a lower/.test(
        error.message,
      ),
  );
});

test.run();
