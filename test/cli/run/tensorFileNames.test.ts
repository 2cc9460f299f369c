import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tensorFileNames } from '../../../src/cli/run/tensorFileNames.ts';

const test = suite('tensorFileNames');

test('tensor names become file names, each its own', () => {
  const names = tensorFileNames(['a/b:0', 'a_b_0', 'A_B_0', 'plain', 'ü']);
  assert.equal([...names.values()], ['a_b_0.npy', 'a_b_0_2.npy', 'A_B_0_3.npy', 'plain.npy', '_.npy']);
});

test('long tensor names are cut, and told apart by a hash', () => {
  const long = 'a'.repeat(300);
  const names = [...tensorFileNames([long, `${long}b`, 'a'.repeat(200)]).values()];
  assert.is(new Set(names).size, 3);
  assert.equal(
    names.map((name) => name.length),
    [217, 217, 204],
  );
  assert.equal([...tensorFileNames([`${long}b`]).values()], [names[1]]);
});

test('tens of thousands of tensor names that meet get numbers of their own, in their order', () => {
  const names = Array.from(
    { length: 40_000 },
    (_, i) => `x${String.fromCharCode(0x4e00 + (i % 20_000))}${i < 20_000 ? '' : '_3'}`,
  );
  const files = tensorFileNames(names);
  assert.is(new Set([...files.values()].map((name) => name.toLowerCase())).size, 40_000);
  assert.is(files.get(names[0]), 'x_.npy');
  assert.is(files.get(names[19_999]), 'x__20000.npy');
  assert.is(files.get(names[20_000]), 'x__3_2.npy');
});

test.run();
