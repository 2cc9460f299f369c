/** Small networks of the blocks that EfficientNet, ViT, ConvNeXt and Swin are made of. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type NetworkName, networks } from '../../../bench/networks/index.ts';
import type { ModelData } from '../../../src/model/data/format.ts';
import { createModel } from '../../../src/model/model.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { batchRow } from '../../../src/tensor/rows.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { close, same } from '../../support/check.ts';
import { hostVisits, noVisits } from '../../support/hostVisits.ts';

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
    assert.equal(hostVisits(data, imagesOf(data, 2).shape), noVisits);
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
