import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Attributes, ModelData } from '../../../src/model/data/format.ts';
import { parseModelData } from '../../../src/model/file/parseModelData.ts';
import { serializeModel } from '../../../src/model/file/serializeModel.ts';
import { createModel } from '../../../src/model/model.ts';
import { exportOnnx, importOnnx } from '../../../src/onnx/index.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { full } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { floats, integers, makeModel, type Parts, parseNode } from '../../support/makeModel.ts';

const test = suite('checkGraph');

const ones = (...shape: number[]) =>
  floats(shape, new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(1));
const graph = (nodes: Parts['nodes'], more: Partial<Parts> = {}) =>
  makeModel({ inputs: { x: [1, 3, 8, 8] }, outputs: ['y'], nodes, ...more });
const node = (line: string, attributes: Attributes = {}) => parseNode(line, attributes);
const w = ones(4, 3, 3, 3);
const conv = (attributes: Attributes) => graph([node('Conv x w > y', attributes)], { tensors: { w } });

/** Ways to a model from its data: the file formats, and none. */
const ways: Readonly<Record<string, (data: ModelData) => unknown>> = {
  JSON: (data) => parseModelData(serializeModel(data).json),
  ONNX: (data) => importOnnx(exportOnnx(data)),
  'no file': (data) => createModel(data),
};

/** Graphs that do not fit together, and what is said of each. */
const unfit: readonly (readonly [name: string, data: ModelData, says: RegExp])[] = [
  ['a circle', graph(['Identity b > y', 'Identity y > b']), /runs in a circle through Identity "Identity b/],
  ['a circle of one', graph(['Add x y > y']), /runs in a circle/],
  ['an output that nothing makes', graph(['Relu x > z']), /nothing in the model makes its output y/],
  ['an input that nothing makes', graph(['Relu z > y']), /reads z, which nothing in the model makes/],
  ['a tensor made twice', graph(['Relu x > y', 'Abs x > y']), /makes y, which is there already/],
  ['a tensor made that is given', graph(['Relu x > x', 'Relu x > y']), /makes x, which is there already/],
  [
    'a tensor without a name',
    graph(['Relu x > y'], { tensors: { '': ones(4) } }),
    /a tensor of it has no name/,
  ],
  [
    'an input without a name',
    graph(['Relu x > y'], { inputs: { x: [1], '': [1] } }),
    /an input of it has no name/,
  ],
  ['too many inputs', graph(['Conv x w > c', 'Add x x c > y'], { tensors: { w } }), /takes 2 inputs, got 3/],
  ['too few inputs', graph(['Conv x > y']), /Conv "Conv x > y": it takes 2 to 3 inputs, got 1/],
  ['no inputs', graph(['Max > y']), /it takes 1 or more inputs, got 0/],
  ['an absent input that is needed', graph(['Add _ x > y']), /its input 0 is missing/],
  ['too many outputs', graph(['Relu x > y z']), /it gives one output, got 2/],
  ['a fraction', conv({ group: 1.5 }), /its attribute group must be a whole number, got (the number )?1.5/],
  ['a list for a number', conv({ group: [1] }), /its attribute group must be a whole number, got an array/],
  ['fractions in a list', conv({ dilations: [0.5, 1] }), /dilations must be a list of whole numbers/],
  [
    'a number for a text',
    conv({ auto_pad: 3 }),
    /its attribute auto_pad must be a text, got (the number )?3/,
  ],
  ['an unknown word', conv({ auto_pad: 'SOME' }), /auto_pad must be NOTSET, .*, got the text "SOME"/],
  ['strides of 0', conv({ strides: [0, 0] }), /strides must be whole numbers of at least 1, got .*0/],
  ['strides of −1', conv({ strides: [1, -1] }), /strides must be whole numbers of at least 1, got -1/],
  ['dilations of 0', conv({ dilations: [0, 1] }), /dilations must be whole numbers of at least 1, got .*0/],
  ['dilations of 2^31', conv({ dilations: [1, 2 ** 31] }), /it asks for 2147483648 cells/],
  ['a window of 2^31', conv({ dilations: [1, 2 ** 30] }), /its window: it asks for 2147483649 cells/],
  ['pads of 2^31', conv({ pads: [0, 2 ** 31, 0, 0] }), /its pads: it asks for 2147483648 cells/],
  ['too few strides', conv({ strides: [1] }), /strides must hold 2 numbers, got 1/],
  ['groups of 0', conv({ group: 0 }), /group must be a whole number of at least 1, got .*0/],
  [
    'a kernel of 0',
    graph(['Conv x k > y'], { tensors: { k: ones(1, 3, 0, 0) } }),
    /kernel must be whole numbers of/,
  ],
  [
    'a pool of 0',
    graph([node('MaxPool x > y', { kernel_shape: [0, 2] })]),
    /its kernel must be whole numbers/,
  ],
  ['a pool without a kernel', graph(['MaxPool x > y']), /kernel_shape is missing/],
  [
    'a pool of four axes',
    graph([node('MaxPool x > y', { kernel_shape: [1, 1, 1, 1] })]),
    /its kernel must have 1 to 3 axes, got 4/,
  ],
  [
    'a bias of 8 for 4 channels',
    graph(['Conv x w b > y'], { tensors: { w, b: ones(8) } }),
    /one number for each of 4 filters, got shape \[8\]/,
  ],
  [
    'a bias of 9 for 1 channel',
    graph(['Conv x w b > y'], { tensors: { w: ones(1, 3, 3, 3), b: ones(9) } }),
    /each of 1 filters, got shape \[9\]/,
  ],
  [
    'BatchNormalization of unequal lengths',
    graph(['BatchNormalization x s b m v > y'], {
      tensors: { s: ones(3), b: ones(3), m: ones(1), v: ones(3) },
    }),
    /one number for each of 3 channels, got the shape \[1\]/,
  ],
];

for (const [way, read] of Object.entries(ways)) {
  for (const [name, data, says] of unfit) {
    test(`${way}: ${name}`, () => {
      let message = '';
      try {
        read(data);
      } catch (error) {
        assert.instance(error, InputError);
        message = (error as Error).message;
      }
      assert.match(message, says);
      assert.not.match(message, /\n/);
    });
  }
}

test('an operator set is a whole number that there may be', () => {
  const data = graph(['Relu x > y']);
  for (const opset of ['new', 1.5, -3, 0, 1e9, 2 ** 63, null, [[]], {}]) {
    const json = JSON.stringify({ ...JSON.parse(serializeModel(data).json), source: { opset } });
    if (opset === null) parseModelData(json);
    else assert.throws(() => parseModelData(json), /operator set/, String(opset));
  }
  for (const opset of [-3, 1e9]) {
    assert.throws(() => importOnnx(exportOnnx({ ...data, source: { opset } })), /operator set/);
  }
});

test('nodes are put into an order in which they can run, from both formats', async () => {
  const data = graph(['Relu b > y', 'Abs a > b', 'Neg x > a']);
  for (const [way, read] of Object.entries(ways)) {
    const nodes =
      way === 'no file' ? (read(data) as { data: ModelData }).data.nodes : (read(data) as ModelData).nodes;
    assert.equal(nodes.map(({ op }) => op).join(), 'Neg,Abs,Relu', way);
  }
  assert.is(createModel(data).data.nodes.length, 3);
});

test('absent inputs at the end, and operators that jetgrad lacks, are left as they are', () => {
  const data = graph([node('Conv x w _ _ > c'), node('Other c > d e f', { pads: [0.5] }), 'Relu d > y'], {
    tensors: { w },
  });
  assert.is(parseModelData(serializeModel(data).json).nodes.length, 3);
});

test('a node of many inputs that are made later takes no more than one look at each', () => {
  const names = Array.from({ length: 30_000 }, (_, i) => `b${i}`);
  const data = graph([
    { name: 'sum', op: 'Sum', inputs: names, outputs: ['y'], attributes: {} },
    ...names.map((name) => ({ name, op: 'Relu', inputs: ['x'], outputs: [name], attributes: {} })),
  ]);
  assert.is(parseModelData(serializeModel(data).json).nodes.at(-1)?.name, 'sum');
});

/** Graphs whose fault shows only with an image: both backends refuse them alike. */
const late: readonly (readonly [name: string, data: ModelData, shape: readonly number[], says: RegExp])[] = [
  [
    'BatchNormalization of 3 for a symbolic channel axis that is 1',
    graph(['BatchNormalization x s b m v > y'], {
      inputs: { x: [2, 'c', 4, 5] },
      tensors: { s: ones(3), b: ones(3), m: ones(3), v: ones(3) },
    }),
    [2, 1, 4, 5],
    /each of 1 channels, got the shape \[3\]/,
  ],
  [
    'a bias that is computed',
    graph(['Conv x w b > y'], { tensors: { w }, inputs: { x: [1, 3, 8, 8], b: ['n'] } }),
    [1, 3, 8, 8],
    /each of 4 filters, got shape \[5\]/,
  ],
  [
    'a Gemm with a C that is larger than the product',
    graph(['Gemm x k c > y'], { inputs: { x: [1, 3] }, tensors: { k: ones(3, 4), c: ones(5, 4) } }),
    [1, 3],
    /its C of shape \[5, 4\] does not spread to \[1, 4\]/,
  ],
  [
    'scales that are not finite',
    graph([node('Resize x _ s > y', { mode: 'linear' })], {
      tensors: { s: floats([4], [1, 1, 1, Number.NaN]) },
    }),
    [1, 3, 8, 8],
    /scales and sizes must be at least 0 and finite, got NaN/,
  ],
  [
    'too few sizes',
    graph(['Resize x _ _ s > y'], { tensors: { s: integers([8, 8]) } }),
    [1, 3, 8, 8],
    /must be 4 numbers, one for each axis, got 2/,
  ],
  [
    'a Constant without values',
    graph([node('Constant > c'), 'Add x c > y']),
    [1, 3, 8, 8],
    /its value is missing or not numeric/,
  ],
];

for (const [name, data, shape, says] of late) {
  test(`both backends refuse ${name}`, async () => {
    for (const engine of engines) {
      await onEngine(engine, async () => {
        let message = '';
        try {
          const model = createModel(data);
          const inputs = data.inputs.length > 1 ? { x: full(shape, 1), b: full([5], 1) } : full(shape, 1);
          await model.run(inputs);
        } catch (error) {
          assert.instance(error, InputError);
          message = (error as Error).message;
        }
        assert.match(message, says, engine.name);
        assert.match(message, /^Cannot run \w+ "/, engine.name);
      });
    }
  });
}

test('a name in a message is no longer than a line', () => {
  const data = graph([{ ...node('Conv x > y'), name: 'n'.repeat(1e6) }]);
  try {
    createModel(data);
    assert.unreachable();
  } catch (error) {
    assert.ok((error as Error).message.length < 300);
  }
});

test.run();
