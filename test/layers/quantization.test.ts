import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { jvp } from '../../src/autodiff/forward.ts';
import { hvp } from '../../src/autodiff/mixed.ts';
import { exp, mul, sum } from '../../src/autodiff/operations.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import { jet } from '../../src/autodiff/taylor.ts';
import { layers } from '../../src/layers/index.ts';
import type { LayerContext } from '../../src/layers/layer.ts';
import { quantization } from '../../src/layers/quantization.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { item, type Tensor, tensor, toNested } from '../../src/tensor/tensor.ts';
import { close, same } from '../support/check.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('quantization', quantization);

const test = suite('straight through');

const context: LayerContext = {
  opset: 21,
  types: ['float32', 'float32', 'int8'],
  outputs: 1,
  precision: 'float64',
};

function run(op: string, inputs: (Tensor | undefined)[], attributes = {}, types = context.types): Tensor {
  const y = layers[op].evaluate(inputs, attributes, { ...context, types });
  return 'shape' in y ? y : y[0];
}

const scale = tensor(0.5);
const zero = tensor(3);
/** Bounds: (−128 − 3)/2 = −65.5 and (127 − 3)/2 = 62. */
const pair = (x: Tensor) => run('DequantizeLinear', [run('QuantizeLinear', [x, scale, zero]), scale, zero]);
const at = tensor([-70, -65.5, -65.4, 0.3, 61.9, 62, 80]);
const inside = [0, 0, 1, 1, 1, 0, 0];

test('a pair has the values of the staircase, and the derivatives of clip(x, lo, hi) in every mode', () => {
  assert.equal(toNested(pair(at)), [-65.5, -65.5, -65.5, 0.5, 62, 62, 62]);
  const f = (x: Tensor) => sum(exp(mul(0.01, pair(x))));
  const first = Array.from(pair(at).data, (y, i) => inside[i] * 0.01 * Math.exp(0.01 * y));
  const ones = tensor([1, 1, 1, 1, 1, 1, 1]);
  close(grad(f)(at), first, { relative: 1e-15 }, 'reverse');
  same(jvp(pair, at, ones).dy, inside, 'forward');
  close(
    hvp(f, at, ones),
    first.map((g) => 0.01 * g),
    { relative: 1e-15 },
    'forward over reverse',
  );
  const total = (k: number) => first.reduce((sum, g) => sum + (g * 0.01 ** (k - 1)) / (k === 2 ? 2 : 6), 0);
  const nothing = mul(0, ones);
  const [, , second, third] = jet(f, [at, ones, nothing, nothing]).map(item);
  close([second, third], [total(2), total(3)], { relative: 1e-14 }, 'Taylor');
});

test('diagonals of order 3 go through, saturated entries are counted', () => {
  const f = (x: Tensor) => exp(mul(0.01, sum(pair(x))));
  const { y, d1, d2, d3, kinks } = diagonal(f, at);
  const exact = (order: number) => inside.map((slope) => slope * 0.01 ** order * y);
  close(d1, exact(1), { relative: 1e-14 }, 'D1');
  close(d2, exact(2), { relative: 1e-14 }, 'D2');
  close(d3, exact(3), { relative: 1e-14 }, 'D3');
  assert.equal(kinks, { reluZeros: 0, poolTies: 0, other: 4 });
});

test('what is quantised by a scale of its own has the derivatives of the product that it stands for', () => {
  const weights = tensor([
    [1, -2],
    [3, 4],
  ]);
  const scaleOfWeights = tensor([0.25, 0.125]);
  const f = (x: Tensor) => {
    const outputs = layers.DynamicQuantizeLinear.evaluate(
      [x],
      {},
      { ...context, types: ['float32'], outputs: 3 },
    );
    const [y, ownScale, ownZero] = outputs as readonly Tensor[];
    const whole = run('MatMulInteger', [y, weights, ownZero, tensor(0)]);
    return mul(run('Cast', [whole], { to: 1 }, ['int32']), mul(ownScale, scaleOfWeights));
  };
  const x = tensor([[0.3, -0.7]]);
  // x · [[0.25, −0.25], [0.75, 0.5]], x rounded to multiples of 1/255.
  close(f(x), [-0.45, -0.425], { absolute: 0.002 }, 'values');
  const gradient = grad((v: Tensor) => sum(mul(tensor([[1, 10]]), f(v))))(x);
  close(gradient, [0.25 - 2.5, 0.75 + 5], { relative: 1e-14 }, 'the ends of the range included');
});

test('scales that do not lie beside the values are refused by name', () => {
  const refused = (inputs: Tensor[], attributes: object, message: RegExp) =>
    assert.throws(
      () =>
        quantization.DequantizeLinear.fits?.(
          inputs.map(({ shape }) => shape),
          attributes as never,
        ),
      (error: unknown) => error instanceof Error && message.test(error.message),
    );
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  refused([x, tensor([1, 2])], { axis: 1 }, /its scales must have shape \[3\] beside \[2, 3\], got \[2\]/);
  refused(
    [
      x,
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ],
    {},
    /need a block_size of at least 1, got 0/,
  );
  refused([x, tensor([1, 2, 3]), tensor([1])], { axis: 1 }, /must have one shape/);
  assert.throws(
    () => run('QuantizeLinear', [x, scale, zero], {}, ['float32', 'float32', 'int32']),
    (error: unknown) => error instanceof InputError && /it quantizes to int32/.test(error.message),
  );
});

test.run();
