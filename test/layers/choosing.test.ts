import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { sum } from '../../src/autodiff/operations.ts';
import { choosing } from '../../src/layers/choosing.ts';
import { contiguous, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('choosing', choosing);

const test = suite('what is chosen');

test('the derivative goes to the earlier of equals, and the tie is counted as a kink', () => {
  const context = { opset: 21, types: [], outputs: 1, precision: 'float64' as const };
  const f = (x: Tensor) => {
    const y = choosing.TopK.evaluate([x, tensor([2])], {}, context);
    return sum('shape' in y ? y : y[0]);
  };
  const { d1, kinks } = diagonal(f, tensor([1, 3, 1, 0]));
  assert.equal(Array.from(contiguous(d1).data), [1, 1, 0, 0]);
  assert.equal(kinks, { reluZeros: 0, poolTies: 0, other: 1 });
});

test.run();
