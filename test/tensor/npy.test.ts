import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeNpy, encodeNpy } from '../../src/tensor/npy.ts';
import { full, tensor } from '../../src/tensor/tensor.ts';
import { fixture, same } from '../support/check.ts';

const test = suite('npy');

interface Golden {
  readonly name: string;
  readonly file: string;
  readonly shape: readonly number[];
  readonly values: readonly string[];
}

const goldens = JSON.parse(readFileSync(fixture('npy/npy.json'), 'utf8')) as Golden[];
const bytesOf = ({ file }: Golden) => new Uint8Array(Buffer.from(file, 'base64'));
const golden = (name: string) => bytesOf(goldens.find((each) => each.name === name)!);

for (const each of goldens) {
  test(`${each.name}: as NumPy wrote it`, () => {
    const { data, shape, dtype } = decodeNpy(bytesOf(each), 'a.npy');
    assert.equal([...shape], each.shape);
    assert.is(dtype, each.name.endsWith('f4') || each.name === 'version 2' ? 'float32' : 'float64');
    same(data, each.values.map(Number));
  });
}

test('the same bytes as NumPy writes', () => {
  for (const name of ['<f4', '<f8', 'a scalar', 'one axis', 'nothing', 'not numbers']) {
    same(encodeNpy(decodeNpy(golden(name), name)), golden(name), name);
  }
});

test('a view is written in its own order', () => {
  const x = { ...tensor([1, 2, 3, 4, 5, 6]), shape: [3, 2], stride: [1, 3] };
  same(decodeNpy(encodeNpy(x), 'a.npy').data, [1, 4, 2, 5, 3, 6]);
});

test('a part of a larger buffer is read from its own beginning', () => {
  const shifted = new Uint8Array(golden('<f8').length + 3);
  shifted.set(golden('<f8'), 3);
  same(decodeNpy(shifted.subarray(3), 'a.npy').data, decodeNpy(golden('<f8'), 'a.npy').data);
});

test('what cannot be read is said', () => {
  const says = (bytes: Uint8Array, wanted: RegExp) =>
    assert.throws(
      () => decodeNpy(bytes, 'a.npy'),
      (error: Error) => {
        const whole = error.message.startsWith('Cannot read a.npy: ') && error.message.endsWith('of numbers');
        return error.name === 'InputError' && whole && wanted.test(error.message);
      },
    );
  says(new Uint8Array(), /the file is empty/);
  says(new Uint8Array(200), /it is not an \.npy file/);
  const file = golden('<f8');
  says(file.subarray(0, 8), /it is cut short/);
  says(file.subarray(0, 60), /it is cut short/);
  says(file.subarray(0, file.length - 1), /its shape \[2, 3\] needs 48 bytes of values, it has 47/);
  const changed = (from: string, to: string) => {
    const text = Buffer.from(file).toString('latin1');
    const [start, end] = [10, text.indexOf('\n')];
    const header = text
      .slice(start, end)
      .trimEnd()
      .replace(from, () => to.padEnd(from.length));
    return new Uint8Array(
      Buffer.from(`${text.slice(0, start)}${header.padEnd(end - start)}${text.slice(end)}`, 'latin1'),
    );
  };
  says(changed("'<f8'", "'<c8'"), /it holds '<c8', not float32, float64, integers or booleans/);
  says(changed("'<f8'", "'|O'"), /it holds '\|O'/);
  says(changed('(2, 3)', ''), /its header gives no shape/);
  says(changed("'<f8'", "'<constructor'"), /it holds '<constructor', not float32/);
  for (const shape of [
    '(1L2,)',
    '(1 2,)',
    '(2,,3)',
    '(,)',
    '(-2, 3)',
    '(2, x)',
    '(2, 1e3)',
    '(99999999999999999999,)',
  ]) {
    says(changed('(2, 3)', shape), /its header gives the shape \(.*\), which is no list of lengths/);
  }
  const many = (lengths: string) => {
    const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${lengths}), }\n`;
    const head = Buffer.from('\x93NUMPY\x01\0\0\0', 'latin1');
    head.writeUInt16LE(header.length, 8);
    return new Uint8Array(Buffer.concat([head, Buffer.from(header), new Uint8Array(48)]));
  };
  says(many(`${'1,'.repeat(65)}`), /it asks for 65 axes, and an array of an \.npy file may have 64/);
  const most = '9007199254740992';
  says(many(`${most}, ${most}`), /needs more bytes than a file can have of values, it has 48/);
  says(many(`0, ${most}`), /its shape \[0, 9007199254740992\] needs 0 bytes of values, it has 48/);
  const long = Buffer.alloc(2 ** 17, ' ');
  long.set(Buffer.from('\x93NUMPY\x02\0\0\0\x01\x01', 'latin1'));
  says(new Uint8Array(long), /it asks for 16842752 bytes, and the header of an \.npy file may have 65536/);
  const later = file.slice();
  later[6] = 9;
  says(later, /its version is 9/);
  const large = new Uint8Array(encodeNpy(full([1], 0, 'float64')));
  const asInt = Buffer.from(Buffer.from(large).toString('latin1').replace('<f8', '<i8'), 'latin1');
  asInt.writeBigInt64LE(2n ** 60n, asInt.length - 8);
  says(new Uint8Array(asInt), /its integer 1152921504606846976 is beyond/);
});

test('lengths as Python 2 writes them', () => {
  const text = Buffer.from(golden('<f8')).toString('latin1').replace('(2, 3), }  ', '(2L, 3L), }');
  assert.equal([...decodeNpy(new Uint8Array(Buffer.from(text, 'latin1')), 'a.npy').shape], [2, 3]);
});

test('every truncation is refused', () => {
  const file = golden('version 3');
  for (let length = 0; length < file.length; length++) {
    assert.throws(() => decodeNpy(file.subarray(0, length), 'a.npy'), /^Cannot read a\.npy/);
  }
});

test.run();
