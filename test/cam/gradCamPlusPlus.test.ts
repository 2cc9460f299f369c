import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gradCamPlusPlus } from '../../src/cam/gradCamPlusPlus.ts';
import { smoothGradCamPlusPlus } from '../../src/cam/smoothGradCamPlusPlus.ts';
import { InputError, ShapeError } from '../../src/tensor/errors.ts';
import { castTo, fromData, tensor } from '../../src/tensor/tensor.ts';
import { close, same } from '../support/check.ts';
import { dyadic, evidence, generalEvidence, mapTensor } from './makeEvidence.ts';

const test = suite('gradCamPlusPlus');

type Fraction = readonly [bigint, bigint];

/** A multiple of 1/64 as a fraction. */
const exact = (value: number): Fraction => [BigInt(value * 64), 64n];
const plus = ([a, b]: Fraction, [c, d]: Fraction): Fraction => [a * d + c * b, b * d];
const times = ([a, b]: Fraction, [c, d]: Fraction): Fraction => [a * c, b * d];
/** The double nearest to a fraction, to a relative 2^-80 before rounding. */
function toNumber([a, b]: Fraction): number {
  const scaled = (a << 200n) / b;
  return Number(scaled) / 2 ** 200;
}

/** The formula in exact fractions, entry by entry, written apart from the code under test. */
function exactWeight(a: number[], d1: number[], d2: number[], d3: number[], above = d2): number {
  const total = a.map(exact).reduce(plus);
  let weight: Fraction = [0n, 1n];
  for (let i = 0; i < a.length; i++) {
    const bottom = plus(times([2n, 1n], exact(d2[i])), times(total, exact(d3[i])));
    if (bottom[0] === 0n || d1[i] <= 0) continue;
    const alpha = times(exact(above[i]), [bottom[1], bottom[0]]);
    weight = plus(weight, times(alpha, exact(d1[i])));
  }
  return toNumber(weight);
}

test('equals the formula in exact fractions, with D2 or D1 above', () => {
  for (let seed = 10; seed < 50; seed += 4) {
    const e = generalEvidence([1, 2, 2], seed);
    const [a, d1, d2, d3] = [e.activation, e.d1, e.d2, e.d3].map((x) => Array.from(x.data));
    close(gradCamPlusPlus(e).weights, [exactWeight(a, d1, d2, d3)], { relative: 1e-13 });
    close(gradCamPlusPlus(e, { numerator: 'second' }).weights, [exactWeight(a, d1, d2, d3)], {
      relative: 1e-13,
    });
    close(gradCamPlusPlus(e, { numerator: 'first' }).weights, [exactWeight(a, d1, d2, d3, d1)], {
      relative: 1e-13,
    });
  }
});

test('a 2×2 map by hand', () => {
  const e = evidence({
    activation: tensor([
      [
        [1, 2],
        [0, 1],
      ],
    ]), // ΣA = 4
    d1: tensor([
      [
        [1, -1],
        [2, 0.5],
      ],
    ]),
    d2: tensor([
      [
        [3, 5],
        [-1, 2],
      ],
    ]),
    d3: tensor([
      [
        [1, 1],
        [2, -0.5],
      ],
    ]),
  });
  // α = 3/(6+4), 5/(10+4) dropped by ReLU, −1/(−2+8), 2/(4−2)
  const { weights, counts, maps } = gradCamPlusPlus(e);
  close(weights, [3 / 10 - 2 / 6 + 0.5], { relative: 1e-15 });
  assert.equal(counts, { dead: 0, singular: 0, flipped: 1, large: 1, cancelled: 0 });
  assert.equal(maps, [0]);
  // 1/10, 2/6, 0.5/2
  close(gradCamPlusPlus(e, { numerator: 'first' }).weights, [1 / 10 + 4 / 6 + 0.125], { relative: 1e-15 });
});

test('ΣA multiplies D3 from outside: not Σ (A·D3)', () => {
  const d = tensor([[[1, 1]]]);
  const e = evidence({ activation: tensor([[[3, 0]]]), d1: d, d2: d, d3: d });
  close(gradCamPlusPlus(e).weights, [2 / 5], { relative: 1e-15 }); // Σ (A·D3) would give 1/5 + 1/2
});

test('exp on a linear head: α = 1/(2 + g ΣA)', () => {
  const shape = [3, 4, 5];
  const activation = dyadic(shape, 1, 1);
  const g = dyadic(shape, 2);
  const y = Math.exp(1.5);
  const [d1, d2, d3] = [1, 2, 3].map((r) => mapTensor(g, (v) => y * v ** r));
  const wanted = new Float64Array(3);
  for (let k = 0; k < 3; k++) {
    const total = Array.from(activation.data.slice(20 * k, 20 * k + 20)).reduce((sum, v) => sum + v);
    for (const v of g.data.slice(20 * k, 20 * k + 20)) {
      if (v > 0) wanted[k] += (y * v) / (2 + v * total);
    }
  }
  close(gradCamPlusPlus(evidence({ activation, d1, d2, d3 })).weights, wanted, { relative: 1e-14 });
});

test('scaling all derivatives by exp(L) leaves α and scales w', () => {
  const e = generalEvidence([4, 3, 3], 60);
  const plain = gradCamPlusPlus(e);
  for (const factor of [2 ** -660, 2 ** -30, 2 ** 400]) {
    const scaled = evidence({
      activation: e.activation,
      d1: mapTensor(e.d1, (v) => v * factor),
      d2: mapTensor(e.d2, (v) => v * factor),
      d3: mapTensor(e.d3, (v) => v * factor),
    });
    for (const numerator of ['second', 'first'] as const) {
      const was = gradCamPlusPlus(e, { numerator });
      const is = gradCamPlusPlus(scaled, { numerator });
      same(
        is.weights,
        was.weights.map((w) => w * factor),
      );
      assert.equal(is.counts, was.counts);
    }
  }
  assert.ok(plain.weights.some((w) => w !== 0));
});

test('permuting the maps permutes the weights, bit for bit', () => {
  const e = generalEvidence([3, 2, 3], 70);
  const order = [2, 0, 1];
  const permute = (x: typeof e.d1) =>
    fromData(Float64Array.from(order.flatMap((k) => Array.from(x.data.slice(6 * k, 6 * k + 6)))), x.shape);
  const permuted = evidence({
    activation: permute(e.activation),
    d1: permute(e.d1),
    d2: permute(e.d2),
    d3: permute(e.d3),
  });
  const { weights, counts } = gradCamPlusPlus(e);
  same(
    gradCamPlusPlus(permuted).weights,
    Float64Array.from(order, (k) => weights[k]),
  );
  assert.equal(gradCamPlusPlus(permuted).counts, counts);
});

/** One map whose ΣA is 2, so that the denominator is 2 (D2 + D3). */
function single(d1: number[], d2: number[], d3: number[]) {
  const shape = [1, 1, d1.length];
  const activation = tensor([2, ...new Array(d1.length - 1).fill(0)], shape);
  return evidence({ activation, d1: tensor(d1, shape), d2: tensor(d2, shape), d3: tensor(d3, shape) });
}

const none = { dead: 0, singular: 0, flipped: 0, large: 0, cancelled: 0 };

test('0/0 is 0 and dead', () => {
  const { weights, counts } = gradCamPlusPlus(single([1, 1], [0, 1], [0, 1]));
  same(weights, [0.25]);
  assert.equal(counts, { ...none, dead: 1 });
});

test('a denominator of 0 with D2 ≠ 0 gives 0 and is singular (and its terms cancel)', () => {
  const { weights, counts } = gradCamPlusPlus(single([1, 1], [3, 1], [-3, 1]));
  same(weights, [0.25]);
  assert.equal(counts, { ...none, singular: 1, cancelled: 1 });
});

test('D1/0 is singular and 0/0 dead with D1 above', () => {
  const e = single([1, 2, 0, 1], [0, 0, 3, 1], [0, 0, -3, 1]);
  const { weights, counts } = gradCamPlusPlus(e, { numerator: 'first' });
  same(weights, [0.25]);
  assert.equal(counts, { ...none, singular: 2, dead: 1, cancelled: 1 });
});

test('D2 = 0 with D3 ≠ 0 is an ordinary 0', () => {
  const { weights, counts } = gradCamPlusPlus(single([1], [0], [1]));
  same(weights, [0]);
  assert.equal(counts, none);
});

test('α < 0 is kept and flipped, whatever the sign of D1', () => {
  const { weights, counts } = gradCamPlusPlus(single([1, -1], [1, 1], [-3, -3]));
  same(weights, [-0.25]);
  assert.equal(counts, { ...none, flipped: 2 });
});

test('|α| > 1/2 is kept and large; 1/2 is not', () => {
  const { weights, counts } = gradCamPlusPlus(single([1, 1, 1], [1, 1, 1], [-0.5, 0, -1.5]));
  same(weights, [1 + 0.5 - 1]);
  assert.equal(counts, { ...none, large: 2, flipped: 1 });
});

test('a nearly cancelling denominator is kept and counted, from 1e-3 down', () => {
  // |den| = 2δ, 1e-3 (2|D2| + |ΣA·D3|) = 1e-3 (4 − 2δ): the bound is δ = 2e-3/(1 + 1e-3)
  const bound = 2e-3 / 1.001;
  for (const [delta, cancelled] of [
    [bound * 0.999, 1],
    [bound * 1.001, 0],
  ]) {
    const { weights, counts } = gradCamPlusPlus(single([1], [1], [delta - 1]));
    close(weights, [1 / (2 * delta)], { relative: 1e-12 });
    assert.equal(counts, { ...none, large: 1, cancelled });
  }
});

test('derivatives of 1e-200 keep every digit of α', () => {
  const g = 0.37;
  const e = single([1e-200 * g], [1e-200 * g * g], [1e-200 * g ** 3]);
  close(gradCamPlusPlus(e).weights, [(1e-200 * g) / (2 + 2 * g)], { relative: 1e-14 });
});

test('smoothgradcam++ on one sample is gradcam++, bit for bit', () => {
  const e = generalEvidence([3, 3, 3], 80);
  for (const numerator of ['second', 'first'] as const) {
    same(smoothGradCamPlusPlus(e, { numerator }).weights, gradCamPlusPlus(e, { numerator }).weights);
  }
});

test('with a region Σ_ij is restricted and ΣA is not', () => {
  const d = tensor([
    [
      [1, 1],
      [1, 1],
    ],
  ]);
  const e = evidence({
    activation: tensor([
      [
        [1, 2],
        [3, 4],
      ],
    ]),
    d1: d,
    d2: d,
    d3: d,
  });
  const { weights, counts } = gradCamPlusPlus(e, { select: { region: { y0: 1, x0: 0, y1: 2, x1: 2 } } });
  close(weights, [2 / 12], { relative: 1e-15 });
  assert.equal(counts, none);
});

test('top keeps the largest |w|, ties to the lower map, and counts those alone', () => {
  const shape = [4, 1, 1];
  const ones = tensor([1, 1, 1, 1], shape);
  // α = 1/2, −1, 1, 0/0
  const e = evidence({
    activation: ones,
    d1: ones,
    d2: tensor([1, 1, 1, 0], shape),
    d3: tensor([0, -3, -1, 0], shape),
  });
  const top = (n: number) => gradCamPlusPlus(e, { select: { maps: { top: n } } });
  same(top(1).weights, [0, -1, 0, 0]);
  assert.equal(top(1).maps, [1]);
  assert.equal(top(1).counts, { ...none, flipped: 1, large: 1 });
  assert.equal(top(2).maps, [1, 2]);
  assert.equal(top(3).maps, [0, 1, 2]);
  assert.equal(top(3).counts, { ...none, flipped: 1, large: 2 });
  assert.equal(top(9).counts, { ...none, flipped: 1, large: 2, dead: 1 });
  same(top(9).weights, gradCamPlusPlus(e).weights);
});

test('float32 and strided input give the same weights', () => {
  const e = generalEvidence([2, 3, 2], 90); // multiples of 1/64 are exact in float32
  const { weights } = gradCamPlusPlus(e);
  const narrow = evidence({
    activation: castTo(e.activation, 'float32'),
    d1: castTo(e.d1, 'float32'),
    d2: castTo(e.d2, 'float32'),
    d3: castTo(e.d3, 'float32'),
  });
  assert.is(narrow.activation.dtype, 'float32');
  assert.is(narrow.d1.dtype, 'float64');
  same(gradCamPlusPlus(narrow).weights, weights);
  const backwards = { ...e.d2, data: e.d2.data.slice().reverse(), stride: [-6, -2, -1], offset: 11 };
  same(gradCamPlusPlus({ ...e, d2: backwards }).weights, weights);
});

test('D2 = D3 = 0 for certain is refused by name, with the way out', () => {
  const flat = {
    ...single([1], [0], [0]),
    score: 'logit' as const,
    zero: { orders: [2, 3], reason: 'the head is piecewise linear' },
  };
  assert.throws(
    () => gradCamPlusPlus(flat),
    (error: unknown) => {
      return (
        error instanceof InputError && /run gradcam\+\+ .*piecewise linear.*--score exp/.test(error.message)
      );
    },
  );
  assert.throws(() => smoothGradCamPlusPlus(flat), /run smoothgradcam\+\+ /);
  // a score that does not depend on A at all is not refused: its map is empty, and no other score helps
  same(
    gradCamPlusPlus({ ...single([0], [0], [0]), zero: { orders: [1, 2, 3], reason: 'constant' } }).weights,
    [0],
  );
  // only the third: a quadratic score has α = 1/2
  same(
    gradCamPlusPlus({ ...single([1], [4], [0]), zero: { orders: [3], reason: 'quadratic' } }).weights,
    [0.5],
  );
});

test('NaN, Infinity, shapes and unknown numerators are refused', () => {
  const e = single([1, 1], [1, 1], [1, 1]);
  const bad = (value: number) => tensor([1, value], [1, 1, 2]);
  assert.throws(
    () => gradCamPlusPlus({ ...e, d3: bad(Number.NaN) }),
    /d3 must be finite, got NaN at \[0, 0, 1\]/,
  );
  assert.throws(
    () => gradCamPlusPlus({ ...e, activation: bad(Number.POSITIVE_INFINITY) }),
    /activation .* got Infinity/,
  );
  assert.throws(
    () => gradCamPlusPlus({ ...e, d1: tensor([1], [1, 1, 1]) }),
    (error: unknown) =>
      error instanceof ShapeError && /d1 .*\[1, 1, 2\], got \[1, 1, 1\]/.test(error.message),
  );
  const options = { numerator: 'third' } as unknown as { numerator: 'first' };
  assert.throws(() => gradCamPlusPlus(e, options), /second or first, got third/);
});

test.run();
