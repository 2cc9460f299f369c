/** Operators on the device that read some channels of a map: they lie between others, and their pixels are not side by side. */
import { suite } from 'uvu';
import { moreOperators } from '../../../src/layers/more.ts';
import { createModel } from '../../../src/model/model.ts';
import { fromData } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';
import { floats, integers, makeModel, parseNode } from '../../support/makeModel.ts';

const test = suite('channels of a map on the device');

const SIDE = 12;
const numbers = (count: number, at: number) =>
  Array.from({ length: count }, (_, i) => Math.sin(3 * i * i + i + at));
const x = fromData(Float32Array.from(numbers(3 * SIDE * SIDE, 1)), [1, 3, SIDE, SIDE]);

const window = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
const kernels = (filters: number, depth: number) =>
  floats([filters, depth, 3, 3], numbers(9 * filters * depth, 2));
const channels = (at: number) => floats([16], numbers(16, at));

/** What reads the upper 16 of 32 channels, as stages of detectors that go on with one half do. */
const readers = {
  'a 3 × 3 convolution by transforms': { node: parseNode('Conv h w > y', window), w: kernels(16, 16) },
  'a 3 × 3 convolution of stride 2': {
    node: parseNode('Conv h w > y', { ...window, strides: [2, 2] }),
    w: kernels(16, 16),
  },
  'a depthwise convolution': { node: parseNode('Conv h w > y', { ...window, group: 16 }), w: kernels(16, 1) },
  'a convolution of groups': { node: parseNode('Conv h w > y', { ...window, group: 2 }), w: kernels(16, 8) },
  'a transposed convolution': { node: parseNode('ConvTranspose h w > y', window), w: kernels(16, 16) },
  'a largest entry': { node: parseNode('MaxPool h > y', window) },
  'a mean': { node: parseNode('AveragePool h > y', window) },
  'the mean of all pixels': { node: parseNode('GlobalAveragePool h > y') },
  'a sigmoid': { node: parseNode('Sigmoid h > y') },
  'a softmax': { node: parseNode('Softmax h > y', { axis: 1 }) },
  'a function by parts': { node: parseNode('PRelu h w > y'), w: floats([16, 1, 1], numbers(16, 4)) },
  'a normalization': { node: parseNode('BatchNormalization h w b m v > y'), w: channels(4) },
} as const;

for (const [title, { node, ...rest }] of Object.entries(readers)) {
  for (const cut of [parseNode('Slice e from to axes > h'), parseNode('Split e > o h', { axis: 1 })]) {
    test(`${title} of what ${cut.op} leaves`, async () => {
      const tensors = {
        k: floats([32, 3, 1, 1], numbers(96, 3)),
        ...{ from: integers([16]), to: integers([32]), axes: integers([1]) },
        ...{ b: channels(5), m: channels(6), v: floats([16], new Array<number>(16).fill(0.7)) },
        ...('w' in rest && { w: rest.w }),
      };
      const nodes = ['Conv x k > e', cut, node];
      const data = makeModel({ inputs: { x: x.shape }, outputs: ['y'], nodes, tensors });
      const model = createModel(data, { operators: moreOperators });
      const { y } = await model.run(x);
      const wanted = await model.run(x, { precision: 'float64' });
      close(y, wanted.y, { relative: 1e-4, absolute: 1e-4 });
    });
  }
}

test.run();
