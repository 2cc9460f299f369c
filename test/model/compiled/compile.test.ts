import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../../src/model/compiled/compile.ts';
import { createWeightStore } from '../../../src/model/compiled/lower/weights.ts';
import { createGraph, nodesFor } from '../../../src/model/graph/graph.ts';
import { createModel } from '../../../src/model/model.ts';
import { prepareProgram } from '../../../src/model/run/program.ts';
import { createDevice } from '../../../src/tensor/kernels/wasm/device.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { contiguous, fromData, type Tensor, zeros } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { close, same } from '../../support/check.ts';
import { floats, integers, makeModel, type Parts, parseNode } from '../../support/makeModel.ts';

const test = suite('compile');
const random = createRandom(8);
const [reference, , two] = engines;

const normals = (shape: readonly number[]) =>
  floats(
    shape,
    Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );
const input = (...shape: number[]): Tensor =>
  fromData(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );

/** The names of nodes that are left to the host. */
function leftToHost(parts: Parts, shape: readonly number[]): string[] {
  const program = prepareProgram(makeModel(parts), 'float32');
  const nodes = nodesFor(
    createGraph(program.graph.data),
    parts.outputs,
    new Set(['x', ...program.constants.keys()]),
  );
  const weights = createWeightStore(createDevice());
  const given = new Map([['x', { shape, type: 'float32' as const }]]);
  return compile({ program, nodes, given, targets: parts.outputs, weights }).left.map(({ op }) => op);
}

/** Outputs on the device and of the reference in float64, which agree; what is not finite agrees exactly. */
async function agree(parts: Parts, x: Tensor): Promise<Record<string, Tensor>> {
  const model = createModel(makeModel(parts));
  const got = await onEngine(two, () => model.run(x));
  const wanted = await onEngine(reference, () => model.run(x, { precision: 'float64' }));
  for (const name of parts.outputs) {
    close(got[name], wanted[name], { relative: 1e-5 }, name);
    const wild = (values: Tensor) => Array.from(contiguous(values).data, (v) => (Number.isFinite(v) ? 0 : v));
    same(wild(got[name]), wild(wanted[name]), `what is not finite in ${name}`);
  }
  return got;
}

const parts = (nodes: Parts['nodes'], more: Partial<Parts> = {}): Parts => ({
  inputs: { x: ['N', 'C', 'H', 'W'] },
  outputs: ['z'],
  nodes,
  ...more,
});

test('what is not finite stays where it is', async () => {
  const odd = {
    w: normals([5, 3, 3, 3]),
    v: normals([7, 5, 1, 1]),
    u: normals([2, 7, 2, 2]),
    d: normals([7, 1, 3, 3]),
  };
  const chain = parts(
    [
      parseNode('Conv x w > a', { pads: [1, 1, 1, 1] }),
      'Relu a > b',
      'Conv b v > c',
      parseNode('Clip c > e', { min: -1, max: 2 }),
      parseNode('Conv e d > f', { pads: [1, 1, 1, 1], group: 7 }),
      parseNode('MaxPool f > g', { kernel_shape: [2, 2], strides: [2, 2] }),
      parseNode('Conv g u > h', { strides: [2, 1] }),
      'Relu h > z',
    ],
    { tensors: odd, outputs: ['a', 'b', 'c', 'e', 'f', 'g', 'z'] },
  );
  assert.equal(leftToHost(chain, [1, 3, 9, 9]), []);
  for (const value of [Infinity, -Infinity, Number.NaN]) {
    const x = input(2, 3, 9, 9);
    x.data[3 * 81 + 40] = value;
    const got = await agree(chain, x);
    const size = got.a.data.length / 2;
    assert.ok(got.a.data.slice(0, size).every(Number.isFinite), 'the other image');
    const broken = got.a.data.slice(size).filter((v) => !Number.isFinite(v)).length;
    assert.is(broken, 5 * 9, 'nine pixels of five channels');
  }
});

test('a NaN is no number after any operator', async () => {
  const all = parts(
    [
      'Relu x > a',
      parseNode('Clip x > b', { min: -1, max: 1 }),
      parseNode('LeakyRelu x > c', { alpha: 0.1 }),
      'HardSigmoid x > d',
      'HardSwish x > e',
      parseNode('MaxPool x > f', { kernel_shape: [1, 1] }),
      'GlobalMaxPool x > g',
      'GlobalAveragePool x > h',
      'Add x x > i',
      'Mul x x > j',
      parseNode('Flatten x > k', {}),
      'Gemm k w > l',
    ],
    { outputs: [...'abcdefghijl'], tensors: { w: normals([24, 3]) } },
  );
  assert.equal(leftToHost(all, [1, 6, 2, 2]), []);
  const x = input(1, 6, 2, 2);
  x.data[5] = Number.NaN;
  const got = await agree(all, x);
  for (const name of [...'abcdefij']) assert.ok(Number.isNaN(got[name].data[5]), name);
  for (const name of ['g', 'h']) assert.ok(Number.isNaN(got[name].data[1]), name);
  assert.ok(got.l.data.every(Number.isNaN));
});

test('windows that hold no pixel: the largest is −∞, the mean is no number', async () => {
  for (const attributes of [
    { kernel_shape: [2, 2], pads: [3, 0, 0, 0] },
    { kernel_shape: [2, 2], pads: [0, 0, 0, 3] },
    { kernel_shape: [2, 2], pads: [1, 1, 1, 1], dilations: [2, 3] },
  ]) {
    const { dilations: _, ...mean } = attributes as {
      dilations?: number[];
      kernel_shape: number[];
      pads: number[];
    };
    await agree(parts([parseNode('MaxPool x > z', attributes)]), input(2, 5, 3, 2));
    await agree(parts([parseNode('AveragePool x > z', mean)]), input(2, 5, 3, 2));
  }
});

test('sums and bounds keep the sign of what is smaller than any number', async () => {
  const x = fromData(Float32Array.of(-0, 0, 1e-45, -1e-45, 1e-38, -1e-38), [1, 6, 1, 1]);
  const all = parts(['Add x x > z', parseNode('LeakyRelu x > y', { alpha: 0.5 })], { outputs: ['y', 'z'] });
  const model = createModel(makeModel(all));
  const got = await onEngine(two, () => model.run(x));
  const wanted = await onEngine(reference, () => model.run(x));
  same(got.z, wanted.z, 'Add');
  same(got.y, wanted.y, 'LeakyRelu');
});

test('windows over one and three axes are the reference’s; entries of tensors of any rank are not', async () => {
  const line = parts([parseNode('Conv x w b > a', { pads: [1, 1] }), 'Relu a > z'], {
    inputs: { x: ['N', 4, 'L'] },
    tensors: { w: normals([6, 4, 3]), b: normals([6]) },
  });
  assert.equal(leftToHost(line, [2, 4, 9]), ['Conv']);
  await agree(line, input(2, 4, 9));
  const solid = parts([parseNode('Conv x w > a', { pads: [1, 1, 1, 1, 1, 1] }), 'GlobalAveragePool a > z'], {
    inputs: { x: ['N', 2, 'D', 'H', 'W'] },
    tensors: { w: normals([3, 2, 3, 3, 3]) },
  });
  assert.equal(leftToHost(solid, [1, 2, 4, 4, 4]), ['Conv', 'GlobalAveragePool']);
  await agree(solid, input(2, 2, 4, 4, 4));
  const vector = parts(['Relu x > a', 'Add a a > z'], { inputs: { x: ['N'] } });
  assert.equal(leftToHost(vector, [5]), []);
  await agree(vector, input(5));
  const squeezed = parts(
    ['Relu x > a', 'Squeeze a axes > b', 'Relu b > c', 'Unsqueeze c axes > d', 'Relu d > z'],
    {
      tensors: { axes: integers([2]) },
    },
  );
  assert.equal(leftToHost(squeezed, [2, 3, 1, 4]), []);
  await agree(squeezed, input(2, 3, 1, 4));
});

test('no image at all gives nothing', async () => {
  const empty = parts(
    [
      parseNode('Conv x w > a', { pads: [1, 1, 1, 1] }),
      'Relu a > b',
      'GlobalAveragePool b > c',
      'Flatten c > d',
      'Gemm d v > z',
    ],
    { tensors: { w: normals([5, 3, 3, 3]), v: normals([5, 2]) } },
  );
  const model = createModel(makeModel(empty));
  const { z } = await onEngine(two, () => model.run(zeros([0, 3, 6, 6], 'float32')));
  assert.equal(z.shape, [0, 2]);
  await agree(empty, input(1, 3, 6, 6));
});

test('operands of all forms', async () => {
  const forms: [string, Parts, number[]][] = [
    ['a row beside a map', parts(['Add x r > z'], { tensors: { r: normals([1, 1, 1, 4]) } }), [1, 5, 3, 4]],
    ['a map beside an image', parts(['Mul x m > z'], { tensors: { m: normals([3, 4]) } }), [2, 5, 3, 4]],
    ['one image for all', parts(['Mul x m > z'], { tensors: { m: normals([1, 5, 3, 4]) } }), [2, 5, 3, 4]],
    ['a larger result', parts(['Add x r > z'], { tensors: { r: normals([1, 5, 1, 1]) } }), [2, 1, 3, 4]],
    ['a mean of rows', parts([parseNode('ReduceMean x > z', { axes: [3] })]), [2, 5, 3, 4]],
    ['channels joined in the middle', parts([parseNode('Concat x x > z', { axis: 1 })]), [2, 5, 3, 4]],
    ['rows joined', parts([parseNode('Concat x x > z', { axis: 2 })]), [2, 4, 3, 4]],
    ['axes that move', parts([parseNode('Transpose x > z', { perm: [0, 2, 3, 1] })]), [2, 5, 3, 4]],
    [
      'images counted among channels',
      parts(['Reshape x s > z'], { tensors: { s: integers([1, -1]) } }),
      [2, 5, 3, 4],
    ],
  ];
  for (const [name, each, shape] of forms) {
    assert.equal(leftToHost(each, shape), [], name);
    await agree(each, input(...shape));
  }
});

test('operands that do not fit the device’s patterns are the reference’s', async () => {
  const left: [string, Parts, number[], string[]][] = [
    [
      'two groups of odd width',
      parts([parseNode('Conv x w > z', { group: 2 })], { tensors: { w: normals([6, 3, 1, 1]) } }),
      [1, 6, 3, 4],
      ['Conv'],
    ],
    [
      'a scaled product',
      parts(['Flatten x > f', parseNode('Gemm f w > z', { alpha: 0.5 })], {
        tensors: { w: normals([12, 3]) },
      }),
      [2, 3, 2, 2],
      ['Gemm'],
    ],
    [
      'a bias for each image',
      parts(['Flatten x > f', 'Gemm f w b > z'], { tensors: { w: normals([12, 3]), b: normals([2, 1]) } }),
      [2, 3, 2, 2],
      ['Gemm'],
    ],
    [
      'indices wanted',
      parts([parseNode('MaxPool x > z i', { kernel_shape: [2, 2] })]),
      [2, 5, 3, 4],
      ['MaxPool'],
    ],
  ];
  for (const [name, each, shape, wanted] of left) {
    assert.equal(leftToHost(each, shape), wanted, name);
    await agree(each, input(...shape));
  }
});

test('the host’s results go back to the device, and the device’s to the host, as often as the graph has it', async () => {
  const mixed = parts(
    [
      'Sin x > a',
      parseNode('Conv a w > b', { pads: [1, 1, 1, 1] }),
      'Sin b > c',
      'Add b c > d',
      'Sub d c > e',
      'Mul e d > f',
      'Softplus f > g',
      'Concat g f > h',
      'Relu h > z',
    ].map((line) =>
      typeof line === 'string' && line.startsWith('Concat') ? parseNode(line, { axis: 1 }) : line,
    ),
    { tensors: { w: normals([8, 3, 3, 3]) }, outputs: ['b', 'f', 'z'] },
  );
  assert.equal(leftToHost(mixed, [2, 3, 5, 4]), ['Sin', 'Sin', 'Softplus']);
  await agree(mixed, input(2, 3, 5, 4));
});

test.run();
