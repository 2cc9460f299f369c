import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDerivatives } from '../../src/autodiff/check.ts';
import { add, concat, cumsum, exp, matmul, mul, reshape, sin, sum } from '../../src/autodiff/operations.ts';
import { argmax, argmin, dot, mean, prod } from '../../src/autodiff/reducing.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import { at, gather, oneHot, slice, tril, triu } from '../../src/autodiff/selecting.ts';
import { elu, selu } from '../../src/layers/activations.ts';
import { layerNorm } from '../../src/layers/normalization.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { item, type NestedNumbers, type Tensor, tensor, toNested } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';

const test = suite('verbs');
const random = createRandom(3);
const x = tensor(
  Array.from({ length: 24 }, () => random.normal()),
  [2, 3, 4],
);
const values = toNested(x) as number[][][];

function equal(got: Tensor, wanted: NestedNumbers): void {
  assert.equal(toNested(got), wanted);
}

test('at takes entries, rows and planes', () => {
  equal(at(x, 1), values[1]);
  equal(at(x, [-1, 0]), values[1][0]);
  equal(at(x, [0, -1, 2]), values[0][2][2]);
  assert.throws(() => at(x, 2), /index 2 is out of range for a length of 2; use -2 … 1/);
  assert.throws(() => at(x, [0, 0, 0, 0]), /has 3 axes, got 4 indices/);
});

test('matmul takes vectors as NumPy does, in every mode', () => {
  const [a, row, column] = [random.normals([2, 3, 4]), random.normals([3]), random.normals([4])];
  const matrix = (y: Tensor) => reshape(y, y.shape.length === 1 ? [...y.shape, 1] : y.shape);
  equal(matmul(a, column), toNested(reshape(matmul(a, matrix(column)), [2, 3])) as NestedNumbers);
  equal(matmul(row, a), toNested(reshape(matmul(reshape(row, [1, 3]), a), [2, 4])) as NestedNumbers);
  close(matmul(column, column).data, dot(column, column).data, { relative: 1e-15 });
  equal(
    matmul(
      [1, 2],
      tensor([
        [1, 10],
        [100, 1000],
      ]),
    ),
    [201, 2010],
  );
  for (const f of [(y: Tensor) => sum(exp(mul(0.3, matmul(a, y)))), (y: Tensor) => exp(matmul(y, y))])
    assert.ok(checkDerivatives(f, column).ok);
});

test('slice follows x[start:end:step]', () => {
  const row = [0, 1, 2, 3, 4, 5];
  for (const start of [undefined, -9, -2, 0, 1, 5, 9]) {
    for (const end of [undefined, -9, -1, 0, 3, 6, 9]) {
      for (const step of [1, 2, 4]) {
        const wanted = row.slice(start, end).filter((_, i) => i % step === 0);
        equal(slice(row, { start, end, step }), wanted);
      }
    }
  }
  equal(
    slice(x, { axis: 1, start: 1 }),
    values.map((plane) => plane.slice(1)),
  );
  assert.throws(() => slice(row, { step: 0 }), /step at least 1/);
});

test('gather puts the shape of the indices in place of the axis', () => {
  equal(
    gather(x, [[2, -3]], 1),
    values.map((plane) => [[plane[2], plane[0]]]),
  );
  equal(gather(x, 1), values[1]);
  equal(grad((v) => sum(gather(v, [0, 0, 2])))([1, 2, 3]), [2, 0, 1]);
  assert.throws(() => gather(x, [0.5]), /index 0\.5 is out of range/);
});

test('oneHot, tril and triu', () => {
  equal(oneHot([[1], [-1]], 2), [[[0, 1]], [[0, 0]]]);
  const m = [
    [1, 2, 3],
    [4, Number.POSITIVE_INFINITY, 6],
  ];
  equal(tril(m, -1), [
    [0, 0, 0],
    [4, 0, 0],
  ]);
  equal(triu(m, 1), [
    [0, 2, 3],
    [0, 0, 6],
  ]);
  equal(add(tril(x), triu(x, 1)), values);
});

test('reductions', () => {
  close(mean(x), values.flat(2).reduce((a, b) => a + b) / 24, { relative: 1e-14 });
  equal(mean([], 0), Number.NaN);
  close(
    prod(x, [0, 2], { keepDimensions: true }),
    [0, 1, 2].map((j) => [0, 1].flatMap((i) => values[i][j]).reduce((a, b) => a * b)),
    { relative: 1e-14 },
  );
  equal(prod([], 0), 1);
  equal(grad((v) => prod(v))([0, 0, 3]), [0, 0, 0]);
  close(
    dot(x, x),
    values.flatMap((plane) => plane.map((row) => row.reduce((s, v) => s + v * v, 0))),
    {},
  );
  assert.throws(() => dot([1, 2], [1]), /vectors of one length are wanted, got \[2\] and \[1\]/);
  equal(
    argmax(x),
    values.map((plane) => plane.map((row) => row.indexOf(Math.max(...row)))),
  );
  equal(argmin([[3, 1, 1]], 1, { keepDimensions: true }), [[1]]);
});

test('cumsum by its definition, in both directions', () => {
  const row = [1, 2, 3, 4];
  equal(cumsum(row), [1, 3, 6, 10]);
  equal(cumsum(row, 0, { exclusive: true }), [0, 1, 3, 6]);
  equal(cumsum(row, 0, { reverse: true }), [10, 9, 7, 4]);
  equal(
    cumsum(
      [
        [1, 2],
        [3, 4],
      ],
      0,
    ),
    [
      [1, 2],
      [4, 6],
    ],
  );
  assert.equal(cumsum([], 0).shape, [0]);
});

test('derivatives of all of them agree in every mode', () => {
  const smooth: readonly (readonly [string, (v: Tensor) => Tensor])[] = [
    ['at', (v) => exp(at(v, [1, 0]))],
    ['slice', (v) => sin(slice(v, { axis: 2, step: 3 }))],
    ['gather', (v) => exp(gather(v, [0, 0, 2], 1))],
    ['tril and triu', (v) => mul(tril(v), triu(v, -1))],
    ['mean', (v) => exp(mean(v, 1))],
    ['prod', (v) => prod(v, 2)],
    ['dot', (v) => dot(v, sin(v))],
    ['cumsum', (v) => exp(cumsum(v, 1, { exclusive: true }))],
    ['layerNorm', (v) => layerNorm(v, { scale: [1, 2, 3, 4], bias: 0.5 })],
    ['elu and selu', (v) => concat([elu(v, 0.5), selu(v)], 0)],
  ];
  for (const [name, f] of smooth) {
    const { ok, comparisons } = checkDerivatives(f, x);
    assert.ok(ok, `${name}: ${JSON.stringify(comparisons)}`);
  }
});

test('layerNorm has mean 0 and variance 1', () => {
  const y = layerNorm(x, { axis: 1, epsilon: 0 });
  close(mean(y, [1, 2]), [0, 0], { absolute: 1e-15 });
  close(mean(mul(y, y), [1, 2]), [1, 1], {});
  assert.ok(Math.abs(item(selu(1)) - 1.0507009873554805) < 1e-15);
});

test.run();
