import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluateNode } from '../../src/layers/evaluateNode.ts';
import { allLayers } from '../../src/layers/more.ts';
import type { ElementType } from '../../src/layers/types.ts';
import { decodeTensor } from '../../src/model/data/decode.ts';
import { contiguous, tensor } from '../../src/tensor/tensor.ts';

/** What integers are where their type has no room for a result. */
const test = suite('integers');

function compute(op: string, type: ElementType, ...given: number[][]): number[] {
  const values = given.map((each) => ({ tensor: tensor(each), type }));
  const context = { opset: 21, precision: 'float32' as const, layers: allLayers };
  const [y] = evaluateNode(allLayers[op], { outputs: ['y'], attributes: {} }, { values, context });
  return Array.from(contiguous(y?.tensor ?? tensor([])).data);
}

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

test.run();
