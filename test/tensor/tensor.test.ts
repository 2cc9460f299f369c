import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ShapeError } from '../../src/tensor/errors.ts';
import { broadcastShapes, normalizeAxis } from '../../src/tensor/shape.ts';
import {
  asTensor,
  castTo,
  contiguous,
  fromData,
  full,
  item,
  type Tensor,
  tensor,
  toNested,
  zeros,
} from '../../src/tensor/tensor.ts';

const test = suite('tensor');

test('nested arrays give their shape and come back', () => {
  const x = tensor([[[1, 2, 3]], [[4, 5, 6]]]);
  assert.equal([x.shape, x.stride, x.offset, x.dtype], [[2, 1, 3], [3, 3, 1], 0, 'float64']);
  assert.equal(toNested(x), [[[1, 2, 3]], [[4, 5, 6]]]);
  assert.is(toNested(tensor(7)), 7);
  assert.equal(tensor([]).shape, [0]);
});

test('typed arrays keep their precision and are copied', () => {
  const data = Float32Array.of(1, 2);
  const x = tensor(data, [2, 1]);
  data[0] = 9;
  assert.is(x.dtype, 'float32');
  assert.equal(toNested(x), [[1], [2]]);
});

test('fromData is a view', () => {
  const data = Float64Array.of(1, 2);
  const x = fromData(data, [2]);
  data[0] = 9;
  assert.is(x.data[0], 9);
});

test('sizes and rows that do not fit are refused', () => {
  assert.throws(() => fromData(new Float64Array(3), [2, 2]), /shape \[2, 2\]: it needs 4 values, got 3/);
  assert.throws(() => tensor([[1, 2], [3]]), /rows differ in length/);
  assert.throws(
    () => tensor([1, 2, 3], [2]),
    (error: unknown) => error instanceof ShapeError,
  );
  assert.throws(() => item(tensor([1, 2])), /the tensor has shape \[2\]/);
});

test('strided views are read in row-major order', () => {
  const view: Tensor = { ...tensor([0, 1, 2, 3, 4, 5, 6]), shape: [2, 3], stride: [1, 2], offset: 1 };
  assert.equal(toNested(contiguous(view)), [
    [1, 3, 5],
    [2, 4, 6],
  ]);
});

test('data of another kind becomes float64', () => {
  const x = asTensor({ data: Uint8Array.of(1, 2, 3, 4), shape: [2, 2], stride: [1, 2], offset: 0 });
  assert.equal(
    [x.dtype, toNested(x)],
    [
      'float64',
      [
        [1, 3],
        [2, 4],
      ],
    ],
  );
});

test('castTo rounds to float32 and leaves what fits alone', () => {
  const x = tensor([0.1]);
  assert.is(castTo(x, 'float64'), x);
  assert.is(castTo(x, 'float32').data[0], Math.fround(0.1));
});

test('zeros and full', () => {
  assert.equal(toNested(zeros([2], 'float32')), [0, 0]);
  assert.equal(toNested(full([2], 3)), [3, 3]);
  assert.is(zeros([2, 0]).data.length, 0);
});

test('shapes broadcast by the rules of NumPy', () => {
  assert.equal(broadcastShapes([[3, 1], [2], []], 'add'), [3, 2]);
  assert.equal(broadcastShapes([[0], [1]], 'add'), [0]);
  assert.throws(
    () => broadcastShapes([[2], [3]], 'add'),
    /Cannot add: shapes \[2\] and \[3\] do not broadcast/,
  );
  assert.is(normalizeAxis(-1, 3, 'sum'), 2);
  assert.throws(() => normalizeAxis(3, 3, 'sum'), /Cannot sum: axis 3 is out of range for rank 3/);
});

test.run();
