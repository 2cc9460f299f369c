/** PNG files of every kind, written apart from src/. */
import { deflateSync } from 'node:zlib';

export const pngSignature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

export function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return ~crc >>> 0;
}

export function chunk(type: string, content: Uint8Array = new Uint8Array()): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(content.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(checksum(body), body.length + 4);
  return out;
}

/** The file with the right checksum behind each chunk, as far as chunks can be told. */
export function mendChecksums(png: Uint8Array): Uint8Array {
  const out = Buffer.from(png);
  for (let at = 8; at + 12 <= out.length; ) {
    const length = out.readUInt32BE(at);
    if (at + 12 + length > out.length) break;
    out.writeUInt32BE(checksum(out.subarray(at + 4, at + 8 + length)), at + 8 + length);
    at += 12 + length;
  }
  return new Uint8Array(out);
}

export interface PngSize {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly interlaced?: boolean;
}

export function headerChunk({ width, height, depth, colour, interlaced = false }: PngSize): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, Number(interlaced)], 8);
  return chunk('IHDR', header);
}

export interface PngParts extends PngSize {
  /** Rows, a filter byte in front of each. */
  readonly raw?: Uint8Array;
  /** The zlib stream in their place. */
  readonly data?: Uint8Array;
  /** Chunks before the data. */
  readonly extra?: readonly Uint8Array[];
}

export function png({
  raw = new Uint8Array(),
  data = deflateSync(raw),
  extra = [],
  ...size
}: PngParts): Uint8Array {
  const parts = [pngSignature, headerChunk(size), ...extra, chunk('IDAT', data), chunk('IEND')];
  return new Uint8Array(Buffer.concat(parts));
}

/** Bits of a pixel by colour type, and the depths that it may have: the 15 kinds of PNG. */
export const pngKinds: readonly (readonly [colour: number, depth: number, channels: number])[] = [
  ...[1, 2, 4, 8, 16].map((depth) => [0, depth, 1] as const),
  ...[8, 16].map((depth) => [2, depth, 3] as const),
  ...[1, 2, 4, 8].map((depth) => [3, depth, 1] as const),
  ...[8, 16].map((depth) => [4, depth, 2] as const),
  ...[8, 16].map((depth) => [6, depth, 4] as const),
];

const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Rows of filtered bytes for a picture, whatever its filters make of them; `byte` is asked for each, and for each row's filter. */
export function pngRows(
  { width, height, depth, interlaced = false }: PngSize,
  channels: number,
  { byte, filter }: { byte: () => number; filter: (row: number) => number },
): Uint8Array {
  const out: number[] = [];
  for (const [x0, y0, dx, dy] of interlaced ? adam7 : ([[0, 0, 1, 1]] as const)) {
    const columns = Math.ceil((width - x0) / dx);
    if (columns <= 0) continue;
    const length = Math.ceil((columns * channels * depth) / 8);
    for (let y = y0, row = 0; y < height; y += dy, row++) {
      out.push(filter(row));
      for (let i = 0; i < length; i++) out.push(byte());
    }
  }
  return Uint8Array.from(out);
}
