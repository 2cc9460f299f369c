import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hessianBlock } from '../../src/autodiff/hessianBlock.ts';
import { hessian } from '../../src/autodiff/mixed.ts';
import { add, exp, matmul, mul, reshape, sum, tanh } from '../../src/autodiff/operations.ts';
import { fromData, type Tensor } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';

const test = suite('hessianBlock');
const w = fromData(
  Float64Array.from({ length: 36 }, (_, i) => Math.sin(7 * i + 1)),
  [6, 6],
);
const a = fromData(Float64Array.of(0.3, -0.2, 0.5, 0.1, -0.4, 0.7), [2, 3]);
const f = (x: Tensor) => {
  const row = reshape(x, [1, 6]);
  return add(sum(tanh(matmul(row, w))), exp(sum(mul(row, matmul(row, w)))));
};
const whole = hessian(f)(a).data;

for (const [rows, columns] of [
  [
    [0, 1, 2],
    [3, 4, 5],
  ],
  [[5], [0, 3, 5, 2]],
  [[4, 0, 1, 1], [2]],
]) {
  test(`rows ${rows}, columns ${columns} are those of the whole Hessian`, () => {
    const block = hessianBlock(f, a, rows, columns);
    assert.equal(block.shape, [rows.length, columns.length]);
    const wanted = rows.flatMap((i) => columns.map((j) => whole[i * 6 + j]));
    close(block.data, wanted, { relative: 1e-13 }, 'block');
  });
}

test('positions that the tensor does not have are refused by name', () => {
  assert.throws(() => hessianBlock(f, a, [6], [0]), /rows are whole numbers from 0 to 5, got 6/);
  assert.throws(() => hessianBlock(f, a, [0], [0.5]), /columns are whole numbers/);
  assert.throws(() => hessianBlock(f, a, [0], undefined as never), /columns are positions of entries/);
});

test('no rows give an empty block', () => assert.equal(hessianBlock(f, a, [], [1]).shape, [0, 1]));

test.run();
