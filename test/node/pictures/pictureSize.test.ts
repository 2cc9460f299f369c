import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePng } from '../../../src/node/pictures/encodePng.ts';
import { pictureSize } from '../../../src/node/pictures/pictureSize.ts';

const test = suite('pictureSize');

/** A JPEG up to its first scan, with a comment before its frame. */
function jpegStart(width: number, height: number, comment: number): Uint8Array {
  const frame = [0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0];
  const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0];
  const size = comment + 2;
  return Uint8Array.from([
    ...[0xff, 0xd8, 0xff, 0xfe, size >> 8, size & 255],
    ...new Uint8Array(comment),
    ...frame,
    ...scan,
  ]);
}

test('the sizes that PNG and JPEG files say', () => {
  assert.equal(pictureSize(encodePng({ width: 5, height: 3, data: new Uint8Array(60) })), [5, 3]);
  assert.equal(pictureSize(jpegStart(300, 513, 40_000)), [300, 513]);
});

test('a beginning that does not say it', () => {
  const png = encodePng({ width: 5, height: 3, data: new Uint8Array(60) });
  for (const bytes of [new Uint8Array(), png.subarray(0, 23), jpegStart(9, 9, 100).subarray(0, 90)]) {
    assert.is(pictureSize(bytes), undefined);
  }
});

test.run();
