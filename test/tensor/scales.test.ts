import { suite } from 'uvu';
import {
  codeOfPower,
  leastPower,
  mostPower,
  type PowerRounding,
  roundToPower,
  valuesOfPowers,
} from '../../src/tensor/scales.ts';
import { same } from '../support/check.ts';

const test = suite('powers of two as scales');

test('every code but the last is a power of two, and its own code', () => {
  const codes = Array.from({ length: 256 }, (_, code) => code);
  // The exponent bits of a float32 are the code; 2^−127 alone has none.
  const floats = new Float32Array(Uint32Array.from(codes, (code) => code * 2 ** 23).buffer);
  same(valuesOfPowers, [2 ** -127, ...floats.subarray(1, 255), Number.NaN], 'values');
  same(Array.from(valuesOfPowers, codeOfPower), codes, 'codes');
});

const row = (values: readonly number[], rounding: PowerRounding, saturate: boolean) =>
  values.map((x) => roundToPower(x, rounding, saturate));

test('between two powers: up, down, or the nearest with halves up', () => {
  const values = [0.124, 0.25, 1, 1.1, 1.49, 1.5, 3];
  same(row(values, 'up', true), [0.125, 0.25, 1, 2, 2, 2, 4], 'up');
  same(row(values, 'down', true), [0.0625, 0.25, 1, 1, 1, 1, 2], 'down');
  same(row(values, 'nearest', true), [0.125, 0.25, 1, 1, 1, 2, 4], 'nearest');
});

test('what is no power: ONNX’s table of Cast', () => {
  const values = [0, NaN, Infinity, 1e39, 1e-39, 5e-324, -1];
  const saturated = [leastPower, NaN, mostPower, mostPower, leastPower, leastPower, NaN];
  same(row(values, 'up', true), saturated, 'up, saturating');
  same(row(values, 'nearest', false), [NaN, NaN, NaN, NaN, NaN, NaN, NaN], 'nearest, not saturating');
  same(row([1.9 * mostPower], 'down', false), [mostPower], 'rounded down');
});

test.run();
