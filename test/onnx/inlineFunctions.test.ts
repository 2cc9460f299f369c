import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { moreOperators } from '../../src/layers/more.ts';
import { createModel } from '../../src/model/model.ts';
import {
  type FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
} from '../../src/onnx/generated/onnx_pb.ts';
import { importOnnx } from '../../src/onnx/index.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { limits } from '../../src/tensor/limits.ts';
import { tensor, toNested } from '../../src/tensor/tensor.ts';

const test = suite('functions of a model');

type Node = MessageInitShape<typeof NodeProtoSchema>;
type Fn = MessageInitShape<typeof FunctionProtoSchema>;

const own = [{ domain: '', version: 17n }];
const typeOf = { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 3n }] } } };

function modelOf(
  node: Node[],
  functions: Fn[],
  opsetImport = [...own, { domain: 'my', version: 1n }],
): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport,
      functions: functions.map((fn) => ({ domain: 'my', opsetImport: own, ...fn })),
      graph: { name: 'g', node, input: [{ name: 'x', type: typeOf }], output: [{ name: 'y', type: typeOf }] },
    }),
  );
}

const call = (opType: string, input: string[], output: string[], rest: Node = {}): Node => ({
  ...{ opType, input, output, domain: 'my' },
  ...rest,
});
const plain = (opType: string, input: string[], output: string[], rest: Node = {}): Node =>
  call(opType, input, output, { domain: '', ...rest });
const real = (name: string, f: number) => ({ name, f, type: 1 });

async function run(bytes: Uint8Array): Promise<unknown> {
  return toNested((await createModel(importOnnx(bytes)).run(tensor([-1, 0, 2]))).y);
}

const refused = (bytes: Uint8Array, message: RegExp) =>
  assert.throws(
    () => importOnnx(bytes),
    (error: unknown) => error instanceof InputError && message.test(error.message),
  );

/** Leaky: x for x > 0, else alpha x, by LeakyRelu whose alpha is that of the call, 0.5 unless given. */
const leaky: Fn = {
  name: 'Leaky',
  input: ['a'],
  output: ['b'],
  attributeProto: [real('slope', 0.5)],
  node: [plain('LeakyRelu', ['a'], ['b'], { attribute: [{ name: 'alpha', refAttrName: 'slope', type: 1 }] })],
};

test('a call is its body; an attribute that is not given has its default', async () => {
  assert.equal(await run(modelOf([call('Leaky', ['x'], ['y'])], [leaky])), [-0.5, 0, 2]);
  const given = call('Leaky', ['x'], ['y'], { attribute: [real('slope', 0.25)] });
  assert.equal(await run(modelOf([given], [leaky])), [-0.25, 0, 2]);
});

test('an attribute without default that the call leaves out is left out', async () => {
  const bare = { ...leaky, attribute: ['slope'], attributeProto: [] };
  const { nodes } = importOnnx(modelOf([call('Leaky', ['x'], ['y'])], [bare]));
  assert.equal(nodes[0].attributes, {});
});

test('names inside do not meet those outside, nor those of another call', async () => {
  const twice: Fn = {
    name: 'Twice',
    input: ['x'],
    output: ['out'],
    node: [plain('Add', ['x', 'x'], ['y']), plain('Neg', ['y'], ['out'])],
  };
  const nodes = [
    call('Twice', ['x'], ['h'], { name: 'a' }),
    call('Twice', ['h'], ['a/y'], { name: 'b' }),
    plain('Identity', ['a/y'], ['y']),
  ];
  const bytes = modelOf(nodes, [twice]);
  assert.equal(await run(bytes), [-4, 0, 8]);
  assert.equal(
    importOnnx(bytes).nodes.map(({ name, outputs }) => [name, ...outputs]),
    [
      ['a/Add', 'a/y_2'],
      ['a/Neg', 'h'],
      ['b/Add', 'b/y'],
      ['b/Neg', 'a/y'],
      ['Identity_4', 'y'],
    ],
  );
});

test('functions call one another; attributes are handed on', async () => {
  const outer: Fn = {
    name: 'Outer',
    input: ['a'],
    output: ['c'],
    attribute: ['s'],
    node: [
      call('Leaky', ['a'], ['b'], { attribute: [{ name: 'slope', refAttrName: 's', type: 1 }] }),
      call('Leaky', ['b'], ['c']),
    ],
  };
  const node = call('Outer', ['x'], ['y'], { attribute: [real('s', 0.25)] });
  assert.equal(await run(modelOf([node], [outer, leaky])), [-0.125, 0, 2]);
});

test('inputs that are left out, outputs that are inputs, and outputs that nobody wants', async () => {
  const clip: Fn = {
    name: 'Clipped',
    input: ['a', 'low', 'high'],
    output: ['a', 'b'],
    node: [plain('Clip', ['a', 'low', 'high'], ['b'])],
  };
  assert.equal(await run(modelOf([call('Clipped', ['x'], ['y'])], [clip])), [-1, 0, 2]);
  const zero = plain('Constant', [], ['zero'], { attribute: [{ name: 'value_float', f: 0, type: 1 }] });
  const second = call('Clipped', ['x', 'zero'], ['', 'y']);
  assert.equal(await run(modelOf([zero, second], [clip])), [0, 0, 2]);
});

test('graphs inside of a body read what the body has, not what the model has under the same name', async () => {
  const branch = (name: string, node: Node[], output: string) => ({
    name,
    type: 5,
    g: toBinary(GraphProtoSchema, create(GraphProtoSchema, { name, node, output: [{ name: output }] })),
  });
  const leakyBySlope = plain('LeakyRelu', ['n'], ['t'], {
    attribute: [{ name: 'alpha', refAttrName: 's', type: 1 }],
  });
  const then = [leakyBySlope, plain('Add', ['t', 'a'], ['u']), call('Leaky', ['u'], ['v'])];
  const choosing: Fn = {
    name: 'Choosing',
    input: ['c', 'a'],
    output: ['b'],
    attribute: ['s'],
    node: [
      plain('Neg', ['a'], ['n']),
      plain('If', ['c'], ['b'], {
        attribute: [branch('then_branch', then, 'v'), branch('else_branch', [], 'n')],
      }),
    ],
  };
  const whole = (name: string, i: bigint) => ({ name, i, type: 2 });
  const bytes = modelOf(
    [
      plain('Constant', [], ['number'], { attribute: [whole('value_int', 1n)] }),
      plain('Cast', ['number'], ['yes'], { attribute: [whole('to', 9n)] }),
      plain('Add', ['x', 'x'], ['a']),
      plain('Abs', ['x'], ['n']),
      plain('Mul', ['a', 'n'], ['other']),
      call('Choosing', ['yes', 'x'], ['chosen'], { attribute: [real('s', 0.25)] }),
      plain('Sum', ['chosen', 'other'], ['y']),
    ],
    [choosing, leaky],
  );
  // −x is [1, 0, −2], leaky by a quarter [1, 0, −0.5]; with x [0, 0, 1.5]; leaky by a half the same; plus 2x|x|.
  const model = createModel(importOnnx(bytes), { operators: moreOperators });
  assert.equal(toNested((await model.run(tensor([-1, 0, 2]))).y), [-2, 0, 9.5]);
});

test('the operator set of ONNX may stand with the functions alone; overloads are told apart', async () => {
  const other = { ...leaky, overload: 'steep', attributeProto: [real('slope', 3)] };
  const bytes = modelOf(
    [call('Leaky', ['x'], ['y'], { overload: 'steep' })],
    [leaky, other],
    [{ domain: 'my', version: 1n }],
  );
  assert.is(importOnnx(bytes).source.opset, 17);
  assert.equal(await run(bytes), [-3, 0, 2]);
});

test('what never ends is refused by name, and so are more nodes than a network may have', () => {
  const ping: Fn = { name: 'Ping', input: ['a'], output: ['b'], node: [call('Pong', ['a'], ['b'])] };
  const pong: Fn = { name: 'Pong', input: ['a'], output: ['b'], node: [call('Ping', ['a'], ['b'])] };
  refused(
    modelOf([call('Ping', ['x'], ['y'])], [ping, pong]),
    /its function my\.Ping calls itself, which never ends/,
  );
  const deep = Array.from({ length: 30 }, (_, i): Fn => {
    const inner = (a: string, b: string) => (i === 0 ? plain('Neg', [a], [b]) : call(`F${i - 1}`, [a], [b]));
    return { name: `F${i}`, input: ['a'], output: ['c'], node: [inner('a', 'b'), inner('b', 'c')] };
  });
  refused(
    modelOf([call('F29', ['x'], ['y'])], deep),
    new RegExp(`nodes, and what a network makes of its own functions may have ${limits.inlined.value}`),
  );
});

test('a call with more inputs than its function takes is refused', () => {
  refused(
    modelOf([call('Leaky', ['x', 'x'], ['y'])], [leaky]),
    /my\.Leaky has 2 inputs and 1 outputs, its function takes 1 and gives 1/,
  );
});

test.run();
