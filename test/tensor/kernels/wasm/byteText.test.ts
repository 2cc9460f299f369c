import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromByteText, toByteText } from '../../../../src/tensor/kernels/wasm/byteText.ts';
import { moduleText } from '../../../../src/tensor/kernels/wasm/module.ts';

const test = suite('byteText');

test('every byte comes back, alone and after every other', () => {
  const bytes = Uint8Array.from({ length: 2 * 65536 }, (_, i) => (i % 2 === 0 ? i >> 9 : (i >> 1) & 255));
  const text = toByteText(bytes);
  assert.match(text, /^[ -~]*$/);
  assert.equal(fromByteText(text), bytes);
});

test('small numbers are one character', () => {
  assert.is(toByteText(Uint8Array.of(0, 1, 0x20, 86)), '()H~');
  assert.is(toByteText(new Uint8Array()), '');
  assert.is(fromByteText('').length, 0);
});

test('the module is a module', () => {
  const bytes = fromByteText(moduleText);
  assert.equal([...bytes.subarray(0, 8)], [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  assert.is(toByteText(bytes), moduleText);
});

test.run();
