import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { originOf, pullback, record, type TapeNode } from '../../../../src/autodiff/tape.ts';
import { compiledPullback } from '../../../../src/model/chooseEngine.ts';
import { evaluate, type Program, prepareProgram, type Value } from '../../../../src/model/run/program.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import { batchRow } from '../../../../src/tensor/rows.ts';
import { fromData, type Tensor } from '../../../../src/tensor/tensor.ts';
import { type Engine, onEngine } from '../../../support/backends.ts';
import { type Case, cases, normal, weights } from '../../../support/backwardCases.ts';
import { close, same } from '../../../support/check.ts';
import { makeModel, parseNode } from '../../../support/makeModel.ts';
import { tokenCases } from '../../../support/tokenCases.ts';

const test = suite('compiled backward pass');

const oneThread: Engine = { name: 'wasm, 1 thread', backend: 'wasm', threads: 1 };
const twoThreads: Engine = { name: 'wasm, 2 threads', backend: 'wasm', threads: 2 };
const reference: Engine = { name: 'reference', backend: 'reference', threads: 1 };

function programOf({ shape, nodes, weights: shapes = {}, tensors = {} }: Case): Program {
  const random = createRandom(5);
  const drawn = Object.entries(shapes).map(([name, each]) => [name, weights(random, each)] as const);
  const data = makeModel({
    inputs: { x: ['N', ...shape.slice(1)] },
    outputs: ['a'],
    nodes,
    tensors: { ...Object.fromEntries(drawn), ...tensors },
  });
  return prepareProgram(data, 'float32');
}

const given = (x: Tensor) => new Map<string, Value>([['x', { tensor: x, type: 'float32' }]]);

/** By the recorded trunk, on the reference kernels. */
function recorded(program: Program, x: Tensor, cotangents: ReadonlyMap<string, Tensor>): Tensor {
  let outputs: Tensor[] = [];
  const names = [...cotangents.keys()];
  const { tape } = record(
    ([root]) => {
      const values = evaluate(program, given(root), names);
      outputs = names.map((name) => (values.get(name) as Value).tensor);
      return outputs[0];
    },
    [x],
  );
  const seeds = new Map(
    names.map((name, i) => [originOf(outputs[i]) as TapeNode, cotangents.get(name) as Tensor]),
  );
  return pullback(tape, seeds, tape.roots)[0] as Tensor;
}

function compiled(program: Program, x: Tensor, cotangents: ReadonlyMap<string, Tensor>, engine = oneThread) {
  const targets = [...cotangents.keys()];
  const sets = [targets.map((name) => cotangents.get(name) as Tensor)];
  const task = { given: given(x), source: 'x', targets, cotangentsAt: () => sets };
  return onEngine(engine, () => compiledPullback(program, task, { threads: engine.threads }));
}

function drawn(one: Case): { program: Program; x: Tensor; cotangents: Map<string, Tensor> } {
  const random = createRandom(11);
  const program = programOf(one);
  const plain = normal(random, one.shape);
  const x = one.ties
    ? fromData(
        Float32Array.from(plain.data, (value) => Math.round(value)),
        one.shape,
      )
    : plain;
  const targets = one.targets ?? ['a'];
  const values = evaluate(program, given(x), targets);
  const cotangents = new Map(
    targets.map((name) => [name, normal(random, (values.get(name) as Value).tensor.shape)]),
  );
  return { program, x, cotangents };
}

for (const one of [...cases, ...tokenCases]) {
  test(`${one.name}: as recorded; threads, batch and place leave the bits`, async () => {
    const { program, x, cotangents } = drawn(one);
    const wanted = await onEngine(reference, () => recorded(programOf(one), x, cotangents));
    const gradients = await compiled(program, x, cotangents);
    assert.ok(gradients !== undefined, 'has a backward pass');
    close(gradients[0], wanted, { relative: 1e-5 }, one.name);
    const threaded = await compiled(program, x, cotangents, twoThreads);
    same(threaded?.[0] ?? [], gradients[0], 'two threads');
    for (let s = 0; s < x.shape[0]; s++) {
      const own = new Map([...cotangents].map(([name, g]) => [name, batchRow(g, s)]));
      const alone = await compiled(program, batchRow(x, s), own);
      same(alone?.[0] ?? [], batchRow(gradients[0], s), `image ${s} alone`);
    }
  });
}

test('NaN is not hidden by Relu, nor by a pool', async () => {
  const one: Case = {
    name: 'NaN',
    shape: [1, 4, 4, 4],
    nodes: ['Relu x > r', parseNode('MaxPool r > a', { kernel_shape: [2, 2], strides: [2, 2] })],
  };
  const { program, x, cotangents } = drawn(one);
  x.data[5] = Number.NaN;
  const [gradient] = (await compiled(program, x, cotangents)) ?? [];
  same(gradient, await onEngine(reference, () => recorded(programOf(one), x, cotangents)));
  assert.ok(gradient.data[5] !== 0);
});

test('several cotangents take one run; each is as if alone', async () => {
  const { program, x, cotangents } = drawn(cases[0]);
  const a = cotangents.get('a') as Tensor;
  const doubled = fromData(
    Float32Array.from(a.data, (value) => -2 * value),
    a.shape,
  );
  const task = { given: given(x), source: 'x', targets: ['a'], cotangentsAt: () => [[a], [doubled], [a]] };
  const gradients = await onEngine(oneThread, () => compiledPullback(program, task));
  assert.is(gradients?.length, 3);
  const [first, second, third] = gradients ?? [];
  same(third, first, 'the first again');
  same(
    second,
    Array.from(first.data, (value) => -2 * value),
    'the second',
  );
});

test.run();
