import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Attributes } from '../../../src/model/data/format.ts';
import { createModel } from '../../../src/model/model.ts';
import { floats, makeModel, parseNode } from '../../support/makeModel.ts';

const test = suite('receptive fields');

/** What one cell of the window's output sees along rows of a picture of 9 × 9. */
function rowsSeen(attributes: Attributes, y: number, op = 'Conv'): readonly [number, number] {
  const data = makeModel({
    inputs: { x: [1, 1, 9, 9] },
    outputs: ['y'],
    nodes: [parseNode(op === 'Conv' ? 'Conv x w > y' : `${op} x > y`, attributes)],
    tensors: { w: floats([1, 1, 3, 3], new Float32Array(9)) },
  });
  const { y0, y1 } = createModel(data).receptiveField('y', { y0: y, x0: 0, y1: y + 1, x1: 1 });
  return [y0, y1];
}

test('strides and dilations reach further', () => {
  assert.equal(rowsSeen({ strides: [2, 2] }, 1), [2, 5]);
  assert.equal(rowsSeen({ dilations: [2, 2] }, 1), [1, 6]);
});

test('explicit pads shift the window', () => {
  assert.equal(rowsSeen({ pads: [1, 1, 1, 1] }, 0), [0, 2]);
  assert.equal(rowsSeen({ pads: [0, 0, 2, 2] }, 8), [8, 9]);
});

test('SAME pads at the end or at the start', () => {
  const shared = { kernel_shape: [2, 2], strides: [2, 2] };
  assert.equal(rowsSeen({ ...shared, auto_pad: 'SAME_UPPER' }, 4, 'MaxPool'), [8, 9]);
  assert.equal(rowsSeen({ ...shared, auto_pad: 'SAME_LOWER' }, 4, 'MaxPool'), [7, 9]);
});

test('VALID is without pads, whatever the node says of them', () => {
  assert.equal(rowsSeen({ auto_pad: 'VALID', pads: [1, 1, 1, 1] }, 0), [0, 3]);
});

test.run();
