import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluateNode } from '../../src/layers/evaluateNode.ts';
import { allLayers } from '../../src/layers/more.ts';
import { type Attributes, type ElementType, typeNumbers } from '../../src/layers/types.ts';
import { decodeTensor } from '../../src/model/data/decode.ts';
import { contiguous, tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';

/** What numbers are where their type has no room for a result. */
const test = suite('numbers of a type');

interface Node {
  readonly op: string;
  readonly type: ElementType;
  readonly attributes?: Attributes;
  readonly opset?: number;
}

function computeNode({ op, type, attributes = {}, opset = 21 }: Node, ...given: number[][]): number[] {
  const values = given.map((each) => ({ tensor: tensor(each), type }));
  const context = { opset, precision: 'float64' as const, layers: allLayers };
  const [y] = evaluateNode(allLayers[op], { outputs: ['y'], attributes }, { values, context });
  return Array.from(contiguous(y?.tensor ?? tensor([])).data);
}

const compute = (op: string, type: ElementType, ...given: number[][]) => computeNode({ op, type }, ...given);

test('integers of up to 32 bits wrap as their type does', () => {
  assert.equal(compute('Add', 'int8', [127, -128, 5], [1, -1, 6]), [-128, 127, 11]);
  assert.equal(compute('Mul', 'uint8', [16, 255], [16, 255]), [0, 1]);
  assert.equal(compute('Sub', 'uint16', [0], [1]), [65535]);
  assert.equal(compute('Add', 'int32', [2 ** 31 - 1], [1]), [-(2 ** 31)]);
  assert.equal(compute('Neg', 'uint32', [1]), [2 ** 32 - 1]);
});

test('integers of 64 bits that would be rounded are refused, the ends of the type are not', () => {
  assert.throws(() => compute('Mul', 'int64', [2 ** 40], [2 ** 20 + 1]), /beyond 2\^53 jetgrad would round/);
  assert.equal(compute('Add', 'int64', [2 ** 53 - 1], [-1]), [2 ** 53 - 2]);
  assert.equal(compute('Identity', 'int64', [2 ** 63]), [2 ** 63]);
  const stored = (value: bigint) => ({
    dtype: 'int64' as const,
    shape: [1],
    bytes: new Uint8Array(BigInt64Array.of(value).buffer),
  });
  assert.throws(() => decodeTensor(stored(2n ** 53n + 1n)), /it holds 9007199254740993, and beyond 2\^53/);
  assert.is(decodeTensor(stored(2n ** 63n - 1n)).data[0], 2 ** 63);
  assert.is(decodeTensor(stored(-(2n ** 63n) + 1n)).data[0], -(2 ** 63));
});

test('bits of 64 are read as whole numbers where float64 has those, and refused where it has not', () => {
  const { int64, uint64, float64 } = typeNumbers;
  const read = (type: ElementType, to: number, x: number) =>
    computeNode({ op: 'BitCast', type, attributes: { to }, opset: 26 }, [x])[0];
  assert.is(read('float64', int64, 1), 1023 * 2 ** 52);
  assert.is(read('float64', int64, -2), -(2 ** 62));
  assert.is(read('float64', uint64, -2), 2 ** 63 + 2 ** 62);
  assert.is(read('int64', float64, 1023 * 2 ** 52), 1);
  assert.is(read('int64', uint64, -(2 ** 63)), 2 ** 63);
  assert.throws(() => read('float64', int64, Math.PI), /it holds 4614256656552045848, and beyond 2\^53/);
  // The end of a type that float64 has not, which stands for 2^63 − 1.
  assert.throws(() => read('int64', float64, 2 ** 63), /it holds 9223372036854775808, and beyond 2\^53/);
  assert.throws(() => read('int64', uint64, -1), /it holds 18446744073709551615, and beyond 2\^53/);
});

test('a cast follows the tables of its operator set', () => {
  const cast = (dtype: ElementType, opset: number, more: Attributes = {}) =>
    computeNode({ op: 'Cast', type: 'float32', attributes: { to: typeNumbers[dtype], ...more }, opset }, [
      Infinity,
      -Infinity,
      NaN,
      1e6,
    ]);
  same(cast('float8e4m3fnuz', 23), [NaN, NaN, NaN, 240], 'operator set 23');
  same(cast('float8e4m3fnuz', 24), [240, -240, NaN, 240], 'operator set 24');
  same(cast('float8e4m3fnuz', 24, { saturate: 0 }), [NaN, NaN, NaN, NaN], 'not saturating');
  same(cast('float4e2m1', 23), [6, -6, 6, 6], 'four bits, operator set 23');
  same(cast('float4e2m1', 24), [6, -6, 0, 6], 'four bits, operator set 24');
  same(cast('float8e8m0', 24), [2 ** 127, NaN, NaN, 2 ** 20], 'a power of two');
  same(cast('float8e8m0', 24, { round_mode: 'down' }), [2 ** 127, NaN, NaN, 2 ** 19], 'the one below');
});

test.run();
