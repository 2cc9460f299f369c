import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDerivatives } from '../../src/autodiff/check.ts';
import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { exp, maxPool, mul, relu, sum } from '../../src/autodiff/operations.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import { derivatives, jet } from '../../src/autodiff/taylor.ts';
import { conv } from '../../src/layers/convolution.ts';
import { layers } from '../../src/layers/index.ts';
import { averagePool } from '../../src/layers/pooling.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { fromData, item, type Tensor, tensor, toNested } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';

const test = suite('derivatives through layers');
const random = createRandom(4);
const normal = (shape: number[]) =>
  fromData(
    Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );

test('the second derivative of exp(mean(conv(relu(x)))), where a framework gives silent zeros', () => {
  const w = tensor([
    [
      [
        [0.5, -1],
        [2, 0.25],
      ],
    ],
  ]);
  const x = tensor([
    [
      [
        [1, -2, 0.5],
        [0.3, 1.5, -0.7],
        [2, 0.1, 0.9],
      ],
    ],
  ]);
  const f = (v: Tensor) => exp(mul(1 / 4, sum(conv(relu(v), w))));
  // Y = exp(s), s linear where relu is: g_i = Σ of the weights that see entry i, over 4, for x_i > 0.
  const g = [0.5, 0, -1, 2.5, 1.75, 0, 2, 2.25, 0.25].map((value) => value / 4);
  const y = item(f(x));
  const { d2, d3 } = diagonal(f, x);
  close(
    d2.data,
    g.map((value) => y * value ** 2),
    { relative: 1e-14 },
    'D2',
  );
  close(
    d3.data,
    g.map((value) => y * value ** 3),
    { relative: 1e-14 },
    'D3',
  );
  const nested = grad((v: Tensor) =>
    sum(
      mul(
        grad(f)(v),
        tensor([
          [
            [
              [1, 0, 0],
              [0, 0, 0],
              [0, 0, 0],
            ],
          ],
        ]),
      ),
    ),
  )(x);
  close(nested.data[0], y * g[0] ** 2, { relative: 1e-14 }, 'grad of grad');
});

test('an order-3 jet through ReLU and max-pool, which other jets refuse', () => {
  const pool = {
    kernel: [1, 2],
    strides: [1, 2],
    dilations: [1, 1],
    padsBefore: [0, 0],
    padsAfter: [0, 0],
    output: [1, 2],
  };
  const f = (x: Tensor) => exp(sum(maxPool(relu(x), pool)));
  const at = tensor([[[[0.1, 0.7, -1, -2]]]]);
  const along = tensor([[[[5, 2, 3, 4]]]]);
  const zero = tensor([[[[0, 0, 0, 0]]]]);
  const c = jet(f, [at, along, zero, zero]).map(item);
  const y = Math.exp(0.7);
  close(c, [y, 2 * y, 2 * y, (4 / 3) * y], { relative: 1e-14 }, 'coefficients'); // exp(0.7 + 2t)
});

test('ties and zeros take the piece that the conventions say', () => {
  const slope = (f: (x: Tensor) => Tensor, x: number) => item(grad((v: Tensor) => sum(f(v)))(tensor([x])));
  const run =
    (op: string, attributes = {}) =>
    (x: Tensor) =>
      layers[op].evaluate([x], attributes, {
        opset: 17,
        types: ['float32'],
        outputs: 1,
        precision: 'float64',
      }) as Tensor;
  assert.is(slope(run('Relu'), 0), 0);
  assert.is(slope(run('Abs'), 0), 0);
  assert.is(slope(run('LeakyRelu', { alpha: 0.25 }), 0), 0.25);
  assert.is(slope(run('HardSigmoid', { alpha: 0.5, beta: 0.5 }), 1), 0);
  assert.is(slope(run('HardSigmoid', { alpha: 0.5, beta: 0.5 }), -1), 0);
  assert.is(slope(run('HardSwish'), 3), 1); // x · 1, its gate on the clipped part
  const clip = (x: Tensor) =>
    layers.Clip.evaluate(
      [x, tensor(0), tensor(6)],
      {},
      { opset: 17, types: ['float32'], outputs: 1, precision: 'float64' },
    ) as Tensor;
  assert.equal([slope(clip, 0), slope(clip, 3), slope(clip, 6)], [0, 1, 0]);
  const prelu = (x: Tensor) =>
    layers.PRelu.evaluate(
      [x, tensor([0.3])],
      {},
      { opset: 17, types: ['float32'], outputs: 1, precision: 'float64' },
    ) as Tensor;
  assert.is(slope(prelu, 0), 0.3);
});

test('the average pool counts the cells that each window covers', () => {
  const pool = { kernel: [2], strides: [1], dilations: [1], padsBefore: [1], padsAfter: [0], output: [2] };
  assert.equal(toNested(averagePool(tensor([[[2, 4]]]), pool)), [[[2, 3]]]);
  assert.equal(toNested(averagePool(tensor([[[2, 4]]]), pool, { includePads: true })), [[[1, 3]]]);
});

const smooth: [string, object?][] = [
  ['Elu', { alpha: 0.7 }],
  ['Celu', { alpha: 0.7 }],
  ['Selu'],
  ['Gelu'],
  ['Gelu', { approximate: 'tanh' }],
  ['Mish'],
  ['Swish'],
  ['HardSwish'],
  ['Softplus'],
  ['Softsign'],
  ['Softmax'],
  ['LogSoftmax'],
  ['LRN', { size: 3 }],
  ['LpPool', { kernel_shape: [2] }],
  ['GlobalLpPool'],
  ['MeanVarianceNormalization', { axes: [0, 2] }],
  ['ReduceL2'],
  ['ReduceLogSumExp'],
  ['ReduceProd'],
  ['LpNormalization', { p: 2 }],
];
for (const [op, attributes = {}] of smooth) {
  test(`${op} ${JSON.stringify(attributes)}: derivatives of order 1 to 3 against differences`, () => {
    const f = (x: Tensor) =>
      layers[op].evaluate([x], attributes as Record<string, number>, {
        opset: 17,
        types: ['float32'],
        outputs: 1,
        precision: 'float64',
      }) as Tensor;
    const { comparisons } = checkDerivatives(
      f,
      tensor([
        [
          [0.9, -0.8, 1.7],
          [0.6, -1.4, -0.5],
          [1.1, 0.45, 2.2],
        ],
      ]),
    );
    for (const { what, error, ok } of comparisons) assert.ok(ok, `${what}: error ${error}`);
  });
}

const normalizations: [string, Tensor[]][] = [
  ['InstanceNormalization', [tensor([1.5, -0.5]), tensor([0.1, 0.2])]],
  ['LayerNormalization', [tensor([1.5, -0.5, 1]), tensor([0.1, 0.2, 0.3])]],
  ['BatchNormalization', [tensor([1.5, -0.5]), tensor([0.1, 0.2]), tensor([0.3, 0.1]), tensor([1.2, 0.4])]],
];
for (const [op, rest] of normalizations) {
  test(`${op}: derivatives against differences`, () => {
    const f = (x: Tensor) => {
      const y = layers[op].evaluate(
        [x, ...rest],
        {},
        { opset: 17, types: ['float32'], outputs: 1, precision: 'float64' },
      );
      return 'shape' in y ? y : y[0];
    };
    const { comparisons } = checkDerivatives(f, normal([1, 2, 3]));
    for (const { what, error, ok } of comparisons) assert.ok(ok, `${what}: error ${error}`);
  });
}

test('what an ELU does not take does not spoil what it takes: no NaN at 1000', () => {
  const elu = (x: Tensor) =>
    layers.Elu.evaluate(
      [x],
      {},
      { opset: 17, types: ['float32'], outputs: 1, precision: 'float64' },
    ) as Tensor;
  assert.equal(derivatives(elu, tensor(1000), { order: 2 }).map(item), [1000, 1, 0]);
});

test.run();
