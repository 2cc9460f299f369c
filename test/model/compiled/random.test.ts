import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../../src/model/compiled/compile.ts';
import { gradientOperators } from '../../../src/model/compiled/lower/gradients.ts';
import { lowerings } from '../../../src/model/compiled/lower/operators.ts';
import { createWeightStore } from '../../../src/model/compiled/lower/weights.ts';
import { nodesFor } from '../../../src/model/graph/graph.ts';
import { prepareProgram } from '../../../src/model/run/program.ts';
import { createDevice } from '../../../src/tensor/kernels/wasm/device.ts';
import { kernels } from '../../../src/tensor/kernels/wasm/kernels.ts';
import type { KernelName } from '../../../src/tensor/kernels/wasm/steps.ts';
import { checkRandomGradients } from '../../support/random/checkRandomGradients.ts';
import { checkRandomModel, isAccurate } from '../../support/random/checkRandomModel.ts';
import { randomModel } from '../../support/random/randomModel.ts';

const test = suite('random networks');

const SEEDS = 128; // thousands more: npm run fuzz
const PART = 16;

for (let first = 0; first < SEEDS; first += PART) {
  test(`${first} … ${first + PART - 1}: values, and bits over threads, batches and places`, async () => {
    for (let seed = first; seed < first + PART; seed++) {
      const verdict = await checkRandomModel(seed).catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      });
      assert.ok(isAccurate(verdict), `seed ${seed}: ${JSON.stringify(verdict)}`);
    }
  });
}

/** What longer runs have found. */
const FOUND = [314_272_581];

test('constants that are spread along the batch have a place for each of its sizes', async () => {
  for (const seed of FOUND) assert.ok(isAccurate(await checkRandomModel(seed)), String(seed));
});

const GRADIENT_SEEDS = 64;

test('the backward pass: values, and bits over threads, batches and places', async () => {
  let checked = 0;
  for (let seed = 0; seed < GRADIENT_SEEDS; seed++) {
    const verdict = await checkRandomGradients(seed).catch((error: Error) => {
      throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
    });
    if (verdict === undefined) continue;
    checked++;
    assert.ok(isAccurate(verdict), `seed ${seed}: ${JSON.stringify(verdict)}`);
  }
  assert.ok(checked >= 15, `${checked} networks have logits`);
});

test('between them they use every operator and every kernel of the device', () => {
  const device = createDevice();
  const operators = new Set<string>();
  const used = new Set<string>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const data = randomModel(seed);
    const program = prepareProgram(data, 'float32');
    const targets = data.outputs.map(({ name }) => name);
    const nodes = nodesFor(program.graph, targets, new Set(['image', ...program.constants.keys()]));
    const shape = [2, ...((data.inputs[0].shape ?? []).slice(1) as number[])];
    const given = new Map([['image', { shape, type: 'float32' as const }]]);
    const weights = createWeightStore(device);
    const { items, left } = compile({ program, nodes, given, targets, weights });
    for (const node of nodes) if (!left.includes(node)) operators.add(node.op);
    for (const { host, operation } of items) {
      if (host === undefined) for (const { kernel } of operation.steps(() => 0)) used.add(kernel);
    }
  }
  // Behind a sum, a value half way between two stairs falls to either side: stairs.test.ts compares them bit by bit.
  const missing = Object.keys(lowerings).filter(
    (op) => !(op in gradientOperators) && !operators.has(op) && op !== 'Stairs',
  );
  assert.equal(missing, [], 'operators');
  // Those of float64 products, of weights at their placing and of gradients are no steps of a network's way forward.
  const others = /Panels|Widened|fewRows|transformWeights|[gG]ate$|spread|Gradient/;
  const idle = (Object.keys(kernels) as KernelName[]).filter((name) => !used.has(name) && !others.test(name));
  assert.equal(idle, [], 'kernels');
});

test.run();
