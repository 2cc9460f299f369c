import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createModel } from '../../../src/model/model.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { normal } from '../../support/backwardCases.ts';
import { close, same } from '../../support/check.ts';
import { floats, makeModel, parseNode } from '../../support/makeModel.ts';
import { operatorsOnDevice } from '../../support/operatorsOnDevice.ts';

const test = suite('activations in the kernel of a product');

/** Products by each of the kernels, with channels that fill no vector; the depthwise ones have edges, and sixteen channels and more. */
const products = [
  { kernel: 'product', x: [2, 5, 7, 6], w: [6, 5, 2, 2], node: parseNode('Conv x w > a') },
  { kernel: 'winograd', x: [2, 17, 10, 9], w: [18, 17, 3, 3], node: parseNode('Conv x w > a') },
  {
    kernel: 'depthwise',
    x: [2, 19, 5, 12],
    w: [19, 1, 5, 5],
    node: parseNode('Conv x w > a', { group: 19, pads: [2, 2, 2, 2] }),
  },
  {
    kernel: 'strided depthwise',
    x: [2, 32, 7, 14],
    w: [32, 1, 3, 3],
    node: parseNode('Conv x w > a', { group: 32, pads: [1, 1, 1, 1], strides: [2, 2] }),
  },
  { kernel: 'dense', x: [3, 10], w: [10, 7], node: parseNode('Gemm x w > a') },
  { kernel: 'rows', x: [2, 9, 10], w: [10, 7], node: parseNode('MatMul x w > a') },
] as const;

const activations = [parseNode('Swish a > y', { alpha: 1.25 }), parseNode('Gelu a > y')];

for (const { kernel, x: shape, w, node } of products) {
  for (const activation of activations) {
    test(`${kernel}: ${activation.op} has the bits that it has in a kernel of its own`, async () => {
      const random = createRandom(5);
      const weights = floats(w, Array.from(normal(random, [...w]).data));
      const x = normal(random, [...shape]);
      const dataOf = (outputs: readonly string[]) =>
        makeModel({ inputs: { x: shape }, outputs, nodes: [node, activation], tensors: { w: weights } });
      const run = (outputs: readonly string[]) => createModel(dataOf(outputs)).run(x);
      const { y: wanted } = await createModel(dataOf(['y'])).run(x, { precision: 'float64' });
      for (const engine of engines.filter(({ backend }) => backend === 'wasm')) {
        await onEngine(engine, async () => {
          assert.equal(operatorsOnDevice(dataOf(['y']), { x }), [node.op, activation.op]);
          const { y } = await run(['y']);
          // A product that must come out as it is cannot take the activation.
          const apart = await run(['a', 'y']);
          same(Array.from(y.data), Array.from(apart.y.data), engine.name);
          close(y, wanted, { relative: 1e-5, absolute: 1e-5 }, engine.name);
        });
      }
    });
  }
}

test.run();
