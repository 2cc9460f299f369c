import { suite } from 'uvu';
import { createModel } from '../../../src/model/model.ts';
import { fromData } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { close } from '../../support/check.ts';
import { integers, makeModel, parseNode } from '../../support/makeModel.ts';

const test = suite('reductions on the device');
const [reference, one] = engines;

test('an axis that is named twice, once from the end, is reduced once', async () => {
  const data = makeModel({
    inputs: { x: ['N', 2, 3, 4] },
    outputs: ['y', 'm'],
    nodes: [
      parseNode('ReduceSum x a > y', { keepdims: 0 }),
      parseNode('ReduceMean x > m', { axes: [3, -1] }),
    ],
    tensors: { a: integers([2, -2]) },
  });
  const model = await onEngine(one, () => createModel(data));
  const x = fromData(
    Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    [1, 2, 3, 4],
  );
  const [wanted, got] = [
    await onEngine(reference, () => model.run({ x })),
    await onEngine(one, () => model.run({ x })),
  ];
  for (const name of ['y', 'm']) close(got[name].data, wanted[name].data, { relative: 1e-6 }, name);
});

test.run();
