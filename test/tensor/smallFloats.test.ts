import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  codeOfSmall,
  largestOf,
  roundToSmall,
  type SmallFloat,
  smallFloats,
  valuesOfCodes,
} from '../../src/tensor/smallFloats.ts';
import { same } from '../support/check.ts';

const test = suite('floats of at most 16 bits');

/**
 * The definition read another way: the positive codes are a walk from 0, whose step doubles whenever the exponent does. `numbers` are
 * the codes from 0 to the largest number.
 */
function walk({ bits, exponentBits }: SmallFloat, smallest: number, numbers: number): number[] {
  const fractions = 2 ** (bits - 1 - exponentBits);
  const values: number[] = [];
  let value = 0;
  let step = smallest;
  for (let code = 0; code < numbers; code++) {
    values.push(value);
    if (code > fractions && code % fractions === 0) step *= 2;
    value += step;
  }
  return values;
}

/** Smallest and largest number of each format, as its papers print them, and what follows the largest. */
const tables: readonly [keyof typeof smallFloats, number, number, readonly number[]][] = [
  ['float8e4m3fn', 2 ** -9, 448, [Number.NaN]],
  ['float8e4m3fnuz', 2 ** -10, 240, []],
  ['float8e5m2', 2 ** -16, 57344, [Number.POSITIVE_INFINITY, Number.NaN, Number.NaN, Number.NaN]],
  ['float8e5m2fnuz', 2 ** -17, 57344, []],
  ['float4e2m1', 0.5, 6, []],
];

for (const [name, smallest, largest, rest] of tables) {
  const format: SmallFloat = smallFloats[name];
  const half = 2 ** (format.bits - 1);
  test(`${name}: every one of its codes has the value of its definition`, () => {
    const positive = [...walk(format, smallest, half - rest.length), ...rest];
    const negative = positive.map((value, code) =>
      code === 0 && format.special === 'fnuz' ? Number.NaN : -value,
    );
    same(valuesOfCodes(format), [...positive, ...negative], name);
    assert.is(largestOf(format), largest);
  });
}

test('float4e2m1 is the table of its standard', () => {
  same(valuesOfCodes(smallFloats.float4e2m1).subarray(0, 8), [0, 0.5, 1, 1.5, 2, 3, 4, 6], 'positive');
});

test('bfloat16: every code is the upper half of a float32', () => {
  const bits = Uint32Array.from({ length: 65536 }, (_, code) => code * 65536);
  same(valuesOfCodes(smallFloats.bfloat16), new Float32Array(bits.buffer), 'bfloat16');
});

test('float16: every number is the walk from 2^−24 to 65504', () => {
  const values = valuesOfCodes(smallFloats.float16);
  same(values.subarray(0, 0x7c00), walk(smallFloats.float16, 2 ** -24, 0x7c00), 'positive');
  same(
    values.subarray(0x8000, 0xfc00),
    walk(smallFloats.float16, 2 ** -24, 0x7c00).map((value) => -value),
    'negative',
  );
  assert.equal([values[0x7bff], values[0x7c00], values[0xfc00]], [65504, Infinity, -Infinity]);
  assert.ok(values.subarray(0x7c01, 0x8000).every(Number.isNaN));
});

for (const [name, format] of Object.entries(smallFloats)) {
  test(`${name}: what is rounded is the nearest number, halves go to the even code`, () => {
    const values = valuesOfCodes(format);
    const sides = (format as SmallFloat).special === 'fnuz' ? [1] : [1, -1];
    const half = 2 ** (format.bits - 1);
    for (let code = 0; code < half - 1 && values[code + 1] <= largestOf(format); code++) {
      const [low, high] = [values[code], values[code + 1]];
      const middle = (low + high) / 2; // exact in float64
      const near = (high - low) / 1024;
      for (const side of sides) {
        const at = side === 1 ? code : code + half;
        assert.is(codeOfSmall(side * low, format), at);
        assert.is(codeOfSmall(side * (middle - near), format), at);
        assert.is(codeOfSmall(side * (middle + near), format), at + 1);
        assert.is(codeOfSmall(side * middle, format), at + (at % 2));
      }
    }
  });
}

test('beyond the largest number: ONNX’s tables of Cast', () => {
  const names = ['float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz'] as const;
  const row = (x: number, saturate: boolean, opset = 23) =>
    names.map((name) => roundToSmall(x, smallFloats[name], { saturate, opset }));
  same(row(-0, true), [-0, 0, -0, 0], '−0');
  same(row(Number.NaN, true), [NaN, NaN, NaN, NaN], 'NaN');
  same(row(Infinity, true), [448, NaN, 57344, NaN], '∞, saturating');
  same(row(Infinity, true, 24), [448, 240, 57344, 57344], '∞, saturating, operator set 24');
  same(row(-Infinity, true, 24), [-448, -240, -57344, -57344], '−∞, saturating, operator set 24');
  same(row(Infinity, false, 24), [NaN, NaN, Infinity, NaN], '∞, operator set 24');
  same(row(-1e6, true), [-448, -240, -57344, -57344], 'beyond, saturating');
  same(row(-Infinity, false), [NaN, NaN, -Infinity, NaN], '−∞');
  same(row(-1e6, false), [NaN, NaN, -Infinity, NaN], 'beyond');
  // Up to the half step above the largest it is the largest, saturating or not.
  same(row(463, false).slice(0, 1), [448], 'rounded down');
  same(row(247.9, false).slice(1, 2), [240], 'rounded down');
  const half = (x: number) => roundToSmall(x, smallFloats.float16, { saturate: false, opset: 24 });
  same([half(65519), half(65520)], [65504, Infinity], 'float16');
});

test('float4e2m1 always saturates, and NaN is 0, before operator set 24 the largest number', () => {
  const row = (opset: number) =>
    [7, -9, Infinity, -Infinity, NaN, -0].map((x) =>
      roundToSmall(x, smallFloats.float4e2m1, { saturate: false, opset }),
    );
  same(row(23), [6, -6, 6, -6, 6, -0], 'operator set 23');
  same(row(24), [6, -6, 6, -6, 0, -0], 'operator set 24');
});

test('codes that are not numbers', () => {
  const nan = (name: keyof typeof smallFloats) => codeOfSmall(Number.NaN, smallFloats[name]);
  assert.equal(
    [nan('float8e4m3fn'), nan('float8e4m3fnuz'), nan('float8e5m2'), nan('float8e5m2fnuz'), nan('float16')],
    [0x7f, 0x80, 0x7e, 0x80, 0x7e00],
  );
  assert.is(codeOfSmall(Number.NEGATIVE_INFINITY, smallFloats.float8e5m2), 0xfc);
});

test.run();
