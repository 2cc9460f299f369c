import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { originOf, pullback, record, type TapeNode } from '../../../src/autodiff/tape.ts';
import { pullbackAsync } from '../../../src/model/evaluateAsync.ts';
import type { GraphNode, ModelData } from '../../../src/model/format.ts';
import { imageAt } from '../../../src/model/inputGradients.ts';
import { createModel } from '../../../src/model/model.ts';
import { evaluate, type Program, prepareProgram, type Value } from '../../../src/model/program.ts';
import { importOnnx } from '../../../src/onnx/index.ts';
import { createRandom, type Random } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { type Engine, onEngine } from '../../support/backends.ts';
import { close, same, withData } from '../../support/check.ts';
import { floats, integers, makeModel, parseNode } from '../../support/makeModel.ts';

const test = suite('compiled way back');

const oneThread: Engine = { name: 'wasm, 1 thread', backend: 'wasm', threads: 1 };
const twoThreads: Engine = { name: 'wasm, 2 threads', backend: 'wasm', threads: 2 };
const reference: Engine = { name: 'reference', backend: 'reference', threads: 1 };

type Shape = readonly number[];

const normal = (random: Random, shape: Shape) =>
  fromData(
    new Float32Array(sizeOf(shape)).map(() => random.normal()),
    shape,
  );
const weights = (random: Random, shape: Shape) =>
  floats(
    shape,
    Array.from({ length: sizeOf(shape) }, () => random.normal() / Math.sqrt(sizeOf(shape) / shape[0])),
  );

interface Case {
  readonly name: string;
  /** Of three images. */
  readonly shape: Shape;
  readonly nodes: readonly (string | GraphNode)[];
  readonly weights?: Readonly<Record<string, Shape>>;
  readonly tensors?: Parameters<typeof makeModel>[0]['tensors'];
  readonly targets?: readonly string[];
  /** Inputs are halves, so that windows have ties. */
  readonly ties?: boolean;
}

const conv = (line: string, attributes: GraphNode['attributes'] = {}) => parseNode(line, attributes);
const normalization = (channels: number) => ({
  s: [channels],
  b: [channels],
  m: [channels],
});

const cases: Case[] = [
  {
    name: 'Conv: small, odd, asymmetric pads, bias',
    shape: [3, 3, 7, 9],
    nodes: [conv('Conv x w b > y', { pads: [0, 1, 2, 1] }), 'Relu y > a'],
    weights: { w: [5, 3, 3, 3], b: [5] },
  },
  {
    name: 'Conv: by transforms, odd sizes',
    shape: [3, 16, 11, 13],
    nodes: [conv('Conv x w > y', { pads: [1, 0, 1, 2] }), 'Relu y > a'],
    weights: { w: [20, 16, 3, 3] },
  },
  {
    name: 'Conv: strides, dilations, a remainder that no window reaches',
    shape: [3, 4, 12, 15],
    nodes: [
      conv('Conv x w > a', { strides: [3, 2], dilations: [2, 1], pads: [1, 2, 0, 1], kernel_shape: [2, 4] }),
    ],
    weights: { w: [6, 4, 2, 4] },
  },
  {
    name: 'Conv: stride 2 and SAME',
    shape: [3, 4, 9, 8],
    nodes: [conv('Conv x w > a', { strides: [2, 2], auto_pad: 'SAME_LOWER' })],
    weights: { w: [6, 4, 3, 3] },
  },
  {
    name: 'Conv: pads beyond the kernel',
    shape: [3, 4, 5, 6],
    nodes: [conv('Conv x w > a', { pads: [3, 4, 3, 3] })],
    weights: { w: [4, 4, 3, 2] },
  },
  {
    name: 'Conv: 1 × 1 of stride 2',
    shape: [3, 6, 7, 8],
    nodes: [conv('Conv x w > a', { strides: [2, 2] })],
    weights: { w: [8, 6, 1, 1] },
  },
  {
    name: 'Conv: groups',
    shape: [3, 8, 6, 7],
    nodes: [conv('Conv x w > a', { group: 2, pads: [1, 1, 1, 1] })],
    weights: { w: [16, 4, 3, 3] },
  },
  {
    name: 'Conv: depthwise, strided, with bounds',
    shape: [3, 6, 9, 10],
    nodes: [
      conv('Conv x w > y', { group: 6, strides: [2, 2], pads: [0, 0, 1, 1] }),
      parseNode('Clip y > a', { min: -0.5, max: 0.75 }),
    ],
    weights: { w: [6, 1, 3, 3] },
  },
  {
    name: 'BatchNormalization: behind a Conv, alone, and where the Conv is read twice',
    shape: [3, 5, 6, 6],
    nodes: [
      'BatchNormalization x s b m v > n',
      'Conv n w > y',
      'BatchNormalization y s b m v > p',
      'Relu p > r',
      'Conv r w > q',
      'BatchNormalization q s b m v > o',
      'Add o q > a',
    ],
    weights: { w: [5, 5, 1, 1], ...normalization(5) },
    tensors: { v: floats([5], [0.5, 1, 2, 0.1, 1]) },
  },
  {
    name: 'LeakyRelu, HardSigmoid, HardSwish',
    shape: [3, 6, 5, 5],
    nodes: [
      'Conv x w > y',
      parseNode('LeakyRelu y > l', { alpha: 0.3 }),
      'Conv l w > c',
      'HardSwish c > h',
      'Conv h w > d',
      parseNode('HardSigmoid d > a', { alpha: 0.4, beta: 0.3 }),
    ],
    weights: { w: [6, 6, 1, 1] },
  },
  ...[
    { kernel_shape: [2, 2], strides: [2, 2] },
    { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 1, 1] },
    { kernel_shape: [3, 2], strides: [1, 1], pads: [1, 1, 1, 0] },
    { kernel_shape: [2, 3], strides: [2, 3], dilations: [2, 1], ceil_mode: 1 },
    { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
  ].flatMap((attributes): Case[] => [
    {
      name: `MaxPool with ties ${JSON.stringify(attributes)}`,
      shape: [3, 5, 9, 10],
      nodes: [parseNode('MaxPool x > a', attributes)],
      ties: true,
    },
    ...('dilations' in attributes
      ? []
      : [
          {
            name: `AveragePool ${JSON.stringify(attributes)}`,
            shape: [3, 5, 9, 10],
            nodes: [parseNode('AveragePool x > a', attributes)],
          },
        ]),
  ]),
  {
    name: 'AveragePool that counts its pads',
    shape: [3, 5, 8, 7],
    nodes: [
      parseNode('AveragePool x > a', {
        kernel_shape: [3, 3],
        strides: [2, 1],
        pads: [1, 1, 1, 1],
        count_include_pad: 1,
      }),
    ],
  },
  {
    name: 'squeeze and excite: a tensor times one number a channel made of it',
    shape: [3, 6, 5, 7],
    nodes: [
      'GlobalAveragePool x > p',
      'Conv p w > q',
      'HardSigmoid q > g',
      'Mul x g > y',
      'GlobalMaxPool y > t',
      'Mul t y > u',
      'Mul u u > a',
    ],
    weights: { w: [6, 6, 1, 1] },
  },
  {
    name: 'Add and Mul of constants and of tensors, one tensor read three times',
    shape: [3, 4, 5, 5],
    nodes: ['Mul x k > y', 'Conv y w > c', 'Relu c > r', 'Add r y > s', 'Add s k > t', 'Mul t y > a'],
    weights: { w: [4, 4, 1, 1], k: [4, 1, 1] },
  },
  {
    name: 'one cotangent added to those of two tensors, and twice to that of one',
    shape: [3, 4, 5, 5],
    nodes: [
      'Conv x w > c',
      'Conv x v > d',
      'Add c c > e',
      'Add c d > s',
      'Mul c d > m',
      'Mul s m > n',
      'Add n e > a',
    ],
    weights: { w: [4, 4, 1, 1], v: [4, 4, 1, 1] },
  },
  {
    name: 'Concat, Identity, Dropout, and a target before the other',
    shape: [3, 4, 6, 6],
    nodes: [
      'Conv x w > y',
      'Relu y > r',
      parseNode('Concat r x y > c', { axis: 1 }),
      'Identity c > i',
      'Dropout i > d',
      conv('Conv d v > a', { pads: [1, 1, 1, 1] }),
    ],
    weights: { w: [8, 4, 1, 1], v: [5, 20, 3, 3] },
    targets: ['a', 'r'],
  },
  {
    name: 'a skip of every second pixel, with channels of zeros around',
    shape: [3, 4, 7, 8],
    nodes: ['Slice x from to axes steps > y', 'Pad y pads > z', 'Add z z > a'],
    tensors: {
      from: integers([0, 0]),
      to: integers([1000, 1000]),
      axes: integers([2, -1]),
      steps: integers([2, 2]),
      pads: integers([0, 4, 0, 0, 0, 8, 0, 0]),
    },
  },
];

function programOf({ shape, nodes, weights: shapes = {}, tensors = {} }: Case): Program {
  const random = createRandom(5);
  const drawn = Object.entries(shapes).map(([name, each]) => [name, weights(random, each)] as const);
  const data = makeModel({
    inputs: { x: ['N', ...shape.slice(1)] },
    outputs: ['a'],
    nodes,
    tensors: { ...Object.fromEntries(drawn), ...tensors },
  });
  return prepareProgram(data, 'float32');
}

const given = (x: Tensor) => new Map<string, Value>([['x', { tensor: x, type: 'float32' }]]);

/** By the recorded trunk, on the reference kernels. */
function recorded(program: Program, x: Tensor, cotangents: ReadonlyMap<string, Tensor>): Tensor {
  let outputs: Tensor[] = [];
  const names = [...cotangents.keys()];
  const { tape } = record(
    ([root]) => {
      const values = evaluate(program, given(root), names);
      outputs = names.map((name) => (values.get(name) as Value).tensor);
      return outputs[0];
    },
    [x],
  );
  const seeds = new Map(
    names.map((name, i) => [originOf(outputs[i]) as TapeNode, cotangents.get(name) as Tensor]),
  );
  return pullback(tape, seeds, tape.roots)[0] as Tensor;
}

function compiled(program: Program, x: Tensor, cotangents: ReadonlyMap<string, Tensor>, engine = oneThread) {
  const targets = [...cotangents.keys()];
  const sets = [targets.map((name) => cotangents.get(name) as Tensor)];
  const task = { given: given(x), source: 'x', targets, cotangentsAt: () => sets };
  return onEngine(engine, () => pullbackAsync(program, task, { threads: engine.threads }));
}

function drawn(one: Case): { program: Program; x: Tensor; cotangents: Map<string, Tensor> } {
  const random = createRandom(11);
  const program = programOf(one);
  const plain = normal(random, one.shape);
  const x = one.ties
    ? fromData(
        Float32Array.from(plain.data, (value) => Math.round(value)),
        one.shape,
      )
    : plain;
  const targets = one.targets ?? ['a'];
  const values = evaluate(program, given(x), targets);
  const cotangents = new Map(
    targets.map((name) => [name, normal(random, (values.get(name) as Value).tensor.shape)]),
  );
  return { program, x, cotangents };
}

for (const one of cases) {
  test(`${one.name}: as recorded; threads, batch and place leave the bits`, async () => {
    const { program, x, cotangents } = drawn(one);
    const wanted = await onEngine(reference, () => recorded(programOf(one), x, cotangents));
    const gradients = await compiled(program, x, cotangents);
    assert.ok(gradients !== undefined, 'has a way back');
    close(gradients[0], wanted, { relative: 1e-5 }, one.name);
    const threaded = await compiled(program, x, cotangents, twoThreads);
    same(threaded?.[0] ?? [], gradients[0], 'two threads');
    for (let s = 0; s < x.shape[0]; s++) {
      const own = new Map([...cotangents].map(([name, g]) => [name, imageAt(g, s)]));
      const alone = await compiled(program, imageAt(x, s), own);
      same(alone?.[0] ?? [], imageAt(gradients[0], s), `image ${s} alone`);
    }
  });
}

test('NaN is not hidden by Relu, nor by a pool', async () => {
  const one: Case = {
    name: 'NaN',
    shape: [1, 4, 4, 4],
    nodes: ['Relu x > r', parseNode('MaxPool r > a', { kernel_shape: [2, 2], strides: [2, 2] })],
  };
  const { program, x, cotangents } = drawn(one);
  x.data[5] = Number.NaN;
  const [gradient] = (await compiled(program, x, cotangents)) ?? [];
  same(gradient, await onEngine(reference, () => recorded(programOf(one), x, cotangents)));
  assert.ok(gradient.data[5] !== 0);
});

test('several cotangents take one run; each is as if alone', async () => {
  const { program, x, cotangents } = drawn(cases[8]);
  const a = cotangents.get('a') as Tensor;
  const doubled = fromData(
    Float32Array.from(a.data, (value) => -2 * value),
    a.shape,
  );
  const task = { given: given(x), source: 'x', targets: ['a'], cotangentsAt: () => [[a], [doubled], [a]] };
  const gradients = await onEngine(oneThread, () => pullbackAsync(program, task));
  assert.is(gradients?.length, 3);
  const [first, second, third] = gradients ?? [];
  same(third, first, 'the first again');
  same(
    second,
    Array.from(first.data, (value) => -2 * value),
    'the second',
  );
});

/** A trunk with a head of random weights. */
function withHead(nodes: readonly string[]): ModelData {
  const random = createRandom(21);
  return makeModel({
    inputs: { x: ['N', 4, 6, 6] },
    outputs: ['z'],
    nodes: [...nodes, 'Flatten a > f', 'Gemm f h > z'],
    tensors: { w: weights(random, [4, 4, 1, 1]), h: weights(random, [144, 3]) },
  });
}

test('what has no way back on the device is recorded', async () => {
  const data = withHead(['Conv x w > y', 'Sigmoid y > a']);
  const x = normal(createRandom(1), [3, 4, 6, 6]);
  const task = { given: given(x), source: 'x', targets: ['a'], cotangentsAt: () => [] };
  const program = prepareProgram(data, 'float32');
  assert.is(await onEngine(oneThread, () => pullbackAsync(program, task)), undefined);
  const run = () => createModel(data).split('a').inputGradients(x, [2, 0]);
  const [got, wanted] = [await onEngine(oneThread, run), await onEngine(reference, run)];
  for (const i of [0, 1]) close(got.gradients[i], wanted.gradients[i], { relative: 1e-5 });
});

test('progress rises to 1, and an abort is heard', async () => {
  for (const last of ['Relu y > a', 'Sigmoid y > a']) {
    const split = createModel(withHead(['Conv x w > y', last])).split('a');
    const x = normal(createRandom(1), [2, 4, 6, 6]);
    const shares: number[] = [];
    await split.inputGradients(x, [0, 1], { onProgress: (share) => shares.push(share) });
    assert.equal(
      shares,
      [...shares].sort((a, b) => a - b),
    );
    assert.is(shares.at(-1), 1);
    const controller = new AbortController();
    const aborted = split.inputGradients(x, [0], {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await aborted.then(
      () => assert.unreachable('was not aborted'),
      (error) => assert.match(error.message, 'enough'),
    );
  }
});

for (const [file, layer] of [
  ['squeezenet1.1', undefined],
  ['tiny-vgg', undefined],
  ['resnet20-cifar10', undefined],
  ['mobilenet-v1-0.25-128', undefined],
] as const) {
  withData(
    test,
    `models/${file}.onnx`,
    `${file}: input gradients are those of the recorded trunk`,
    async (path) => {
      const data = importOnnx(readFileSync(path));
      const gradientsOn = (engine: Engine) =>
        onEngine(engine, () => {
          const model = createModel(data);
          const [, ...shape] = model.inputShape;
          return model.split(layer).inputGradients(normal(createRandom(3), [1, ...shape]), [3]);
        });
      const [got, wanted] = [await gradientsOn(twoThreads), await gradientsOn(reference)];
      close(got.gradients[0], wanted.gradients[0], { relative: 1e-5 }, file);
      same((await gradientsOn(oneThread)).gradients[0], got.gradients[0], 'one thread');
    },
  );
}

test.run();
