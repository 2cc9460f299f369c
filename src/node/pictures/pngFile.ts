import { crc32, PNG_SIGNATURE, type PngHeader } from './pngChunk.ts';
import { damagedPicture } from './unreadablePicture.ts';

/** What a PNG file holds, still packed. */
export interface PngFile {
  readonly header: PngHeader;
  /** Samples of a pixel. */
  readonly channels: number;
  /** Red, green and blue of each entry. */
  readonly palette?: Uint8Array;
  /** Of the palette's entries, or the one colour that is transparent. */
  readonly transparency?: Uint8Array;
  readonly exif?: Uint8Array;
  /** The pieces of one zlib stream. */
  readonly data: readonly Uint8Array[];
}

/** For each colour type: its channels, and the depths that it may have. */
const kinds: ReadonlyMap<number, readonly [channels: number, depths: readonly number[]]> = new Map([
  [0, [1, [1, 2, 4, 8, 16]]],
  [2, [3, [8, 16]]],
  [3, [1, [1, 2, 4, 8]]],
  [4, [2, [8, 16]]],
  [6, [4, [8, 16]]],
]);

const numberOf = (type: string) => Buffer.from(type, 'latin1').readUInt32BE(0);
const [IHDR, PLTE, IDAT, IEND, TRNS, EXIF] = ['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'eXIf'].map(numberOf);
/** Chunks that a reader may pass over have a small first letter. */
const isAncillary = (type: number) => (type & 0x20000000) !== 0;

interface Chunk {
  readonly type: number;
  readonly content: Uint8Array;
  /** Its checksum is right. */
  intact(): boolean;
}

/** The chunks one after another. @throws UnreadablePicture where one goes on beyond the file's end. */
function* chunksOf(png: Uint8Array): Generator<Chunk> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = PNG_SIGNATURE.length; at < png.length; ) {
    if (png.length - at < 12) throw damagedPicture();
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > png.length) throw damagedPicture();
    const from = at + 4;
    const intact = () => crc32(png.subarray(from, end)) === view.getUint32(end);
    yield { type: view.getUint32(from), content: png.subarray(from + 4, end), intact };
    at = end + 4;
  }
}

function readHeader(content: Uint8Array): Pick<PngFile, 'header' | 'channels'> {
  if (content.length !== 13) throw damagedPicture();
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const [depth, colour, compression, filter, interlace] = content.subarray(8);
  const [channels, depths] = kinds.get(colour) ?? [0, []];
  if (!depths.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) throw damagedPicture();
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  return { header: { width, height, depth, colour, interlaced: interlace === 1 }, channels };
}

/**
 * Walks the chunks once, from the only header to the end; nothing is unpacked. Metadata whose checksum is wrong are left out.
 * @throws UnreadablePicture for a chunk that is cut short, wrong, unknown and needed, or there twice.
 */
export function readPngFile(png: Uint8Array): PngFile {
  let head: Pick<PngFile, 'header' | 'channels'> | undefined;
  const single = new Map<number, Uint8Array>();
  const data: Uint8Array[] = [];
  let ended = false;
  for (const { type, content, intact } of chunksOf(png)) {
    if (ended || (head === undefined) !== (type === IHDR)) throw damagedPicture();
    if (type === EXIF) {
      if (!single.has(EXIF) && intact()) single.set(EXIF, content);
      continue;
    }
    if (isAncillary(type) && type !== TRNS) continue;
    if (!intact() || single.has(type)) throw damagedPicture();
    if (type === IHDR) head = readHeader(content);
    else if (type === IDAT) data.push(content);
    else if (type === IEND) ended = true;
    else if (type === PLTE || type === TRNS) single.set(type, content);
    else throw damagedPicture();
  }
  if (head === undefined || !ended) throw damagedPicture();
  const [palette, transparency, exif] = [PLTE, TRNS, EXIF].map((type) => single.get(type));
  return {
    ...head,
    data,
    ...(palette && { palette }),
    ...(transparency && { transparency }),
    ...(exif && { exif }),
  };
}
