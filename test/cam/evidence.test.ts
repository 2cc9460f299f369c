import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type EvidenceParts, evidenceOf } from '../../src/cam/evidence.ts';
import { InputError, ShapeError } from '../../src/tensor/errors.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';

const test = suite('evidence');

const d = tensor([[[1, 2]], [[3, 4]]]);
const zero = tensor([0, 0, 0, 0], [2, 1, 2]);
const parts: EvidenceParts = { activation: d, score: 'exp', classIndex: 3, y: 2, d1: d, d2: d, d3: d };

test('what is left out is 0 or empty', () => {
  const evidence = evidenceOf(parts);
  assert.equal(
    [evidence.logScale, evidence.sigma, evidence.seed, evidence.noiseStd, evidence.samples, evidence.y],
    [0, 0, 0, 0, [], 2],
  );
  assert.not.ok('zero' in evidence);
  same(evidence.d3.data, d.data);
});

test('any ndarray is taken, and derivatives become float64', () => {
  const transposed = { data: [1, 3, 2, 4], shape: [2, 1, 2], stride: [1, 4, 2], offset: 0 };
  const evidence = evidenceOf({
    ...parts,
    d1: transposed,
    d2: tensor(Float32Array.of(1, 2, 3, 4), [2, 1, 2]),
  });
  same(evidence.d1.data, [1, 2, 3, 4]);
  assert.is(evidence.d2.dtype, 'float64');
});

test('shapes must agree', () => {
  for (const name of ['d1', 'd2', 'd3']) {
    assert.throws(
      () => evidenceOf({ ...parts, [name]: tensor([1, 2], [2, 1, 1]) }),
      (error: unknown) => error instanceof ShapeError && error.message.includes(name),
    );
  }
  assert.throws(() => evidenceOf({ ...parts, activation: tensor([1, 2, 3, 4]) }), /\[K, H, W\], got \[4\]/);
});

test('NaN and Infinity are refused wherever they are', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const name of ['activation', 'd1', 'd2', 'd3']) {
      const bad = tensor([1, 2, value, 4], [2, 1, 2]);
      assert.throws(
        () => evidenceOf({ ...parts, [name]: bad }),
        (error: unknown) =>
          error instanceof InputError &&
          error.message.includes(`${name} must be finite, got ${value} at [1, 0, 0]`),
      );
    }
    for (const name of ['y', 'logScale', 'sigma', 'seed', 'noiseStd']) {
      assert.throws(
        () => evidenceOf({ ...parts, [name]: value }),
        new RegExp(`${name} must be a finite number`),
      );
    }
  }
});

test('scores, classes and noise are checked', () => {
  const score = 'softmax' as 'prob';
  assert.throws(
    () => evidenceOf({ ...parts, score }),
    /one of exp, prob, logprob, logit, custom, got softmax/,
  );
  assert.throws(() => evidenceOf({ ...parts, classIndex: -1 }), /classIndex must be an index from 0, got -1/);
  assert.throws(() => evidenceOf({ ...parts, sigma: -0.1 }), /sigma must be .* at least 0, got -0.1/);
});

test('a certificate that the values contradict is refused', () => {
  const certificate = { orders: [2, 3], reason: 'piecewise linear' };
  assert.equal(evidenceOf({ ...parts, d2: zero, d3: zero, zero: certificate }).zero, certificate);
  assert.not.ok('zero' in evidenceOf({ ...parts, zero: { orders: [], reason: 'nothing is zero' } }));
  assert.throws(
    () => evidenceOf({ ...parts, d2: zero, zero: certificate }),
    /order 3 is certified zero, but d3/,
  );
  assert.throws(() => evidenceOf({ ...parts, zero: { orders: [4], reason: '' } }), /orders 1, 2 or 3, got 4/);
});

test.run();
