import ndarray from 'ndarray';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal, exp, grad, matmul, mul, sum, tensor, toNdarray, toNested } from '../../src/index.ts';

const test = suite('the bridge to ndarray');

test('an ndarray is taken as it is: transposed, sliced, reversed', () => {
  const a = ndarray(Float64Array.of(0, 1, 2, 3, 4, 5), [2, 3]);
  assert.equal(toNested(mul(a.transpose(1, 0), 1)), [
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
  assert.equal(toNested(mul(a.hi(2, 3).lo(0, 1), 10)), [
    [10, 20],
    [40, 50],
  ]);
  assert.equal(toNested(mul(a.step(1, -1), 1)), [
    [2, 1, 0],
    [5, 4, 3],
  ]);
});

test('derivatives of ndarrays, whatever their strides', () => {
  const a = ndarray(Float32Array.of(1, 2, 3, 4), [2, 2]).transpose(1, 0);
  const gradient = grad((x: typeof a) =>
    sum(
      mul(
        x,
        tensor([
          [1, 10],
          [100, 1000],
        ]),
      ),
    ),
  )(a);
  assert.equal([...gradient.shape], [2, 2]);
  const { d2 } = diagonal((x) => exp(sum(x)), ndarray(Float64Array.of(0, 0), [2]));
  assert.equal(toNested(d2), [1, 1]);
});

test('an ndarray of bytes is converted', () => {
  const { d1 } = diagonal((x) => sum(mul(x, x)), ndarray(Uint8Array.of(1, 2, 3), [3]));
  assert.equal(toNested(d1), [2, 4, 6]);
});

test('a tensor is seen as an ndarray without a copy', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  const view = toNdarray(x);
  assert.is(view.get(1, 0), 3);
  view.set(1, 0, 7);
  assert.is(x.data[2], 7);
  assert.is(view.data, x.data);
  assert.equal(toNdarray(matmul(x, x)).shape, [2, 2]);
});

test.run();
