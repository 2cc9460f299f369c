import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { twoProduct, twoSum } from '../../src/tensor/elementary/doubleDouble.ts';
import { coshOf, expm1Of, expOf, sinhOf, tanhOf } from '../../src/tensor/elementary/exponential.ts';
import { log1pOf, logOf } from '../../src/tensor/elementary/logarithm.ts';
import { atanOf, cosOf, sinOf, tanOf } from '../../src/tensor/elementary/trigonometric.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { close, same } from '../support/check.ts';

const test = suite('elementary functions');

const { PI, SQRT1_2, LN2 } = Math;
const [INFINITY, TINY, LARGE] = [Number.POSITIVE_INFINITY, Number.MIN_VALUE, Number.MAX_VALUE];

/** Where each is defined, its first bits on every machine, and pairs that are true: ends, zeros of both signs, subnormal numbers. */
const functions: Readonly<
  Record<
    string,
    { f: (x: number) => number; hash: string; from?: number; pairs: readonly (readonly [number, number])[] }
  >
> = {
  exp: {
    f: expOf,
    hash: '63926f560b7e',
    pairs: [
      [0, 1],
      [-0, 1],
      [1, Math.E],
      [709.782712893384, 1.7976931348622732e308],
      [709.8, INFINITY],
      [-745.1332191019411, TINY],
      [-745.2, 0],
      [-708.5, 2.006132305331306e-308],
      [INFINITY, INFINITY],
      [-INFINITY, 0],
    ],
  },
  expm1: {
    f: expm1Of,
    hash: 'f035a2e8f9a9',
    pairs: [
      [0, 0],
      [-0, -0],
      [TINY, TINY],
      [1e-10, 1.00000000005e-10],
      [-60.5, -1],
      [800, INFINITY],
      [-INFINITY, -1],
    ],
  },
  sinh: {
    f: sinhOf,
    hash: '3d57eccb4fec',
    pairs: [
      [-0, -0],
      [TINY, TINY],
      [710.4758600739439, 1.7976931348621744e308],
      [711, INFINITY],
      [-INFINITY, -INFINITY],
    ],
  },
  cosh: {
    f: coshOf,
    hash: '5c1077c1a8fa',
    pairs: [
      [-0, 1],
      [TINY, 1],
      [-710.4758600739439, 1.7976931348621744e308],
      [-711, INFINITY],
      [INFINITY, INFINITY],
    ],
  },
  tanh: {
    f: tanhOf,
    hash: '255ed90c380b',
    pairs: [
      [-0, -0],
      [TINY, TINY],
      [-20.5, -1],
      [INFINITY, 1],
    ],
  },
  log: {
    f: logOf,
    hash: '7173edf51d70',
    from: 0,
    pairs: [
      [1, 0],
      [0, -INFINITY],
      [-0, -INFINITY],
      [2, LN2],
      [0.5, -LN2],
      [TINY, -744.4400719213812],
      [2 ** -1030, -713.9415959767437],
      [LARGE, 709.782712893384],
      [INFINITY, INFINITY],
      [-1, Number.NaN],
    ],
  },
  log1p: {
    f: log1pOf,
    hash: '01c62b1433b0',
    from: -0.999,
    pairs: [
      [0, 0],
      [-0, -0],
      [TINY, TINY],
      [-1, -INFINITY],
      [LARGE, 709.782712893384],
      [INFINITY, INFINITY],
      [-2, Number.NaN],
    ],
  },
  sin: {
    f: sinOf,
    hash: 'ab1cb217be17',
    pairs: [
      [-0, -0],
      [TINY, TINY],
      [PI, 1.2246467991473532e-16],
      [PI / 4, SQRT1_2],
      [1e22, -0.8522008497671888],
      [LARGE, 0.004961954789184062],
      [2 ** 20, 0.3304931400217347],
      [INFINITY, Number.NaN],
    ],
  },
  cos: {
    f: cosOf,
    hash: '8d24f3322a32',
    pairs: [
      [-0, 1],
      [TINY, 1],
      [PI / 2, 6.123233995736766e-17],
      [1e22, 0.523214785395139],
      [-LARGE, -0.9999876894265599],
      [-INFINITY, Number.NaN],
    ],
  },
  tan: {
    f: tanOf,
    hash: '0f0714dd9399',
    pairs: [
      [-0, -0],
      [TINY, TINY],
      [PI / 2, 1.633123935319537e16],
      [1e22, -1.6287782256068988],
      [-INFINITY, Number.NaN],
    ],
  },
  atan: {
    f: atanOf,
    hash: '169d0071a27c',
    pairs: [
      [-0, -0],
      [TINY, TINY],
      [1, PI / 4],
      [LARGE, PI / 2],
      [-INFINITY, -PI / 2],
    ],
  },
};

for (const [name, { f, hash, from = -Number.POSITIVE_INFINITY, pairs }] of Object.entries(functions)) {
  test(`${name} has the same bits on every machine`, () => {
    const random = createRandom(7);
    const sum = createHash('sha256');
    for (const size of [1e-6, 0.1, 1, 30, 700, 1e15]) {
      const points = Array.from({ length: 2000 }, () => size * (2 * random.uniform() - 1));
      sum.update(
        new Uint8Array(
          Float64Array.from(
            points.filter((x) => x > from),
            f,
          ).buffer,
        ),
      );
    }
    assert.is(sum.digest('hex').slice(0, 12), hash);
  });

  test(`${name} at its ends`, () => {
    for (const [x, y] of pairs) {
      if (y === 0 || !Number.isFinite(y) || Math.abs(y) === TINY) same([f(x)], [y], `${name}(${x})`);
      else close([f(x)], [y], { relative: 2.3e-16 }, `${name}(${x})`);
    }
    assert.ok(Number.isNaN(f(Number.NaN)));
  });
}

test('sums and products of two doubles are without error', () => {
  const random = createRandom(3);
  for (let i = 0; i < 500; i++) {
    const [a, b] = [random.integer(2 ** 53), random.integer(2 ** 53) - 2 ** 52];
    const sum = twoSum(a, b);
    assert.is(BigInt(sum.high) + BigInt(sum.low), BigInt(a) + BigInt(b));
    const product = twoProduct(a, b);
    assert.is(BigInt(product.high) + BigInt(product.low), BigInt(a) * BigInt(b));
  }
});

test.run();
