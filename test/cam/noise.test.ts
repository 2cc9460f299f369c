import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { noiseStdOf, noisyInput } from '../../src/cam/noise.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { castTo, full, tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';
import { dyadic } from './makeEvidence.ts';

const test = suite('noise');
const x = tensor([-1, 0, 2, 3, 1, 0.5, -0.5, 1], [1, 2, 2, 2]); // max − min = 4

test('the standard deviation is relative to the range over all channels', () => {
  assert.is(noiseStdOf(x, 0.25), 1);
  assert.is(noiseStdOf(full([3, 2, 2], 7), 0.25), 0);
});

test('x plus the stream of (seed, sample), in row-major order', () => {
  const random = createRandom(7, 3);
  const wanted = x.data.map((value) => value + 2 * random.normal());
  const noisy = noisyInput(x, { sigma: 0.5, seed: 7, sample: 3 });
  same(noisy.data, wanted);
  assert.equal(noisy.shape, x.shape);
});

test('noise that would overflow the image is refused', () => {
  const narrow = castTo(x, 'float32');
  for (const sigma of [1e38, 1.7e308]) {
    assert.throws(
      () => noiseStdOf(narrow, sigma),
      (error: Error) =>
        error instanceof InputError &&
        /sigma .* overflows float32.* -1 to 3; give a smaller sigma/.test(error.message),
    );
  }
  assert.ok(noisyInput(narrow, { sigma: 1e36, seed: 0, sample: 0 }).data.every(Number.isFinite));
  assert.is(noiseStdOf(x, 1e38), 4e38);
});

test('samples differ from each other and by seed, and repeat', () => {
  const at = (seed: number, sample: number) => noisyInput(x, { sigma: 0.5, seed, sample }).data;
  same(at(0, 1), at(0, 1));
  const firsts = [at(0, 0), at(0, 1), at(1, 0), at(1, 1), at(2 ** 40, 0)].map((data) => data[0]);
  assert.is(new Set(firsts).size, firsts.length);
});

test('x keeps its dtype, its own values and, for σ = 0 or a constant image, its identity', () => {
  const narrow = castTo(x, 'float32');
  const noisy = noisyInput(narrow, { sigma: 0.5, seed: 7, sample: 3 });
  assert.is(noisy.dtype, 'float32');
  same(noisy.data, Float32Array.from(noisyInput(x, { sigma: 0.5, seed: 7, sample: 3 }).data));
  assert.is(noisyInput(x, { sigma: 0, seed: 7, sample: 3 }), x);
  const constant = full([1, 2, 2], 0.5);
  assert.is(noisyInput(constant, { sigma: 0.5, seed: 7, sample: 3 }), constant);
  assert.is(x.data[0], -1);
});

test('a strided image gets the noise of its row-major order', () => {
  const flipped = { ...x, data: x.data.slice().reverse(), stride: [-8, -4, -2, -1], offset: 7 };
  const options = { sigma: 0.5, seed: 7, sample: 3 };
  same(noisyInput(flipped, options).data, noisyInput(x, options).data);
});

test('mean, spread and tails are those of N(0, std²), not clipped', () => {
  const image = dyadic([3, 100, 100], 4);
  const std = noiseStdOf(image, 0.15);
  const noisy = noisyInput(image, { sigma: 0.15, seed: 0, sample: 0 });
  const z = Array.from(noisy.data, (value, i) => (value - image.data[i]) / std);
  const mean = z.reduce((sum, v) => sum + v, 0) / z.length;
  const variance = z.reduce((sum, v) => sum + v * v, 0) / z.length;
  // five standard errors
  assert.ok(Math.abs(mean) < 5 / Math.sqrt(z.length), `mean ${mean}`);
  assert.ok(Math.abs(variance - 1) < 5 * Math.sqrt(2 / z.length), `variance ${variance}`);
  assert.ok(z.some((v) => v > 3) && z.some((v) => v < -3));
});

test('bad options and images are refused', () => {
  const refused = (name: string) => (error: unknown) =>
    error instanceof InputError && error.message.includes(name);
  for (const sigma of [-0.1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => noisyInput(x, { sigma, seed: 0, sample: 0 }), refused('sigma'));
  }
  for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) {
    assert.throws(() => noisyInput(x, { sigma: 0.1, seed: value, sample: 0 }), refused('seed'));
    assert.throws(() => noisyInput(x, { sigma: 0.1, seed: 0, sample: value }), refused('sample'));
  }
  const options = { sigma: 0.1, seed: 0, sample: 0 };
  assert.throws(() => noisyInput(tensor([[Number.NaN]]), options), refused('the image must be finite'));
  assert.throws(() => noisyInput(tensor([], [0, 2, 2]), options), refused('empty'));
});

test.run();
