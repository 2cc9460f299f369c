import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  at,
  createModel,
  defineOperator,
  diagonal,
  exp,
  explain,
  mul,
  type Operator,
  setBackend,
  sin,
  type Tensor,
  tanh,
  tensor,
  UnsupportedOperationError,
} from '../../src/core.ts';
import { exportOnnx } from '../../src/onnx/exportOnnx.ts';
import { importOnnx } from '../../src/onnx/importOnnx.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { same } from '../support/check.ts';
import { floats, makeModel, parseNode } from '../support/makeModel.ts';

const test = suite('operators of one’s own');

const random = createRandom(5);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
const image = tensor(Float64Array.from(normals(48)), [1, 3, 4, 4]);

/** A small network with an activation of some operator. */
const network = (activation: string, attributes = {}) =>
  makeModel({
    inputs: { x: ['N', 3, 4, 4] },
    outputs: ['z'],
    nodes: [
      parseNode('Conv x w > a', { pads: [1, 1, 1, 1] }),
      parseNode(`${activation} a > b`, attributes),
      'GlobalAveragePool b > c',
      'Flatten c > d',
      'Gemm d v > z',
    ],
    tensors: { w: floats([4, 3, 3, 3], normals(108)), v: floats([4, 3], normals(12)) },
  });

const entrywise = {
  inputs: [1, 1],
  images: 'apart',
  steeredFrom: Number.POSITIVE_INFINITY,
  sees: 'cell',
} as const;

const scaledTanh = defineOperator({
  ...entrywise,
  attributes: { scale: 'float' },
  evaluate: ([x], { scale = 1 }) => mul(scale, tanh(x)),
});
const double = { ...entrywise, evaluate: ([x]: readonly [Tensor, ...unknown[]]) => mul(2, x) } as const;
const operators = { 'ai.custom.ScaledTanh': scaledTanh };

test('it runs, explains and has derivatives as the operator of ONNX that it is', async () => {
  // One that the reference computes on both sides.
  const data = network('Sin');
  const own = {
    ...data,
    nodes: data.nodes.map((node) => (node.op === 'Sin' ? { ...node, op: 'Own' } : node)),
  };
  const sine = defineOperator({ ...entrywise, evaluate: ([x]) => sin(x) });
  const [wanted, got] = [createModel(data), createModel(own, { operators: { Own: sine } })];
  for (const precision of ['float32', 'float64'] as const) {
    same((await got.run(image, { precision })).z, (await wanted.run(image, { precision })).z, precision);
  }
  assert.is(got.defaultLayer, wanted.defaultLayer);
  assert.equal(
    got.layers.map(({ shape }) => shape),
    wanted.layers.map(({ shape }) => shape),
  );
  for (const layer of ['a', 'b']) {
    const [a, b] = await Promise.all(
      [got, wanted].map((model) => explain(model, image, { layer, samples: 3 })),
    );
    for (const method of ['gradcam', 'gradcam++', 'smoothgradcam++', 'smoothgrad'] as const)
      same(a.maps[method].raw, b.maps[method].raw, `${method} at ${layer}`);
  }
  const head = (model: typeof got) => model.split('a').head;
  const a = await wanted.split('a', { trunkPrecision: 'float64' }).trunk(image);
  const derivatives = (model: typeof got) => diagonal((x) => exp(at(head(model)(x), 1)), a);
  same(derivatives(got).d3, derivatives(wanted).d3);
});

test('its facts count: what is said to be affine gives the form of the head', () => {
  const form = (operator: Operator) =>
    createModel(network('Own'), { operators: { Own: operator } }).split('a').headForm?.kind;
  assert.is(form(defineOperator({ ...double, affine: 'jointly' })), 'affine');
  assert.is(form(defineOperator(double)), undefined);
});

test('it is given by domain and name, and an attribute of another kind is refused', async () => {
  const bytes = exportOnnx(network('ai.custom.ScaledTanh', { scale: 0.25 }));
  const [a, b] = await Promise.all(
    [operators, { 'ai.custom::ScaledTanh': scaledTanh }].map((given) =>
      createModel(importOnnx(bytes), { operators: given }).run(image),
    ),
  );
  same(a.z, b.z);
  assert.throws(
    () => createModel(network('ai.custom.ScaledTanh', { scale: 'much' }), { operators }),
    /ScaledTanh.*its attribute scale must be a number/,
  );
});

test('an operator that is not there is refused with the way out', () => {
  assert.throws(
    () => createModel(network('ai.custom.ScaledTanh')),
    (error: UnsupportedOperationError) =>
      error instanceof UnsupportedOperationError &&
      /no rule for the operation ai\.custom\.ScaledTanh; .*code can add it by defineOperator/.test(
        error.message,
      ),
  );
});

test('a constant of another precision makes no result of that precision', async () => {
  const wide = defineOperator({ ...entrywise, evaluate: ([x]) => mul(x, tensor([2])) });
  const model = createModel(network('Own'), { operators: { Own: wide } });
  setBackend('reference');
  try {
    assert.is((await model.split('b').trunk(image)).dtype, 'float32');
  } finally {
    setBackend('wasm');
  }
  assert.is((await model.split('b').trunk(image)).dtype, 'float32');
});

test('a row that says too little is refused, naming the field and what it must say', () => {
  const { inputs, images, steeredFrom, sees } = entrywise;
  const evaluate = ([x]: readonly unknown[]) => x;
  const whole = { inputs, images, steeredFrom, sees, evaluate };
  const define = (row: object) => () => defineOperator(row as never);
  for (const field of Object.keys(whole)) {
    assert.throws(define({ ...whole, [field]: undefined }), new RegExp(`${field} must .*; got nothing`));
  }
  assert.throws(define({ ...whole, sees: 'all' }), /sees must say which cells .*; got the text "all"/);
  assert.throws(define({ ...whole, inputs: [2, 1] }), /inputs must say how many/);
  assert.throws(
    define({ ...whole, attributes: { alpha: 'number' } }),
    /attributes must give each attribute a kind/,
  );
  assert.throws(define({ ...whole, evalute: evaluate }), /no option "evalute"; did you mean "evaluate"/);
  assert.throws(
    () => createModel(network('Tanh'), { operators: { Tanh: scaledTanh } }),
    /Cannot use the operator Tanh that is given: jetgrad has it/,
  );
  assert.throws(
    () => createModel(network('Own'), { operators: { Own: {} as never } }),
    /operator Own .* inputs must/,
  );
});

test('what evaluate gives must be tensors', async () => {
  const broken = defineOperator({ ...entrywise, evaluate: () => undefined as never });
  const model = createModel(network('Own'), { operators: { Own: broken } });
  await model.run(image).then(
    () => assert.unreachable(),
    ({ message }) => assert.match(message, /Own "Own.*output 0 of evaluate: a tensor is wanted, got nothing/),
  );
});

test.run();
