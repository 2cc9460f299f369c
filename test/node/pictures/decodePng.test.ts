import { deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePicture } from '../../../src/node/pictures/decodePicture.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { same } from '../../support/check.ts';
import { chunk, headerChunk, type PngSize, png, pngKinds, pngRows, pngSignature } from '../../support/png.ts';

const test = suite('decodePng');

const gray = (width: number, height: number): PngSize => ({ width, height, depth: 8, colour: 0 });
const rgba = (width: number, height: number): PngSize => ({ width, height, depth: 8, colour: 6 });
const zeros = (length: number) => deflateSync(Buffer.alloc(length), { level: 9 });

const damaged = (file: Uint8Array, label: string) =>
  assert.throws(
    () => decodePicture(file, 'a.png'),
    (error: Error) => error.name === 'InputError' && /^Cannot read a\.png: it is damaged/.test(error.message),
    label,
  );

test('all kinds, interlaced and not, under all filters: the pixels that pngjs gives', () => {
  const random = createRandom(4);
  const byte = () => random.integer(256);
  const entries = chunk('PLTE', Uint8Array.from({ length: 3 * 256 }, byte));
  for (const [colour, depth, channels] of pngKinds) {
    for (const interlaced of [false, true]) {
      for (const [width, height] of [
        [1, 1],
        [3, 2],
        [5, 9],
        [17, 11],
      ]) {
        const size = { width, height, depth, colour, interlaced };
        for (const first of [0, 1, 2, 3, 4]) {
          const raw = pngRows(size, channels, { byte, filter: (row) => (first + row) % 5 });
          const extra = colour === 3 ? [entries] : [];
          const file = png({ ...size, raw, extra });
          const wanted = PNG.sync.read(Buffer.from(file));
          same(decodePicture(file, 'a.png').data, wanted.data, JSON.stringify({ ...size, first }));
        }
      }
    }
  }
});

test('a transparent colour, and transparent entries of a palette: as pngjs has them', () => {
  const random = createRandom(5);
  const kinds = pngKinds.filter(([colour]) => colour < 4);
  for (const [colour, depth, channels] of kinds) {
    const size = { width: 13, height: 9, depth, colour };
    const raw = pngRows(size, channels, { byte: () => random.integer(2), filter: () => 0 });
    const transparent = colour === 3 ? [0, 130] : new Array(channels).fill([0, depth === 16 ? 1 : 0]).flat();
    const extra = [
      ...(colour === 3
        ? [
            chunk(
              'PLTE',
              Uint8Array.from({ length: 3 * 256 }, (_, i) => i % 251),
            ),
          ]
        : []),
      chunk('tRNS', Uint8Array.from(transparent)),
    ];
    const file = png({ ...size, raw, extra });
    same(decodePicture(file, 'a.png').data, PNG.sync.read(Buffer.from(file)).data, `colour ${colour}`);
  }
});

test('a picture of more pixels than are painted at once', () => {
  for (const [colour, depth, channels] of pngKinds.filter(([, depth]) => depth !== 16)) {
    const size = { width: 701, height: 500, depth, colour };
    let last = 0;
    const mask = colour === 3 && depth === 8 ? 3 : 255;
    const byte = () => {
      last = (last * 5 + 3) % 251;
      return last & mask;
    };
    const raw = pngRows(size, channels, { byte, filter: () => 0 });
    const extra =
      colour === 3
        ? [
            chunk(
              'PLTE',
              Uint8Array.from({ length: 48 }, (_, i) => 5 * i),
            ),
          ]
        : [];
    const file = png({ ...size, raw, extra });
    same(decodePicture(file, 'a.png').data, PNG.sync.read(Buffer.from(file)).data, `${colour}, ${depth}`);
  }
});

test('bits behind the last pixel of a row may be anything', () => {
  const size = { width: 3, height: 2, depth: 1, colour: 3 };
  const extra = [chunk('PLTE', Uint8Array.of(1, 2, 3))];
  const rows = Uint8Array.of(0, 0b00011111, 0, 0b00010101);
  const { data } = decodePicture(png({ ...size, raw: rows, extra }), 'a.png');
  same(data, new Array(6).fill([1, 2, 3, 255]).flat());
});

test('data that are missing, short, long, broken or of a wrong checksum: refused, every time', () => {
  const size = gray(20, 20);
  const whole = deflateSync(Buffer.alloc(420));
  const wrong = whole.slice();
  wrong[wrong.length - 1] ^= 1;
  const cases = {
    'no data chunk': Buffer.concat([pngSignature, headerChunk(size), chunk('IEND')]),
    'an empty one': png({ ...size, data: new Uint8Array() }),
    'half the rows': png({ ...size, raw: new Uint8Array(210) }),
    'a byte less': png({ ...size, raw: new Uint8Array(419) }),
    'a byte more': png({ ...size, raw: new Uint8Array(421) }),
    'no zlib stream': png({ ...size, data: Uint8Array.of(255, 255, 255, 255) }),
    'a wrong checksum of the data': png({ ...size, data: wrong }),
    'cut before the checksum': png({ ...size, data: whole.subarray(0, -4) }),
    'one row, one byte': png({ ...gray(65536, 1), raw: new Uint8Array(1) }),
    'an unknown filter': png({ ...size, raw: new Uint8Array(420).fill(5) }),
    'interlaced, too short': png({ ...size, interlaced: true, raw: new Uint8Array(420) }),
  };
  for (const [label, file] of Object.entries(cases)) {
    for (let i = 0; i < 5; i++) damaged(file, label);
  }
});

test('a header that asks for more than the data can hold: refused before memory is taken', () => {
  const before = process.memoryUsage();
  damaged(png({ ...rgba(7000, 7000), raw: new Uint8Array(10) }), '49 million pixels of nothing');
  damaged(png({ ...rgba(1000, 1000), interlaced: true, data: zeros(1000) }), 'interlaced');
  const after = process.memoryUsage();
  assert.ok(after.arrayBuffers - before.arrayBuffers < 50e6);
});

test('what lies behind the pixels is not unpacked', () => {
  for (const interlaced of [false, true]) {
    damaged(png({ ...gray(20, 20), interlaced, data: zeros(3e8) }), `interlaced: ${interlaced}`);
  }
});

test('rows of 2³¹ bits and more', () => {
  for (const [width, colour, depth] of [
    [67108864, 6, 8],
    [44739243, 2, 16],
    [2 ** 31 - 1, 6, 16],
    [2 ** 32 - 1, 0, 1],
  ]) {
    const file = png({ width, height: 1, depth, colour, raw: new Uint8Array(1) });
    assert.throws(() => decodePicture(file, 'a.png'), /^Cannot read a\.png: it asks for/);
    const any = { maxPixels: Number.POSITIVE_INFINITY };
    assert.throws(() => decodePicture(file, 'a.png', any), /^Cannot read a\.png: it asks for/);
  }
});

test('one header, first; every chunk once, whole and known', () => {
  const size = gray(2, 2);
  const raw = new Uint8Array(6);
  const data = chunk('IDAT', deflateSync(raw));
  const file = (...parts: readonly Uint8Array[]) => Buffer.concat([pngSignature, ...parts]);
  const [head, end] = [headerChunk(size), chunk('IEND')];
  assert.is(decodePicture(file(head, data, end), 'a.png').width, 2);
  damaged(file(headerChunk(gray(30000, 30000)), head, data, end), 'a larger header first');
  damaged(file(head, headerChunk(gray(30000, 30000)), data, end), 'a larger header second');
  damaged(file(data, head, end), 'data first');
  damaged(file(chunk('IHDR', new Uint8Array(12)), data, end), 'a header cut short');
  damaged(file(head, data), 'no end');
  damaged(file(head, data, end, Uint8Array.of(0)), 'something behind the end');
  damaged(file(head, chunk('ABCD'), data, end), 'an unknown chunk that is needed');
  assert.is(decodePicture(file(head, chunk('abCd'), data, end), 'a.png').width, 2);
  const broken = Buffer.from(data);
  broken[broken.length - 1] ^= 1;
  damaged(file(head, broken, end), 'a wrong checksum of a chunk');
  const long = Buffer.from(data);
  long.writeUInt32BE(0xffffffff, 0);
  damaged(file(head, long, end), 'a chunk longer than the file');
});

test('kinds that are none, and palettes that are missing, cut or too short', () => {
  for (const [colour, depth] of [
    [2, 4],
    [4, 1],
    [6, 2],
    [3, 16],
    [0, 3],
    [1, 8],
    [5, 8],
    [7, 8],
  ]) {
    damaged(png({ width: 2, height: 2, depth, colour, raw: new Uint8Array(6) }), `${colour}, ${depth}`);
  }
  const size = { width: 2, height: 1, depth: 8, colour: 3 };
  const raw = Uint8Array.of(0, 0, 1);
  const palette = (...entries: readonly number[]) => chunk('PLTE', Uint8Array.from(entries));
  damaged(png({ ...size, raw }), 'no palette');
  damaged(png({ ...size, raw, extra: [palette(1, 2, 3)] }), 'one entry too few');
  damaged(png({ ...size, raw, extra: [palette(1, 2, 3, 4, 5)] }), 'half an entry');
  damaged(png({ ...size, raw, extra: [palette()] }), 'an empty one');
  const transparent = chunk('tRNS', Uint8Array.of(1, 2, 3));
  damaged(png({ ...size, raw, extra: [palette(1, 2, 3, 4, 5, 6), transparent] }), 'more transparent entries');
  damaged(png({ ...gray(2, 2), raw: new Uint8Array(6), extra: [chunk('tRNS')] }), 'no transparent colour');
});

test('data in many pieces, empty ones too', () => {
  const size = gray(4, 4);
  const stream = deflateSync(Uint8Array.from({ length: 20 }, (_, i) => (i % 5 === 0 ? 0 : i)));
  const pieces = Array.from(stream, (byte) => [chunk('IDAT', Uint8Array.of(byte)), chunk('IDAT')]).flat();
  const file = Buffer.concat([pngSignature, headerChunk(size), ...pieces, chunk('IEND')]);
  same(decodePicture(file, 'a.png').data, PNG.sync.read(Buffer.from(png({ ...size, data: stream }))).data);
});

test('metadata of a wrong checksum is left out', () => {
  const block = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0];
  const exif = chunk('eXIf', Buffer.from(block));
  const file = (extra: Buffer) => png({ ...gray(2, 1), raw: Uint8Array.of(0, 7, 200), extra: [extra] });
  assert.is(decodePicture(file(exif), 'a.png').data[0], 200);
  exif[exif.length - 1] ^= 1;
  assert.is(decodePicture(file(exif), 'a.png').data[0], 7);
});

test.run();
