import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePicture } from '../../../src/node/pictures/decodePicture.ts';
import { fixture, same } from '../../support/check.ts';
import { putTogether, segment, takeApart, tiff, withExif } from '../../support/jpeg.ts';

const test = suite('decodeJpeg');

const files = JSON.parse(readFileSync(fixture('image/jpegs.json'), 'utf8')) as {
  name: string;
  file: string;
}[];
const named = (name: string) => {
  const found = files.find((each) => each.name === name);
  return new Uint8Array(Buffer.from(found?.file ?? '', 'base64'));
};
const jpeg = named('4:4:4');

const refuses = (file: Uint8Array, why: RegExp) =>
  assert.throws(
    () => decodePicture(file, 'a.jpg'),
    (error: Error) => error.name === 'InputError' && why.test(error.message),
  );
const damaged = /^Cannot read a\.jpg: it is damaged or cut short; give a complete file$/;

/** The same file, its frame changed. */
function withFrame(file: Uint8Array, change: (frame: Buffer) => void, marker = 0xc0): Uint8Array {
  const { segments, scan } = takeApart(file);
  const changed = segments.map((each) => {
    if (each.marker < 0xc0 || each.marker > 0xc2) return each;
    const content = Buffer.from(each.content);
    change(content);
    return { marker, content };
  });
  return putTogether({ segments: changed, scan });
}

test('an orientation that is a text leaves the picture as it is', () => {
  const plain = decodePicture(jpeg, 'a.jpg');
  for (const value of ['constructor', '__proto__\0\0\0']) {
    const file = withExif(jpeg, tiff([{ kind: 2, count: 12, value }]));
    same(decodePicture(file, 'a.jpg').data, plain.data);
  }
});

test('a size that only libjpeg sees is refused', () => {
  const { segments, scan } = takeApart(jpeg);
  const frame = segments.find(({ marker }) => marker === 0xc0)?.content ?? Buffer.alloc(0);
  const tables = segments.filter(({ marker }) => marker === 0xdb || marker === 0xc4);
  const large = Buffer.from(frame);
  large.writeUInt16BE(32768, 1);
  large.writeUInt16BE(32768, 3);
  const decoy = Buffer.concat([segment(0xc0, frame), segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0]))]);
  const hidden = Buffer.concat([
    ...tables.map(({ marker, content }) => segment(marker, content)),
    segment(0xc0, large),
    segment(0xe2, decoy).subarray(0, 4),
  ]);
  // FF 00 and the like are no segments to libjpeg, which looks for the next marker within.
  for (const marker of [0x00, 0xd8, 0xd9]) {
    const parts = [
      segment(marker, hidden),
      decoy,
      ...tables.map((each) => segment(each.marker, each.content)),
      scan,
    ];
    refuses(new Uint8Array(Buffer.concat([Buffer.from([0xff, 0xd8]), ...parts])), damaged);
  }
});

test('a header that asks for more pixels than the file can hold is refused before memory is taken', () => {
  const huge = (frame: Buffer) => {
    frame.writeUInt16BE(7000, 1);
    frame.writeUInt16BE(7000, 3);
  };
  refuses(withFrame(jpeg, huge), damaged);
  const larger = (frame: Buffer) => {
    frame.writeUInt16BE(32768, 1);
    frame.writeUInt16BE(32768, 3);
  };
  refuses(withFrame(jpeg, larger), /it asks for 32768 × 32768 pixels, and a picture may have 50000000/);
});

test('more scans than any program writes', () => {
  const progressive = named('progressive');
  const scan = segment(0xda, Buffer.from([1, 1, 0, 1, 5, 0]));
  const file = Buffer.concat([progressive.subarray(0, -2), ...new Array<Buffer>(120).fill(scan)]);
  refuses(
    new Uint8Array(file),
    /it asks for \d+ scans, and a JPEG may have 100; save it as an ordinary JPEG$/,
  );
});

test('arithmetic, lossless and 12-bit files are rare, not damaged', () => {
  const rare = /it is a rare kind of JPEG \(arithmetic, lossless or 12-bit\); save it as an ordinary JPEG$/;
  for (const marker of [0xc3, 0xc9, 0xca, 0xcb])
    refuses(
      withFrame(jpeg, () => {}, marker),
      rare,
    );
  refuses(
    withFrame(jpeg, (frame) => frame.writeUInt8(12, 0)),
    rare,
  );
});

test('frames of wrong components, factors and lengths', () => {
  for (const change of [
    (frame: Buffer) => frame.writeUInt8(2, 5),
    (frame: Buffer) => frame.writeUInt8(0, 5),
    (frame: Buffer) => frame.writeUInt8(0xff, 7),
    (frame: Buffer) => frame.writeUInt8(0, 7),
  ]) {
    refuses(withFrame(jpeg, change), damaged);
  }
  const { segments, scan } = takeApart(jpeg);
  const short = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1]), scan]);
  refuses(new Uint8Array(short), damaged);
  refuses(putTogether({ segments: segments.filter(({ marker }) => marker !== 0xc0), scan }), damaged);
});

test.run();
