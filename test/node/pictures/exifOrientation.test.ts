import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exifOrientation } from '../../../src/node/pictures/exifOrientation.ts';
import { exifContent, tiff } from '../../support/jpeg.ts';

const test = suite('exifOrientation');

test('all orientations, in both orders of bytes, in JPEG and PNG, as a short, a long or a byte', () => {
  for (let value = 1; value <= 8; value++) {
    for (const little of [true, false]) {
      for (const kind of [1, 3, 4]) {
        const block = tiff(
          [
            { tag: 0x010f, kind: 2, count: 12, value: 'Some Camera' },
            { kind, value },
          ],
          little,
        );
        assert.is(exifOrientation(block), value);
        assert.is(exifOrientation(exifContent(block)), value);
      }
    }
  }
});

test('what it does not say is 1', () => {
  assert.is(exifOrientation(undefined), 1);
  assert.is(exifOrientation(tiff([])), 1);
  assert.is(exifOrientation(tiff([{ kind: 2, count: 12, value: 'constructor' }])), 1);
  assert.is(exifOrientation(tiff([{ count: 2, value: 6 }])), 1);
  assert.is(exifOrientation(tiff([{ kind: 99, value: 6 }])), 1);
});

test('broken blocks are 1, wherever they are cut', () => {
  const block = tiff([{ value: 6 }]);
  for (let length = 0; length < 22; length++) assert.is(exifOrientation(block.subarray(0, length)), 1);
  assert.is(exifOrientation(block.subarray(0, 22)), 6);
  const far = Buffer.from(block);
  far.writeUInt32LE(0xffffffff, 4);
  assert.is(exifOrientation(far), 1);
  const other = Buffer.from(block);
  other.write('XX');
  assert.is(exifOrientation(other), 1);
});

test('thousands of entries that ask for millions of values cost nothing', () => {
  const greedy = Array.from({ length: 5000 }, (_, i) => ({
    tag: 0x8000 + i,
    kind: 1,
    count: 2 ** 32 - 1,
    value: 0,
  }));
  assert.is(exifOrientation(tiff([...greedy, { value: 3 }])), 3);
});

test.run();
