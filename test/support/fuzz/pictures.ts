import { readFileSync } from 'node:fs';
import { deflateSync, inflateSync } from 'node:zlib';
import { orient } from '../../../src/image/orient.ts';
import type { Picture } from '../../../src/image/picture.ts';
import { preprocess, presetFor } from '../../../src/image/preprocess.ts';
import { decodePicture } from '../../../src/node/pictures/decodePicture.ts';
import { exifOrientation } from '../../../src/node/pictures/exifOrientation.ts';
import { createRandom, type Random } from '../../../src/tensor/random.ts';
import { fixture } from '../check.ts';
import { type ExifEntry, exifContent, putTogether, takeApart, tiff, withExif } from '../jpeg.ts';
import { chunk, mendChecksums, png, pngKinds, pngRows, pngSignature } from '../png.ts';
import { mutateBytes } from './mutate.ts';
import { chance, oddIntegers, pick } from './odd.ts';
import type { FuzzReader } from './reader.ts';

const size = { channels: 3, height: 8, width: 8 };
const preset = presetFor('imagenet', size);

/** All that a picture goes through before a network. */
function usePicture(bytes: Uint8Array): void {
  preprocess(decodePicture(bytes, 'a picture'), preset, size);
}

const palette = chunk(
  'PLTE',
  Uint8Array.from({ length: 48 }, (_, i) => 5 * i),
);

function pngSeeds(): Uint8Array[] {
  const random = createRandom(1);
  const text = chunk('zTXt', Buffer.concat([Buffer.from('a\0\0'), deflateSync(Buffer.alloc(1000))]));
  const exif = chunk('eXIf', tiff([{ value: 6 }]));
  const seeds: Uint8Array[] = [];
  for (const [colour, depth, channels] of pngKinds) {
    for (const interlaced of [false, true]) {
      for (const [width, height] of [
        [1, 1],
        [9, 7],
        [17, 3],
      ]) {
        const shape = { width, height, depth, colour, interlaced };
        const byte = () => random.integer(colour === 3 && depth === 8 ? 16 : 256);
        const raw = pngRows(shape, channels, { byte, filter: (row) => (colour === 3 ? 0 : row % 5) });
        const tables = colour === 3 ? [palette, chunk('tRNS', Uint8Array.of(0, 128, 255))] : [];
        seeds.push(png({ ...shape, raw, extra: [...tables, ...(width === 9 ? [exif, text] : [])] }));
      }
    }
  }
  return seeds;
}

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
}

function chunksOf(file: Uint8Array): Chunk[] {
  const bytes = Buffer.from(file);
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.subarray(at + 4, at + 8).toString('latin1');
    chunks.push({ type, content: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

const pngOf = (chunks: readonly Chunk[]) =>
  new Uint8Array(Buffer.concat([pngSignature, ...chunks.map(({ type, content }) => chunk(type, content))]));

const chunkTypes = ['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'eXIf', 'gAMA', 'acTL', 'ABCD'] as const;
const odd32 = (random: Random) => Math.abs(Number(pick(random, oddIntegers))) % 2 ** 32;

/** Another header: one field is odd, most often a side. */
function oddHeader(random: Random, content: Uint8Array): Uint8Array {
  const out = Buffer.from(content);
  const side = () => pick(random, [odd32(random), random.integer(100), 44739243, 67108864, 7000, 65535]);
  const field = random.integer(8);
  if (field < 3) out.writeUInt32BE(side(), 0);
  else if (field < 5) out.writeUInt32BE(side(), 4);
  else out[pick(random, [8, 9, 10, 11, 12])] = pick(random, [0, 1, 2, 3, 4, 6, 8, 16, 255]);
  return out;
}

/** The unpacked rows changed, and packed again. */
function oddRows(random: Random, content: Uint8Array): Uint8Array {
  const rows = inflateSync(content);
  return deflateSync(chance(random, 0.1) ? Buffer.alloc(random.integer(2 ** 20)) : mutateBytes(random, rows));
}

/** Whole files of changed content: what stands behind the checksums is reached. */
function mutatePngParts(random: Random, seed: Uint8Array): Uint8Array {
  const chunks = chunksOf(seed);
  const edits = 1 + random.integer(3);
  for (let i = 0; i < edits; i++) {
    const at = random.integer(chunks.length);
    const { type, content } = chunks[at] ?? { type: 'IEND', content: new Uint8Array() };
    const kind = random.integer(8);
    if (kind === 0) chunks.splice(at, 1);
    else if (kind === 1) chunks.splice(random.integer(chunks.length + 1), 0, { type, content });
    else if (kind === 2) chunks[at] = { type: pick(random, chunkTypes), content };
    else if (type === 'IHDR' && content.length === 13) {
      chunks[at] = { type, content: oddHeader(random, content) };
    } else if (type === 'IDAT' && kind < 7 && i === 0)
      chunks[at] = { type, content: oddRows(random, content) };
    else chunks[at] = { type, content: mutateBytes(random, content) };
  }
  return pngOf(chunks);
}

const jpegs = JSON.parse(readFileSync(fixture('image/jpegs.json'), 'utf8')) as { file: string }[];
const jpegSeeds = () => jpegs.map(({ file }) => new Uint8Array(Buffer.from(file, 'base64')));

/** One or more segments changed within their lengths: frames, tables, scans' heads. */
function mutateSegments(random: Random, seed: Uint8Array): Uint8Array {
  const { segments, scan } = takeApart(seed);
  const out = [...segments];
  const edits = 1 + random.integer(3);
  for (let i = 0; i < edits; i++) {
    const at = random.integer(out.length);
    const kind = random.integer(6);
    const { marker, content } = out[at] ?? { marker: 0xe0, content: Buffer.alloc(2) };
    if (kind === 0) out.splice(at, 1);
    else if (kind === 1) out.splice(random.integer(out.length + 1), 0, { marker, content });
    else if (kind === 2) out[at] = { marker: pick(random, [0, 1, 0xc0 + random.integer(64)]), content };
    else if (marker >= 0xc0 && marker <= 0xc2 && content.length >= 6) {
      const frame = Buffer.from(content);
      frame.writeUInt16BE(odd32(random) & 0xffff, pick(random, [1, 3]));
      out[at] = { marker, content: frame };
    } else out[at] = { marker, content: Buffer.from(mutateBytes(random, content)).subarray(0, 65533) };
  }
  return putTogether({
    segments: out,
    scan: chance(random, 0.3) ? Buffer.from(mutateBytes(random, scan)) : scan,
  });
}

const exifSeeds = () => {
  const texts: ExifEntry[] = [
    { tag: 0x010f, kind: 2, count: 12, value: 'constructor' },
    { tag: 0x8769, kind: 4, value: 8 },
    { tag: 0x927c, kind: 7, count: 2 ** 32 - 1, value: 0 },
  ];
  const blocks = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((value) =>
    [true, false].map((little) => tiff([...texts, { value }], little)),
  );
  return [...blocks, ...blocks.map(exifContent), tiff([{ kind: 2, count: 12, value: 'constructor' }])].map(
    (block) => new Uint8Array(block),
  );
};

const small: Picture = { width: 3, height: 2, data: Uint8Array.from({ length: 24 }, (_, i) => i) };

export const pictureReaders: readonly FuzzReader[] = [
  {
    name: 'png',
    seeds: pngSeeds,
    mutate(random, seed) {
      if (chance(random, 0.5)) return mutatePngParts(random, seed);
      const bytes = mutateBytes(random, seed);
      return chance(random, 0.7) ? mendChecksums(bytes) : bytes;
    },
    read: usePicture,
  },
  {
    name: 'jpeg',
    seeds: jpegSeeds,
    mutate: (random, seed) =>
      chance(random, 0.5) ? mutateSegments(random, seed) : mutateBytes(random, seed),
    read: usePicture,
    suiteInputs: 200,
  },
  {
    name: 'exif',
    seeds: exifSeeds,
    mutate: mutateBytes,
    read: (bytes) => orient(small, exifOrientation(bytes)),
  },
  {
    name: 'exif-in-jpeg',
    seeds: () => exifSeeds().map((block) => withExif(jpegSeeds()[0], block)),
    mutate(random, seed) {
      const { segments } = takeApart(seed);
      const block = segments[0].content.subarray(6);
      return withExif(seed, mutateBytes(random, block).subarray(0, 60000));
    },
    read: usePicture,
    suiteInputs: 100,
  },
];
