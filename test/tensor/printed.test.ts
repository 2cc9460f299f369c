import { inspect } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mul, sum } from '../../src/autodiff/operations.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import { type Tensor, tensor, zeros } from '../../src/tensor/tensor.ts';

const test = suite('printed');

test('a tensor is one line, long axes cut', () => {
  assert.is(
    String(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ),
    'Tensor float64 [2, 2] [[1, 2], [3, 4]]',
  );
  assert.is(`${tensor(7)}`, 'Tensor float64 [] 7');
  assert.is(inspect({ x: tensor([1], [1], 'float32') }), '{ x: Tensor float32 [1] [1] }');
  assert.is(String(zeros([9])), 'Tensor float64 [9] [0, 0, 0, 0, 0, 0, 0, 0, …]');
  assert.is(String(zeros([0, 2])), 'Tensor float64 [0, 2] []');
});

test('a view prints what it shows', () => {
  const x: Tensor = { ...tensor([1, 2, 3, 4]), shape: [2], stride: [-2], offset: 3 };
  assert.is(String(mul(1, x)), 'Tensor float64 [2] [4, 2]');
});

test('inside a function that is differentiated it prints, too', () => {
  let printed = '';
  grad((x) => {
    printed = `${x}, ${inspect(x)}`;
    return sum(mul(x, x));
  })([1, 2]);
  const one = 'Tensor float64 [2] [1, 2] (being differentiated)';
  assert.is(printed, `${one}, ${one}`);
});

test('as JSON it can be read back', () => {
  const x = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    undefined,
    'float32',
  );
  const { data, shape, dtype } = JSON.parse(JSON.stringify(x));
  assert.equal({ data, shape, dtype }, { data: [1, 2, 3, 4], shape: [2, 2], dtype: 'float32' });
  assert.equal(tensor(data, shape, dtype).data, x.data);
  grad((v) => {
    assert.is(JSON.parse(JSON.stringify(v)).dtype, 'float64');
    return sum(v);
  })([1]);
});

test.run();
