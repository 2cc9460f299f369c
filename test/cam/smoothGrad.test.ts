import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accumulateGradients, smoothGradMap } from '../../src/cam/smoothGrad.ts';
import { ShapeError } from '../../src/tensor/errors.ts';
import { tensor, toNested } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';

const test = suite('smoothGrad');

test('the mean comes before the absolute value, the maximum after', () => {
  const mean = accumulateGradients();
  mean.add(tensor([[[1, -4]], [[-3, 0]]]));
  mean.add(tensor([[[-3, -2]], [[1, 0.5]]]));
  assert.equal(toNested(mean.mean()), [[[-1, -3]], [[-1, 0.25]]]);
  assert.equal(toNested(smoothGradMap(mean.mean())), [[1, 3]]);
});

test('a batch axis of one is dropped', () => {
  const map = smoothGradMap(
    tensor([
      [
        [
          [1, -2],
          [3, 4],
        ],
        [
          [-5, 0],
          [0, -4.5],
        ],
      ],
    ]),
  );
  assert.equal(toNested(map), [
    [5, 2],
    [3, 4.5],
  ]);
});

test('n identical gradients give the bits of one', () => {
  const gradient = tensor([0.1, -0.7, 1 / 3, -0], [1, 2, 2]);
  const mean = accumulateGradients();
  for (let s = 0; s < 25; s++) mean.add(gradient);
  same(mean.mean().data, gradient.data);
});

test('a zero gradient gives a zero map', () => {
  same(smoothGradMap(tensor([[[0, -0]]])).data, [0, 0]);
});

test('shapes and values are checked', () => {
  const shaped = (pattern: RegExp) => (error: unknown) =>
    error instanceof ShapeError && pattern.test(error.message);
  const mean = accumulateGradients();
  assert.throws(() => mean.mean(), /no sample was added/);
  mean.add(tensor([[[1]]]));
  assert.throws(() => mean.add(tensor([[[1, 2]]])), shaped(/add sample 1: .*\[1, 1, 1\], got \[1, 1, 2\]/));
  assert.throws(() => mean.add(tensor([[[Number.NaN]]])), /add sample 1: the gradient must be finite/);
  assert.throws(() => smoothGradMap(tensor([[1]])), shaped(/got \[1, 1\]/));
  assert.throws(() => smoothGradMap(tensor([[[[1]]], [[[1]]]])), shaped(/got \[2, 1, 1, 1\]/));
  assert.throws(() => smoothGradMap(tensor([], [0, 1, 1])), shaped(/is empty/));
});

test.run();
