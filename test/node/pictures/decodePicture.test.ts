import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePicture } from '../../../src/node/pictures/decodePicture.ts';
import { encodePng } from '../../../src/node/pictures/encodePng.ts';
import { fixture, same } from '../../support/check.ts';
import { chunk, type PngParts, png } from '../../support/png.ts';

const test = suite('decodePicture');

interface Golden {
  readonly name: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** RGB. */
  readonly pixels: string;
}

const goldens = JSON.parse(readFileSync(fixture('image/jpegs.json'), 'utf8')) as Golden[];
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const rgbOf = (rgba: Uint8Array) => rgba.filter((_, i) => i % 4 !== 3);
const golden = (name: string) => bytesOf(goldens.find((each) => each.name === name)!.file);

for (const { name, file, width, height, pixels } of goldens) {
  test(`JPEG, ${name}: the pixels that Pillow gives`, () => {
    const picture = decodePicture(bytesOf(file), name);
    assert.is(picture.width, width);
    assert.is(picture.height, height);
    same(rgbOf(picture.data), bytesOf(pixels));
    assert.ok(picture.data.every((value, i) => i % 4 !== 3 || value === 255));
  });
}

/** A PNG file of packed rows without filter bytes. */
interface Packed extends Omit<PngParts, 'raw'> {
  readonly rows: readonly (readonly number[])[];
}

const packed = ({ rows, ...parts }: Packed) =>
  png({ ...parts, raw: Uint8Array.from(rows.flatMap((row) => [0, ...row])) });

const palette = chunk('PLTE', Buffer.from([1, 2, 3, 40, 50, 60, 255, 254, 253]));
const transparency = chunk('tRNS', Buffer.from([255, 128]));
const size = { width: 2, height: 1 };
// colour 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA; 16 bits are rounded: 0x1280 / 257 = 18.43, 0x80ff / 257 = 128.5.
const pngs: readonly (readonly [string, Packed, readonly number[]])[] = [
  ['gray, 1 bit', { ...size, depth: 1, colour: 0, rows: [[0b01000000]] }, [0, 0, 0, 255, 255, 255, 255, 255]],
  ['gray, 4 bits', { ...size, depth: 4, colour: 0, rows: [[0x3f]] }, [51, 51, 51, 255, 255, 255, 255, 255]],
  ['gray', { ...size, depth: 8, colour: 0, rows: [[7, 200]] }, [7, 7, 7, 255, 200, 200, 200, 255]],
  [
    'gray, 16 bits',
    { ...size, depth: 16, colour: 0, rows: [[0x12, 0x80, 0xff, 0xff]] },
    [18, 18, 18, 255, 255, 255, 255, 255],
  ],
  ['RGB', { ...size, depth: 8, colour: 2, rows: [[1, 2, 3, 4, 5, 6]] }, [1, 2, 3, 255, 4, 5, 6, 255]],
  [
    'RGB, 16 bits',
    { ...size, depth: 16, colour: 2, rows: [[1, 1, 2, 2, 3, 3, 0, 0, 0, 200, 255, 0]] },
    [1, 2, 3, 255, 0, 1, 254, 255],
  ],
  [
    'palette with transparency, 2 bits',
    { ...size, depth: 2, colour: 3, rows: [[0b01100000]], extra: [palette, transparency] },
    [40, 50, 60, 128, 255, 254, 253, 255],
  ],
  ['gray and alpha', { ...size, depth: 8, colour: 4, rows: [[9, 0, 80, 90]] }, [9, 9, 9, 0, 80, 80, 80, 90]],
  ['RGBA', { ...size, depth: 8, colour: 6, rows: [[1, 2, 3, 4, 5, 6, 7, 8]] }, [1, 2, 3, 4, 5, 6, 7, 8]],
];

for (const [name, raw, wanted] of pngs) {
  test(`PNG, ${name}`, () => same(decodePicture(packed(raw), name).data, wanted));
}

test('PNG: the orientation of its eXIf chunk', () => {
  // A little-endian TIFF block with one entry: orientation (0x0112), a short, 3: turned by half.
  const block = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0];
  const extra = [chunk('eXIf', Buffer.from(block))];
  const turned = decodePicture(packed({ ...size, depth: 8, colour: 0, rows: [[7, 200]], extra }), 'a.png');
  same(rgbOf(turned.data), [200, 200, 200, 7, 7, 7]);
});

test('what encodePng writes, comes back', () => {
  const data = Uint8Array.from({ length: 4 * 7 * 5 }, (_, i) => (i * 37 + i * i) % 256);
  for (const opaque of [false, true]) {
    const picture = {
      width: 7,
      height: 5,
      data: data.map((value, i) => (opaque && i % 4 === 3 ? 255 : value)),
    };
    const file = encodePng(picture);
    assert.is(file[25], opaque ? 2 : 6);
    assert.equal(decodePicture(file, 'a.png'), picture);
    same(file, encodePng(picture));
  }
});

const wholePng = encodePng({ width: 3, height: 2, data: new Uint8Array(24).fill(9) });

test('a file cut short at any byte is refused, never drawn and never a crash', () => {
  for (const [name, whole] of [
    ['a.png', wholePng],
    ['b.jpg', golden('4:2:0')],
    ['c.jpg', golden('progressive')],
  ] as const) {
    for (let length = 0; length < whole.length; length++) {
      assert.throws(
        () => decodePicture(whole.subarray(0, length), name),
        new RegExp(`^Cannot read ${name}: `),
      );
    }
  }
});

test('a file with a wrong byte in its data is refused', () => {
  const wrong = wholePng.slice();
  wrong[45] ^= 1;
  assert.throws(() => decodePicture(wrong, 'a.png'), /^Cannot read a\.png: it is damaged or cut short; give/);
});

test('other files are named by what they are', () => {
  const text = (letters: string) => Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const says = (bytes: Uint8Array, wanted: RegExp) =>
    assert.throws(
      () => decodePicture(bytes, 'x'),
      (error: Error & { code?: string }) => {
        return error.name === 'InputError' && error.code === 'INPUT' && wanted.test(error.message);
      },
    );
  says(text(''), /^Cannot read x: the file is empty; give a PNG or JPEG picture$/);
  says(text('hello, no picture'), /^Cannot read x: it is neither PNG nor JPEG; give one of them$/);
  says(text('GIF89a'), /^Cannot read x: it is a GIF file; convert it to PNG or JPEG$/);
  says(text('RIFF....WEBPVP8 '), /it is a WebP file/);
  says(text('....ftypheic'), /it is a HEIC file/);
});

test('huge, empty and rare pictures are refused before they are drawn', () => {
  const huge = packed({ width: 40000, height: 40000, depth: 8, colour: 0, rows: [] });
  assert.throws(
    () => decodePicture(huge, 'a.png'),
    /^Cannot read a\.png: it asks for 40000 × 40000 pixels, and a picture may have 50000000; --max-pixels raises the bound; make it smaller$/,
  );
  const long = packed({ width: 65537, height: 1, depth: 8, colour: 0, rows: [] });
  assert.throws(
    () => decodePicture(long, 'a.png'),
    /it asks for 65537 pixels, and a side of a picture may have 65536; make it smaller$/,
  );
  const none = packed({ width: 0, height: 3, depth: 8, colour: 0, rows: [] });
  assert.throws(() => decodePicture(none, 'a.png'), /it has no pixels/);
  const lossless = golden('4:4:4').slice();
  lossless[lossless.findIndex((byte, i) => byte === 0xff && lossless[i + 1] === 0xc0) + 1] = 0xc3;
  assert.throws(() => decodePicture(lossless, 'a.jpg'), /it is a rare kind of JPEG/);
});

test('maxPixels sets the bound', () => {
  const jpeg = golden('4:4:4');
  const { width, height } = decodePicture(jpeg, 'a.jpg');
  const most = { maxPixels: width * height };
  for (const [file, name] of [
    [jpeg, 'a.jpg'],
    [encodePng({ width, height, data: new Uint8Array(4 * width * height) }), 'a.png'],
  ] as const) {
    assert.is(decodePicture(file, name, most).width, width);
    const less = { maxPixels: width * height - 1 };
    assert.throws(() => decodePicture(file, name, less), new RegExp(`a picture may have ${less.maxPixels};`));
  }
  for (const maxPixels of [0, -1, Number.NaN]) {
    assert.throws(() => decodePicture(jpeg, 'a.jpg', { maxPixels }), /maxPixels must be a number above 0/);
  }
});

test('broken metadata does not hide a good picture', () => {
  const file = golden('orientation 6').slice();
  file.fill(255, 30, 40);
  assert.is(decodePicture(file, 'a.jpg').width, 5);
});

test.run();
