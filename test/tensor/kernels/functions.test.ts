/** The kernels' functions of one number against float64: errors in units in the last place, and what they make of the ends. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { erf, exp, sigmoid, tanh } from '../../../src/autodiff/operations.ts';
import { createDevice } from '../../../src/tensor/kernels/wasm/device.ts';
import type { pointwiseKinds } from '../../../src/tensor/kernels/wasm/kernels.ts';
import { step } from '../../../src/tensor/kernels/wasm/steps.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { same } from '../../support/check.ts';
import { pixelwise } from '../../support/pixelwise.ts';

const test = suite('functions of the kernels');

type Kind = (typeof pointwiseKinds)[number];

function apply(kind: Kind, x: Float32Array): Float32Array {
  const device = createDevice();
  const [a, output] = [device.reserve(x.byteLength), device.reserve(x.byteLength)];
  device.float32(a, x.length).set(x);
  const pixels = x.length / 4;
  const parameters = { ...pixelwise(kind, { pixels, block: pixels }), a, output, alpha: 1 };
  device.compile([step('pointwise', 1, parameters)]).run();
  return device.float32(output, x.length).slice();
}

/** Distance from one float32 to the next, at a float64 that is not beyond float32. */
function unitAt(value: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(value) || 1e-45)));
  return 2 ** (exponent - 23);
}

/** Every so many float32 numbers of both signs, whatever their size. */
const samples = Float32Array.from(
  new Float32Array(Int32Array.from({ length: 65536 }, (_, i) => i * 65521).buffer),
);
const finite = samples.map((x) => (Number.isFinite(x) ? x : 1));
/** Numbers where functions bend. */
const middle = Float32Array.from({ length: 65536 }, (_, i) => (i / 65536 - 0.5) * 24);
const wide = Float32Array.from({ length: 65536 }, (_, i) => (i / 65536 - 0.5) * 220);

const functions: Partial<Record<Kind, { f: (x: Tensor) => Tensor; most: number }>> = {
  exp: { f: exp, most: 2 },
  erf: { f: erf, most: 2 },
  tanh: { f: tanh, most: 2 },
  sigmoid: { f: sigmoid, most: 3 },
};

for (const [kind, { f, most }] of Object.entries(functions)) {
  test(`${kind}: within ${most} units in the last place`, () => {
    for (const x of [finite, middle, wide]) {
      const got = apply(kind as Kind, x);
      const exact = f(fromData(Float64Array.from(x), [x.length])).data;
      let worst = { units: 0, at: 0 };
      for (let i = 0; i < x.length; i++) {
        const beyond = Math.abs(exact[i]) > 3.4028235677973366e38;
        const units = beyond
          ? got[i] === Math.sign(exact[i]) * Number.POSITIVE_INFINITY
            ? 0
            : Number.POSITIVE_INFINITY
          : Math.abs(got[i] - exact[i]) / unitAt(exact[i]);
        if (!(units <= worst.units)) worst = { units, at: x[i] };
      }
      assert.ok(worst.units <= most, `${worst.units} units at ${worst.at}`);
    }
  });
}

test('the ends: infinite, no number, zeros of both signs, the smallest', () => {
  const ends = Float32Array.of(Infinity, -Infinity, Number.NaN, 0, -0, 1e-45, -1e-45, 1e30);
  same(apply('exp', ends), [Infinity, 0, Number.NaN, 1, 1, 1, 1, Infinity]);
  same(apply('sigmoid', ends), [1, 0, Number.NaN, 0.5, 0.5, 0.5, 0.5, 1]);
  const small = Math.fround(1e-45);
  same(apply('erf', ends), [1, -1, Number.NaN, 0, -0, small, -small, 1]);
  same(apply('tanh', ends), [1, -1, Number.NaN, 0, -0, small, -small, 1]);
  same(apply('sqrt', Float32Array.of(4, 0, -0, -1)), [2, 0, -0, Number.NaN]);
  const gelus = apply('gelu', Float32Array.of(0, -0, Number.NaN, 100, -100, 12, -12, 1));
  same(gelus.subarray(0, 6), [0, -0, Number.NaN, 100, -0, 12]);
});

/** Largest error beside float64, relative to the larger of 1 and the value. */
function errorOf(kind: Kind, f: (x: number) => number): number {
  const got = apply(kind, middle);
  return middle.reduce((most, x, i) => {
    const exact = f(x);
    return Math.max(most, Math.abs(got[i] - exact) / Math.max(1, Math.abs(exact)));
  }, 0);
}

const share = (x: number) => (1 + erf(x / Math.SQRT2).data[0]) / 2;
const gate = (x: number) => 1 / (1 + Math.exp(-x));

test('what is made of them', () => {
  assert.ok(errorOf('gelu', (x) => x * share(x)) < 2e-7);
  assert.ok(errorOf('silu', (x) => x * gate(x)) < 2e-7);
  assert.ok(errorOf('elu', (x) => (x > 0 ? x : Math.expm1(x))) < 2e-7);
});

test.run();
