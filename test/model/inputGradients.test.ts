import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compiledPullback } from '../../src/model/chooseEngine.ts';
import type { ModelData } from '../../src/model/data/format.ts';
import { createModel } from '../../src/model/model.ts';
import { prepareProgram, type Value } from '../../src/model/run/program.ts';
import { importOnnx } from '../../src/onnx/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { type Engine, onEngine } from '../support/backends.ts';
import { normal, weights } from '../support/backwardCases.ts';
import { close, same, withData } from '../support/check.ts';
import { makeModel } from '../support/makeModel.ts';

const test = suite('input gradients');

const oneThread: Engine = { name: 'wasm, 1 thread', backend: 'wasm', threads: 1 };
const twoThreads: Engine = { name: 'wasm, 2 threads', backend: 'wasm', threads: 2 };
const reference: Engine = { name: 'reference', backend: 'reference', threads: 1 };

/** A trunk with a head of random weights. */
function withHead(nodes: readonly string[]): ModelData {
  const random = createRandom(21);
  return makeModel({
    inputs: { x: ['N', 4, 6, 6] },
    outputs: ['z'],
    nodes: [...nodes, 'Flatten a > f', 'Gemm f h > z'],
    tensors: { w: weights(random, [4, 4, 1, 1]), h: weights(random, [144, 3]) },
  });
}

test('what has no backward pass on the device is recorded', async () => {
  const data = withHead(['Conv x w > y', 'Softplus y > a']);
  const x = normal(createRandom(1), [3, 4, 6, 6]);
  const given = new Map<string, Value>([['x', { tensor: x, type: 'float32' }]]);
  const task = { given, source: 'x', targets: ['a'], cotangentsAt: () => [] };
  const program = prepareProgram(data, 'float32');
  assert.is(await onEngine(oneThread, () => compiledPullback(program, task)), undefined);
  const run = () => createModel(data).split('a').inputGradients(x, [2, 0]);
  const [got, wanted] = [await onEngine(oneThread, run), await onEngine(reference, run)];
  for (const i of [0, 1]) close(got.gradients[i], wanted.gradients[i], { relative: 1e-5 });
});

test('progress rises to 1, and an abort is heard', async () => {
  for (const last of ['Relu y > a', 'Softplus y > a']) {
    const split = createModel(withHead(['Conv x w > y', last])).split('a');
    const x = normal(createRandom(1), [2, 4, 6, 6]);
    const shares: number[] = [];
    await split.inputGradients(x, [0, 1], { onProgress: (share) => shares.push(share) });
    assert.equal(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    assert.is(shares.at(-1), 1);
    const controller = new AbortController();
    const aborted = split.inputGradients(x, [0], {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await aborted.then(
      () => assert.unreachable('was not aborted'),
      (error) => assert.match(error.message, 'enough'),
    );
  }
});

for (const file of ['squeezenet1.1', 'tiny-vgg', 'resnet20-cifar10', 'mobilenet-v1-0.25-128']) {
  withData(
    test,
    `models/${file}.onnx`,
    `${file}: input gradients are those of the recorded trunk`,
    async (path) => {
      const data = importOnnx(readFileSync(path));
      const gradientsOn = (engine: Engine) =>
        onEngine(engine, () => {
          const model = createModel(data);
          const [, ...shape] = model.inputShape;
          return model.split().inputGradients(normal(createRandom(3), [1, ...shape]), [3]);
        });
      const [got, wanted] = [await gradientsOn(twoThreads), await gradientsOn(reference)];
      close(got.gradients[0], wanted.gradients[0], { relative: 1e-5 }, file);
      same((await gradientsOn(oneThread)).gradients[0], got.gradients[0], 'one thread');
    },
  );
}

test.run();
