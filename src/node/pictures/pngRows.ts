import { inflateSync } from 'node:zlib';
import type { PngFile } from './pngFile.ts';
import { damagedPicture } from './unreadablePicture.ts';

/** Every dx-th pixel of every dy-th row from (x0, y0) on: a picture that is not interlaced has one pass. */
export interface Pass {
  readonly x0: number;
  readonly y0: number;
  readonly dx: number;
  readonly dy: number;
  readonly width: number;
  readonly height: number;
  /** Bytes of a row, without its filter's. */
  readonly rowBytes: number;
}

/** [x0, y0, dx, dy]. Source: PNG specification, 8.2. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const whole = [[0, 0, 1, 1]] as const;

/** Deflate packs 258 bytes into 2 bits at best. */
const MOST_PACKED = 1032;

/** The passes that have pixels. */
export function passesOf({ header, channels }: PngFile): Pass[] {
  const { width, height, depth, interlaced } = header;
  return (interlaced ? adam7 : whole)
    .map(([x0, y0, dx, dy]) => {
      const columns = Math.ceil((width - x0) / dx);
      const rowBytes = Math.ceil((columns * channels * depth) / 8);
      return { x0, y0, dx, dy, width: columns, height: Math.ceil((height - y0) / dy), rowBytes };
    })
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

/**
 * The rows of all passes, each behind its filter's byte: exactly as many bytes as the header asks for, and no memory is
 * taken where the packed data cannot hold them.
 * @throws UnreadablePicture for more or fewer bytes, and for a stream that is broken or has a wrong checksum.
 */
export function unpackRows({ data }: PngFile, passes: readonly Pass[]): Uint8Array {
  const wanted = passes.reduce((sum, { rowBytes, height }) => sum + (rowBytes + 1) * height, 0);
  const packed = Buffer.concat(data);
  if (wanted > MOST_PACKED * packed.length) throw damagedPicture();
  let rows: Uint8Array | undefined;
  try {
    // One piece of memory, a byte larger than wanted: the end of the stream and its checksum are met in the same step.
    rows = inflateSync(packed, { maxOutputLength: wanted, chunkSize: Math.max(64, wanted + 1) });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
  }
  if (rows?.length !== wanted) throw damagedPicture();
  return rows;
}

/** The neighbour that left + above − corner comes nearest to. Source: PNG specification, 9.4. */
function paeth(left: number, above: number, corner: number): number {
  const [a, b, c] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

interface Row {
  /** Where its filtered bytes are. */
  readonly from: number;
  /** Where they go. */
  readonly to: number;
  readonly length: number;
  /** Bytes from one pixel to the next, at least 1. */
  readonly step: number;
}

const filters: readonly ((bytes: Uint8Array, row: Row) => void)[] = [
  // as it is
  (bytes, { from, to, length }) => bytes.copyWithin(to, from, from + length),
  // less the byte to the left
  (bytes, { from, to, length, step }) => {
    for (let i = 0; i < length; i++) bytes[to + i] = bytes[from + i] + (i < step ? 0 : bytes[to + i - step]);
  },
  // less the byte above
  (bytes, { from, to, length }) => {
    for (let i = 0; i < length; i++) bytes[to + i] = bytes[from + i] + bytes[to + i - length];
  },
  // less the mean of both
  (bytes, { from, to, length, step }) => {
    for (let i = 0; i < length; i++) {
      const left = i < step ? 0 : bytes[to + i - step];
      bytes[to + i] = bytes[from + i] + ((left + bytes[to + i - length]) >> 1);
    }
  },
  // less the nearest to left + above − corner
  (bytes, { from, to, length, step }) => {
    for (let i = 0; i < length; i++) {
      const at = to + i;
      const above = bytes[at - length];
      bytes[at] =
        bytes[from + i] + (i < step ? above : paeth(bytes[at - step], above, bytes[at - length - step]));
    }
  },
];

/** Filters of a pass's first row: what is above it is 0, when Paeth's choice is always the left. */
const firstFilters: typeof filters = [
  filters[0],
  filters[1],
  filters[0],
  (bytes, { from, to, length, step }) => {
    for (let i = 0; i < length; i++) {
      bytes[to + i] = bytes[from + i] + (i < step ? 0 : bytes[to + i - step] >> 1);
    }
  },
  filters[1],
];

/**
 * Undoes the filters of one pass whose rows begin at `start`; its rows come to lie there, one behind the other.
 * @throws UnreadablePicture for an unknown filter.
 */
export function undoFilters(bytes: Uint8Array, start: number, pass: Pass, step: number): Uint8Array {
  const { rowBytes: length, height } = pass;
  for (let y = 0; y < height; y++) {
    const from = start + y * (length + 1) + 1;
    const filter = (y === 0 ? firstFilters : filters)[bytes[from - 1]];
    if (filter === undefined) throw damagedPicture();
    filter(bytes, { from, to: start + y * length, length, step });
  }
  return bytes.subarray(start, start + length * height);
}
