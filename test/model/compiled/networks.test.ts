/** Small networks of the blocks that EfficientNet, ViT, ConvNeXt and Swin are made of. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type NetworkName, networks } from '../../../bench/networks/index.ts';
import { compile } from '../../../src/model/compiled/compile.ts';
import { createWeightStore } from '../../../src/model/compiled/lower/weights.ts';
import type { ModelData } from '../../../src/model/data/format.ts';
import { nodesFor } from '../../../src/model/graph/graph.ts';
import { createModel } from '../../../src/model/model.ts';
import { prepareProgram } from '../../../src/model/run/program.ts';
import { createDevice } from '../../../src/tensor/kernels/wasm/device.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { batchRow } from '../../../src/tensor/rows.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { close, same } from '../../support/check.ts';

const test = suite('networks on the device');
const [reference, one, two] = engines;
const names: readonly NetworkName[] = ['efficientnet', 'vit', 'convnext', 'swin'];

function imagesOf({ inputs }: ModelData, count: number): Tensor {
  const random = createRandom(3);
  const shape = [count, ...((inputs[0].shape ?? []).slice(1) as number[])];
  return fromData(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );
}

for (const name of names) {
  const data = networks[name]({ classes: 10, isMiniature: true });
  const logits = data.outputs[0].name;

  test(`${name}: nothing goes back to the host between its first kernel and its last, on either way`, () => {
    const program = prepareProgram(data, 'float32');
    const nodes = nodesFor(program.graph, [logits], new Set(['input', ...program.constants.keys()]));
    const { shape } = imagesOf(data, 2);
    const schedule = compile({
      ...{ program, nodes, targets: [logits], source: 'input' },
      given: new Map([['input', { shape, type: 'float32' as const }]]),
      weights: createWeightStore(createDevice()),
    });
    assert.equal(schedule.left, []);
    const isOnHost = schedule.items.map(({ host }) => host !== undefined);
    // The image is brought to the device first, the logits from it last.
    assert.equal(isOnHost.indexOf(false), 1);
    assert.equal(isOnHost.lastIndexOf(false), isOnHost.length - 2);
    assert.equal(isOnHost.filter(Boolean).length, 2);
    const back = schedule.back?.items.map(({ host }) => host !== undefined) ?? [];
    assert.equal(back.filter(Boolean).length, 2);
  });

  test(`${name}: values as in float64; threads, batch and place leave the bits`, async () => {
    const model = createModel(data);
    const x = imagesOf(data, 3);
    const got = (await onEngine(two, () => model.run(x)))[logits];
    const wanted = (await onEngine(reference, () => model.run(x, { precision: 'float64' })))[logits];
    close(got, wanted, { relative: 1e-5 }, name);
    same((await onEngine(one, () => model.run(x)))[logits], got, 'one thread');
    for (let i = 0; i < 3; i++) {
      const alone = (await onEngine(two, () => model.run(batchRow(x, i))))[logits];
      same(alone, batchRow(got, i), `image ${i} alone`);
    }
  });

  test(`${name}: gradients as recorded`, async () => {
    const x = imagesOf(data, 2);
    const run = async () => {
      const model = createModel(data);
      const layer = data.nodes[data.nodes.length - 2].outputs[0];
      return (await model.split(layer).inputGradients(x, [3])).gradients[0];
    };
    close(await onEngine(two, run), await onEngine(reference, run), { relative: 1e-5 }, name);
  });
}

test.run();
