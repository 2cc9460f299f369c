import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { GraphNode, StoredTensor } from '../../../src/model/data/format.ts';
import { createModel } from '../../../src/model/model.ts';
import { isBatchable } from '../../../src/model/run/batchable.ts';
import { prepareProgram } from '../../../src/model/run/program.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';
import { floats, integers, makeModel, parseNode } from '../../support/makeModel.ts';

const test = suite('batchable');
const random = createRandom(3);

const normals = (...shape: number[]): StoredTensor =>
  floats(
    shape,
    Array.from({ length: sizeOf(shape) }, () => 0.3 * random.normal()),
  );

const tensors = {
  w: normals(5, 3, 3, 3),
  v: normals(80, 4),
  g: floats([3], [1, 2, 3]),
  rows: integers([0, -1]),
  minus: integers([-1]),
  zero: integers([0]),
  one: integers([1]),
  last: integers([-1]),
  before: integers([-100]),
  single: integers([1, 48]),
  double: integers([2, 3, 4, 4]),
  shift: integers([1, 0, 0, 0, -1, 0, 0, 0]),
  wider: integers([0, 0, 1, 1, 0, 0, 0, 1]),
  pair: normals(2, 48),
};

type Lines = readonly (string | GraphNode)[];

const modelOf = (nodes: Lines) =>
  makeModel({ inputs: { x: ['N', 3, 4, 4] }, outputs: ['z'], nodes, tensors });
const accepts = (nodes: Lines) => isBatchable(prepareProgram(modelOf(nodes), 'float32'), 'x');

const node = parseNode;
const norm = 'g g g g';
const conv = node('Conv x w > a', { pads: [1, 1, 1, 1] });

const apart: [string, Lines][] = [
  ['a convolution, a classifier', [conv, 'Relu a > b', 'Flatten b > c', 'Gemm c v > d', 'Softmax d > z']],
  ['rows by Reshape', [conv, 'Reshape a rows > c', 'Gemm c v > z']],
  [
    'rows as many as there are images, read from a shape',
    [
      conv,
      'Shape a > s',
      node('Gather s zero > n', { axis: 0 }),
      node('Concat n minus > t', { axis: 0 }),
      'Reshape a t > c',
      'Gemm c v > z',
    ],
  ],
  ['normalization as it predicts', [`BatchNormalization x ${norm} > z`]],
  ['squeeze and excitation', ['GlobalAveragePool x > b', 'Sigmoid b > c', 'Mul x c > z']],
  ['softmax over channels, counted from the end', [node('Softmax x > z', { axis: -3 })]],
  ['axes that move behind the images', [node('Transpose x > z', { perm: [0, 3, 1, 2] })]],
  ['means over pixels', [node('ReduceMean x > z', { axes: [2, 3] })]],
  ['variance over pixels', [node('MeanVarianceNormalization x > z', { axes: [2, 3] })]],
  ['a slice of channels', ['Slice x zero one one > z']],
  ['a slice of all images', ['Slice x zero last one > b', node('Concat b x > z', { axis: 1 })]],
  ['pads of pixels', ['Pad x wider > z']],
];

const mixed: [string, Lines][] = [
  ['rows for one image', ['Reshape x single > z']],
  ['normalization as it learns', [node(`BatchNormalization x ${norm} > z`, { training_mode: 1 })]],
  ['variance over images', ['MeanVarianceNormalization x > z']],
  [
    'images among channels and back',
    [node('Transpose x > b', { perm: [1, 0, 2, 3] }), node('Transpose b > z', { perm: [1, 0, 2, 3] })],
  ],
  ['softmax over images', [node('Softmax x > z', { axis: 0 })]],
  ['softmax over images, counted from the end', [node('Softmax x > z', { axis: -4 })]],
  ['a norm over images', [node('LpNormalization x > z', { axis: -4 })]],
  ['the mean of all', ['ReduceMean x > z']],
  ['less the mean of the images', [node('ReduceMean x > m', { axes: [0] }), 'Sub x m > z']],
  ['all in one row', [node('Flatten x > z', { axis: 0 })]],
  ['images joined', [node('Concat x x > z', { axis: 0 })]],
  ['images in turn', ['Slice x last before zero minus > z']],
  ['images shifted by pads', ['Pad x shift > z']],
  [
    'images chosen by images',
    ['Flatten x > b', node('ArgMax b > i', { axis: 1, keepdims: 0 }), node('Gather x i > z', {})],
  ],
  [
    'each image beside each',
    ['Flatten x > b', node('Transpose b > c', { perm: [1, 0] }), 'MatMul b c > d', 'MatMul d b > z'],
  ],
  ['as many as two', ['Expand x double > z']],
  [
    'rows that meet two maps',
    ['Flatten x > b', node('Unsqueeze b one > c', {}), 'Add c pair > d', 'Add d b > z'],
  ],
  [
    'values times the number of images',
    ['Shape x > s', node('Gather s zero > n', { axis: 0 }), node('Cast n > f', { to: 1 }), 'Mul x f > z'],
  ],
];

for (const [name, nodes] of apart) {
  test(`${name}: images stay apart`, async () => {
    assert.is(accepts(nodes), true);
    const model = createModel(modelOf(nodes));
    const images = Float32Array.from({ length: 4 * 48 }, () => random.normal());
    const { z } = await model.run(fromData(images, [4, 3, 4, 4]));
    for (let i = 0; i < 4; i++) {
      const alone = await model.run(fromData(images.slice(i * 48, (i + 1) * 48), [1, 3, 4, 4]));
      const size = alone.z.data.length;
      close(z.data.slice(i * size, (i + 1) * size), alone.z.data, { relative: 1e-6 }, `image ${i}`);
    }
  });
}

for (const [name, nodes] of mixed) test(`${name}: refused`, () => assert.is(accepts(nodes), false));

test.run();
