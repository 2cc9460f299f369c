import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fuseNodes, type Unit } from '../../../src/model/compiled/fuse.ts';
import type { GraphNode } from '../../../src/model/data/format.ts';
import { pointwiseKinds } from '../../../src/tensor/kernels/wasm/kernels.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';
import { parseNode as parse } from '../../support/makeModel.ts';

const test = suite('fuse');

const constants = new Map<string, Tensor>([
  ['two', fromData(Float32Array.of(2), [])],
  ['six', fromData(Float32Array.of(6), [1])],
  ['many', fromData(Float32Array.of(1, 2), [2])],
  ['scale', fromData(Float32Array.of(3, 4), [2])],
  ['bias', fromData(Float32Array.of(0.5, -0.5), [2])],
  ['mean', fromData(Float32Array.of(1, 2), [2])],
  ['variance', fromData(Float32Array.of(4, 0.25), [2])],
  ['w', fromData(new Float32Array(4), [2, 2, 1, 1])],
]);

interface Options {
  readonly targets?: readonly string[];
  readonly given?: readonly string[];
  readonly alike?: (a: string, b: string) => boolean;
}

function fuse(lines: readonly (string | GraphNode)[], options: Options = {}): Unit[] {
  const nodes = lines.map((line) => (typeof line === 'string' ? parse(line) : line));
  const last = nodes[nodes.length - 1].outputs;
  const { targets = last, given = ['x'], alike = () => true } = options;
  const constant = (name: string) => constants.get(name);
  return fuseNodes({ nodes, targets: new Set(targets), constant, alike }, given);
}

/** Units as lists of operators. */
const operators = (units: readonly Unit[]) => units.map(({ nodes }) => nodes.map(({ op }) => op).join(' '));

const norm = 'scale bias mean variance';

test('a convolution takes its normalization, a sum and bounds with it', () => {
  const units = fuse(['Conv x w > a', `BatchNormalization a ${norm} > b`, 'Add b x > c', 'Relu c > d']);
  assert.equal(operators(units), ['Conv BatchNormalization Add Relu']);
  const [{ residual, bounds, scaling, output }] = units;
  assert.equal([residual, output, bounds], ['x', 'd', { low: 0, high: Infinity }]);
  close(scaling?.factors ?? [], [3 / Math.sqrt(4 + 1e-5), 4 / Math.sqrt(0.25 + 1e-5)], { relative: 1e-15 });
  const shifts = [0.5 - 3 / Math.sqrt(4 + 1e-5), -0.5 - 8 / Math.sqrt(0.25 + 1e-5)];
  close(scaling?.shifts ?? [], shifts, { relative: 1e-15 });
});

test('epsilon is the node’s own', () => {
  const [{ scaling }] = fuse(['Conv x w > a', parse(`BatchNormalization a ${norm} > b`, { epsilon: 0.75 })]);
  close(scaling?.factors ?? [], [3 / Math.sqrt(4.75), 4], { relative: 1e-15 });
});

test('bounds of Relu, of Clip by inputs, of Clip by attributes', () => {
  const boundsOf = (follower: string | GraphNode) => {
    const [{ nodes, bounds }] = fuse(['Conv x w > a', follower]);
    return nodes.length === 1 ? undefined : bounds;
  };
  assert.equal(boundsOf('Relu a > b'), { low: 0, high: Infinity });
  assert.equal(boundsOf('Clip a two six > b'), { low: 2, high: 6 });
  assert.equal(boundsOf('Clip a _ six > b'), { low: -Infinity, high: 6 });
  assert.equal(boundsOf('Clip a two > b'), { low: 2, high: Infinity });
  assert.equal(boundsOf('Clip a > b'), { low: -Infinity, high: Infinity });
  assert.equal(boundsOf(parse('Clip a > b', { min: -3, max: 3 })), { low: -3, high: 3 });
  assert.is(boundsOf('Clip a many six > b'), undefined, 'a bound that is several numbers');
  assert.is(boundsOf('Clip a x six > b'), undefined, 'a bound that is computed');
  assert.is(boundsOf('LeakyRelu a > b'), undefined);
});

test('products take an activation behind all else, and nothing behind it', () => {
  const [unit] = fuse(['Conv x w > a', `BatchNormalization a ${norm} > b`, 'Swish b > c', 'Relu c > d']);
  assert.equal(
    unit.nodes.map(({ op }) => op),
    ['Conv', 'BatchNormalization', 'Swish'],
  );
  assert.equal(unit.activation, { kind: pointwiseKinds.indexOf('silu'), alpha: 1 });
  const [turned] = fuse(['Gemm x w > a', parse('Swish a > b', { alpha: 1.5 })]);
  assert.equal(turned.activation, { kind: pointwiseKinds.indexOf('silu'), alpha: 1.5 });
  const [product] = fuse(['MatMul x w > a', 'Add a bias > b', 'Gelu b > c']);
  assert.equal([product.shift, product.activation?.kind], ['bias', pointwiseKinds.indexOf('gelu')]);
  for (const [before, after] of [
    ['Conv x w > a', parse('Gelu a > b', { approximate: 'tanh' })],
    ['Conv x w > a', 'Sigmoid a > b'],
    ['Add x x > a', 'Swish a > b'],
    ['MaxPool x > a', 'Swish a > b'],
  ] as const) {
    assert.is(fuse([before, after]).length, 2, `${before}, ${typeof after === 'string' ? after : 'tanh'}`);
  }
});

test('the other operators that take bounds, and those that do not', () => {
  for (const op of ['Gemm x w', 'MatMul x w', 'Add x x', 'Mul x x', `BatchNormalization x ${norm}`]) {
    assert.equal(operators(fuse([`${op} > a`, 'Relu a > b'])), [`${op.split(' ')[0]} Relu`]);
  }
  for (const op of ['MaxPool x', 'Concat x x', 'Relu x', 'HardSwish x', 'Flatten x']) {
    assert.equal(operators(fuse([`${op} > a`, 'Relu a > b'])), [op.split(' ')[0], 'Relu']);
  }
});

test('a tensor that must come out as it is ends its unit', () => {
  const lines = ['Conv x w > a', `BatchNormalization a ${norm} > b`, 'Add b x > c', 'Relu c > d'];
  const cut = (target: string) => operators(fuse(lines, { targets: [target, 'd'] }));
  assert.equal(cut('a'), ['Conv', 'BatchNormalization', 'Add Relu']);
  assert.equal(cut('b'), ['Conv BatchNormalization', 'Add Relu']);
  assert.equal(cut('c'), ['Conv BatchNormalization Add', 'Relu']);
  assert.equal(cut('d'), ['Conv BatchNormalization Add Relu']);
});

test('a tensor that two nodes read ends its unit, and one that a node reads twice', () => {
  assert.equal(operators(fuse(['Conv x w > a', 'Relu a > b', 'Tanh a > c', 'Add b c > d'])), [
    'Conv',
    'Relu',
    'Tanh',
    'Add',
  ]);
  assert.equal(operators(fuse(['Conv x w > a', 'Add a a > b', 'Relu b > c'])), ['Conv', 'Add Relu']);
});

test('what is added must be there before the convolution runs', () => {
  const late = ['Conv x w > a', 'Conv x w > s', 'Add a s > b', 'Relu b > c'];
  const [first, second] = fuse(late);
  assert.equal(operators([first, second]), ['Conv', 'Conv Add Relu'], 'the later of the two takes the sum');
  assert.is(second.residual, 'a');
  const after = ['Conv x w > a', 'Tanh x > s', 'Add s a > b', 'Relu b > c'];
  assert.equal(operators(fuse(after)), ['Conv', 'Tanh', 'Add Relu']);
  const before = ['Tanh x > s', 'Conv x w > a', 'Add s a > b', 'Relu b > c'];
  assert.equal(operators(fuse(before)), ['Tanh', 'Conv Add Relu']);
});

test('a sum with a constant, or with a tensor of another shape, is none of the convolution’s', () => {
  assert.equal(operators(fuse(['Conv x w > a', 'Add a two > b'])), ['Conv', 'Add']);
  assert.equal(operators(fuse(['Conv x w > a', 'Add a x > b'], { alike: () => false })), ['Conv', 'Add']);
  assert.equal(operators(fuse(['Gemm x w > a', 'Add a x > b'])), ['Gemm', 'Add']);
});

test('one sum, and nothing but a sum and bounds behind it', () => {
  const twice = fuse(['Conv x w > a', 'Add a x > b', 'Add b x > c'], { given: ['x'] });
  assert.equal(operators(twice), ['Conv Add', 'Add']);
  const bounded = fuse(['Conv x w > a', 'Relu a > b', 'Add b x > c', 'Relu c > d']);
  assert.equal(operators(bounded), ['Conv Relu', 'Add Relu']);
  assert.equal(operators(fuse(['Conv x w > a', 'Relu a > b', 'Relu b > c'])), ['Conv Relu', 'Relu']);
  const late = fuse(['Conv x w > a', 'Add a x > b', `BatchNormalization b ${norm} > c`]);
  assert.equal(operators(late), ['Conv Add', 'BatchNormalization']);
  const twoNorms = [`BatchNormalization a ${norm} > b`, `BatchNormalization b ${norm} > c`];
  assert.equal(operators(fuse(['Conv x w > a', ...twoNorms])), [
    'Conv BatchNormalization',
    'BatchNormalization',
  ]);
});

test('a normalization that learns, or whose numbers are computed, is none of the convolution’s', () => {
  const training = parse(`BatchNormalization a ${norm} > b`, { training_mode: 1 });
  assert.equal(operators(fuse(['Conv x w > a', training])), ['Conv', 'BatchNormalization']);
  assert.equal(operators(fuse(['Conv x w > a', `BatchNormalization a ${norm} > b m v`])), [
    'Conv',
    'BatchNormalization',
  ]);
  assert.equal(operators(fuse(['Conv x w > a', 'BatchNormalization a scale x mean variance > b'])), [
    'Conv',
    'BatchNormalization',
  ]);
  assert.equal(operators(fuse(['Conv x w > a', 'BatchNormalization x a bias mean variance > b'])), [
    'Conv',
    'BatchNormalization',
  ]);
});

test('every node is in one unit, in an order that has all inputs ready', () => {
  const lines = [
    'Conv x w > a',
    'Conv x w > b',
    'Relu b > c',
    'Conv c w > d',
    'Add d a > e',
    'Relu e > f',
    'Concat f c > g',
  ];
  const units = fuse(lines);
  const ready = new Set(['x', 'w']);
  for (const { nodes, residual, output } of units) {
    for (const input of [...nodes[0].inputs, ...(residual ? [residual] : [])])
      assert.ok(ready.has(input), input);
    ready.add(output);
  }
  assert.is(units.flatMap(({ nodes }) => nodes).length, lines.length);
});

test.run();
