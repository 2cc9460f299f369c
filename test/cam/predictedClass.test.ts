import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../src/cam/explain.ts';
import { predictedClass } from '../../src/cam/predictedClass.ts';
import { createModel } from '../../src/model/model.ts';
import { full } from '../../src/tensor/tensor.ts';
import { floats, makeModel } from '../support/makeModel.ts';

const test = suite('predictedClass');

test('the first of the largest, of any number of logits', () => {
  assert.is(predictedClass([1, 3, 3, -2], 'explain'), 1);
  assert.is(predictedClass([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY], 'explain'), 0);
  const many = new Float64Array(500_000);
  many[400_000] = 1;
  assert.is(predictedClass(many, 'explain'), 400_000);
});

/** A network of so many classes, each the mean of a channel times a weight. */
function network(classes: number, weight: number) {
  return createModel(
    makeModel({
      inputs: { x: [1, 3, 4, 4] },
      outputs: ['z'],
      nodes: ['Relu x > a', 'GlobalAveragePool a > p', 'Flatten p > f', 'MatMul f w > z'],
      tensors: { w: floats([3, classes], new Array<number>(3 * classes).fill(weight)) },
    }),
  );
}

const refusal = async (classes: number, weight: number) =>
  explain(network(classes, weight), full([1, 3, 4, 4], 1), { methods: ['gradcam'] }).then(
    () => 'explained',
    (error: Error) => error.message,
  );

test('no classes, and logits that are no numbers', async () => {
  assert.match(await refusal(0, 1), /the model gives no logits, so there are no classes/);
  assert.match(await refusal(2, Number.NaN), /logit 0 of the model is NaN for this input/);
});

test.run();
