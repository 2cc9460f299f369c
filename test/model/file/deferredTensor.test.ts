import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelData, StoredTensor } from '../../../src/model/data/format.ts';
import { createTensorMemory } from '../../../src/model/data/tensorMemory.ts';
import { deferrable, tensorAt } from '../../../src/model/file/deferredTensor.ts';
import { fileOf } from '../../../src/model/file/tensorFile.ts';
import { createModel } from '../../../src/model/model.ts';
import { deferred, fillOf } from '../../../src/tensor/deferred.ts';
import { same } from '../../support/check.ts';
import { imagesFor, largeNetwork } from '../../support/largeNetwork.ts';

const test = suite('deferred tensors');

/** The network with a and b deferred, and how often each was read. */
function deferring(): { model: ModelData; reads: Record<string, number> } {
  const reads: Record<string, number> = { a: 0, b: 0 };
  const memory = createTensorMemory();
  const defer = (name: string, { dtype, shape, bytes }: StoredTensor): StoredTensor => {
    const file = {
      ...fileOf(bytes),
      defer: (offset: number, length: number) => ({
        length,
        memory,
        readInto(into: Uint8Array) {
          reads[name]++;
          into.set(bytes.subarray(offset, offset + length));
        },
      }),
    };
    return tensorAt({ file, offset: 0, length: bytes.length }, { dtype, shape }, true);
  };
  const tensors = [...largeNetwork.tensors].map(([name, each]): [string, StoredTensor] => [
    name,
    name in reads ? defer(name, each) : each,
  ]);
  return { model: { ...largeNetwork, tensors: new Map(tensors) }, reads };
}

test('the kernels read once and keep nothing; others read once more and keep it', async () => {
  const { model: data, reads } = deferring();
  const model = createModel(data);
  const reference = createModel(largeNetwork);
  assert.is(model.layers.length, largeNetwork.nodes.length);
  assert.equal(reads, { a: 0, b: 0 });
  for (const count of [1, 2, 1]) {
    const x = imagesFor(largeNetwork, count);
    same((await model.run(x)).z, (await reference.run(x)).z);
    assert.equal(reads, { a: 1, b: 1 });
  }
  const x = imagesFor(largeNetwork);
  const [got] = (await model.split('r2').inputGradients(x, [2])).gradients;
  const [gradient] = (await reference.split('r2').inputGradients(x, [2])).gradients;
  same(got, gradient);
  assert.equal(reads, { a: 2, b: 2 });
  const wide = { precision: 'float64' } as const;
  for (let i = 0; i < 2; i++) {
    same((await model.run(x, wide)).z, (await reference.run(x, wide)).z);
    assert.equal(reads, { a: 3, b: 3 });
  }
  for (const name of ['a', 'b']) {
    same(data.tensors.get(name)?.bytes ?? [], largeNetwork.tensors.get(name)?.bytes ?? [], name);
  }
  assert.equal(reads, { a: 3, b: 3 });
});

test('large float32 weights that convolutions alone read', () => {
  const nodes = [
    { op: 'Conv', inputs: ['x', 'w', 'bias'] },
    { op: 'Conv', inputs: ['y', 'shared', ''] },
    { op: 'Mul', inputs: ['shared', 'other'] },
    { op: 'ConvTranspose', inputs: ['x', 'back'] },
  ];
  const isDeferrable = deferrable(nodes);
  assert.is(isDeferrable('w', 'float32', 65536), true);
  assert.is(isDeferrable('w', 'float32', 65535), false);
  assert.is(isDeferrable('w', 'float16', 1e6), false);
  for (const name of ['bias', 'shared', 'other', 'back', 'x', 'unused']) {
    assert.is(isDeferrable(name, 'float32', 1e6), false, name);
  }
});

test('values are read when they are asked for, once', () => {
  let reads = 0;
  const read = () => {
    reads++;
    return Float32Array.of(1, 2, 3, 4, 5, 6);
  };
  const x = deferred([2, 3], 'float32', { read, fill: (out) => out.fill(7) });
  assert.equal([x.shape, x.stride, x.offset, x.dtype], [[2, 3], [3, 1], 0, 'float32']);
  const out = new Float32Array(6);
  fillOf(x)?.(out);
  same(out, [7, 7, 7, 7, 7, 7]);
  assert.is(reads, 0);
  same(x, [1, 2, 3, 4, 5, 6]);
  same(x, [1, 2, 3, 4, 5, 6]);
  assert.is(reads, 1);
  assert.is(fillOf(x), undefined);
});

test.run();
