import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createGraph } from '../../../src/model/graph/graph.ts';
import { headForm } from '../../../src/model/graph/headForm.ts';
import { createModel } from '../../../src/model/model.ts';
import { floats, makeModel, parseNode } from '../../support/makeModel.ts';

const test = suite('headForm');

const weights = (...shape: number[]) =>
  floats(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + i)),
  );

type Line = string | readonly [line: string, attributes: Record<string, number | readonly number[]>];

/** The form of the head of these nodes, from the layer a [1, 4, 6, 6] to z. */
function formOf(...lines: readonly Line[]): string | undefined {
  const data = makeModel({
    inputs: { x: [1, 4, 6, 6] },
    outputs: ['z'],
    nodes: [
      parseNode('Relu x > a', {}),
      ...lines.map((line) => (typeof line === 'string' ? parseNode(line, {}) : parseNode(line[0], line[1]))),
    ],
    tensors: {
      one: weights(4, 4, 1, 1),
      three: weights(4, 4, 3, 3),
      fc: weights(4, 5),
      wide: weights(36, 5),
      scale: weights(4),
      variance: floats([4], [1, 2, 3, 4]),
    },
  });
  const { shapes } = {
    shapes: new Map(createModel(data).layers.map(({ tensor, shape }) => [tensor, shape ?? []])),
  };
  shapes.set('one', [4, 4, 1, 1]).set('three', [4, 4, 3, 3]);
  return headForm({ graph: createGraph(data), layer: 'a', logits: 'z', shapes })?.kind;
}

const halves = { kernel_shape: [2, 2], strides: [2, 2] };

test('average pools and whatever is affine', () => {
  assert.is(formOf('GlobalAveragePool a > b', 'Flatten b > c', 'Gemm c fc > z'), 'affine');
  assert.is(formOf(['Conv a three > b', {}], 'GlobalAveragePool b > c', 'Flatten c > z'), 'affine');
  assert.is(
    formOf(
      'BatchNormalization a scale scale scale variance > b',
      'Add a b > c',
      'GlobalAveragePool c > d',
      'Flatten d > z',
    ),
    'affine',
  );
});

test('a max-pool that tiles, and what is affine behind it', () => {
  assert.is(formOf(['MaxPool a > b', halves], 'Flatten b > c', 'Gemm c wide > z'), 'tiled');
  assert.is(formOf('GlobalMaxPool a > b', 'Flatten b > c', 'Gemm c fc > z'), 'tiled');
});

test('a gate that all channels of a cell pass together, and the mean over cells', () => {
  assert.is(formOf('Conv a one > b', 'Relu b > c', 'GlobalAveragePool c > d', 'Flatten d > z'), 'gated');
  assert.is(
    formOf('Conv a one > b', 'Relu b > c', ['AveragePool c > d', { kernel_shape: [6, 6] }], 'Flatten d > z'),
    'gated',
  );
  // Of the layer itself one channel alone reaches each logit.
  assert.is(formOf('Relu a > b', 'GlobalAveragePool b > c', 'Flatten c > z'), 'gated');
});

test('what has none of these forms', () => {
  const none: Record<string, readonly Line[]> = {
    'windows that overlap': [
      ['MaxPool a > b', { kernel_shape: [3, 3], strides: [2, 2] }],
      'GlobalAveragePool b > c',
      'Flatten c > z',
    ],
    'a gate behind a window': [
      ['Conv a three > b', {}],
      'Relu b > c',
      'GlobalAveragePool c > d',
      'Flatten d > z',
    ],
    'channels mixed behind the gate': [
      'Conv a one > b',
      'Relu b > c',
      'GlobalAveragePool c > d',
      'Flatten d > e',
      'Gemm e fc > z',
    ],
    'channels with gates of their own, mixed': [
      'Relu a > b',
      'GlobalAveragePool b > c',
      'Flatten c > d',
      'Gemm d fc > z',
    ],
    'cells weighed differently': [
      'Conv a one > b',
      'Relu b > c',
      ['MaxPool c > d', halves],
      'Flatten d > e',
      'Gemm e wide > z',
    ],
    'winners beside all': ['GlobalMaxPool a > b', 'GlobalAveragePool a > c', 'Add b c > d', 'Flatten d > z'],
    'two tilings': [
      'GlobalMaxPool a > b',
      ['MaxPool a > c', { kernel_shape: [6, 6] }],
      'Add b c > d',
      'Flatten d > z',
    ],
    'a smooth unit': ['Sigmoid a > b', 'GlobalAveragePool b > c', 'Flatten c > z'],
    'a product of the layer with itself': ['Mul a a > b', 'GlobalAveragePool b > c', 'Flatten c > z'],
    'slopes other than 0 and 1': [
      'Conv a one > b',
      'LeakyRelu b > c',
      'GlobalAveragePool c > d',
      'Flatten d > z',
    ],
  };
  for (const [name, lines] of Object.entries(none)) assert.is(formOf(...lines), undefined, name);
});

test.run();
