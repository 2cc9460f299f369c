import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { typeNumbers } from '../../../src/layers/types.ts';
import { bytesOf, decodeTensor } from '../../../src/model/data/decode.ts';
import { encodeValues } from '../../../src/model/data/encode.ts';
import type { ElementType } from '../../../src/model/data/format.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { same } from '../../support/check.ts';

const test = suite('decodeTensor');

test('two numbers of four bits share a byte, the first in its lower half', () => {
  const bytes = Uint8Array.of(0x2f, 0x81, 0x07);
  same(
    decodeTensor({ dtype: 'uint2', shape: [5], bytes: Uint8Array.of(0b11_10_01_00, 2) }).data,
    [0, 1, 2, 3, 2],
    'uint2',
  );
  same(
    decodeTensor({ dtype: 'int2', shape: [5], bytes: Uint8Array.of(0b11_10_01_00, 2) }).data,
    [0, 1, -2, -1, -2],
    'int2',
  );
  same(decodeTensor({ dtype: 'uint4', shape: [5], bytes }).data, [15, 2, 1, 8, 7], 'uint4');
  same(decodeTensor({ dtype: 'int4', shape: [5], bytes }).data, [-1, 2, 1, -8, 7], 'int4');
  same(decodeTensor({ dtype: 'float4e2m1', shape: [5], bytes }).data, [-6, 1, 0.5, -0, 6], 'float4e2m1');
  assert.throws(
    () => decodeTensor({ dtype: 'int4', shape: [7], bytes }),
    (error: unknown) => error instanceof InputError && /needs 4/.test(error.message),
  );
});

test('every element type gives back what was written', () => {
  for (const dtype of Object.keys(typeNumbers) as ElementType[]) {
    const powers = dtype === 'float8e8m0' ? [1, 0.5, 4] : [0, 1, 6];
    const values = /bool|int2/.test(dtype) ? [0, 1, 1] : powers;
    const bytes = encodeValues(dtype, values);
    assert.is(bytes.length, bytesOf(dtype, 3), dtype);
    same(decodeTensor({ dtype, shape: [3], bytes }).data, values, dtype);
  }
});

test.run();
