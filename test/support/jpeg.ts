/** JPEG files taken apart and put together, written apart from src/. */

/** A segment: marker, length, content. */
export function segment(marker: number, content: Uint8Array): Buffer {
  const out = Buffer.concat([Buffer.from([0xff, marker, 0, 0]), content]);
  out.writeUInt16BE(content.length + 2, 2);
  return out;
}

export interface JpegParts {
  /** From behind the start of the image to the first scan. */
  readonly segments: readonly { readonly marker: number; readonly content: Buffer }[];
  /** The first scan and all that follows. */
  readonly scan: Buffer;
}

export function takeApart(jpeg: Uint8Array): JpegParts {
  const bytes = Buffer.from(jpeg);
  const segments: { marker: number; content: Buffer }[] = [];
  let at = 2;
  while (bytes[at + 1] !== 0xda) {
    const length = bytes.readUInt16BE(at + 2);
    segments.push({ marker: bytes[at + 1], content: bytes.subarray(at + 4, at + 2 + length) });
    at += 2 + length;
  }
  return { segments, scan: bytes.subarray(at) };
}

export function putTogether({ segments, scan }: JpegParts): Uint8Array {
  const parts = segments.map(({ marker, content }) => segment(marker, content));
  return new Uint8Array(Buffer.concat([Buffer.from([0xff, 0xd8]), ...parts, scan]));
}

/** An entry of a TIFF directory; a value of more than four bytes stands behind the directory. */
export interface ExifEntry {
  readonly tag?: number;
  /** 1 byte, 2 text, 3 short, 4 long, … */
  readonly kind?: number;
  readonly count?: number;
  readonly value: number | string;
}

/** A TIFF block with one directory; orientation, a short, where an entry does not say otherwise. */
export function tiff(entries: readonly ExifEntry[], little = true): Buffer {
  const place = 14 + 12 * entries.length;
  const out = Buffer.alloc(place + 64);
  const short = (value: number, at: number) =>
    little ? out.writeUInt16LE(value, at) : out.writeUInt16BE(value, at);
  const long = (value: number, at: number) =>
    little ? out.writeUInt32LE(value, at) : out.writeUInt32BE(value, at);
  out.write(little ? 'II' : 'MM', 0, 'latin1');
  short(42, 2);
  long(8, 4);
  short(entries.length, 8);
  for (const [i, { tag = 0x0112, kind = 3, count = 1, value }] of entries.entries()) {
    const at = 10 + 12 * i;
    short(tag, at);
    short(kind, at + 2);
    long(count, at + 4);
    if (typeof value === 'string') {
      long(place, at + 8);
      out.write(value, place, 'latin1');
    } else if (kind === 3) short(value & 0xffff, at + 8);
    else if (kind === 1) out.writeUInt8(value & 0xff, at + 8);
    else long(value >>> 0, at + 8);
  }
  return out;
}

/** The content of a JPEG's Exif segment. */
export const exifContent = (block: Uint8Array) => Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), block]);

/** A JPEG with that Exif segment in place of its own. */
export function withExif(jpeg: Uint8Array, block: Uint8Array): Uint8Array {
  const { segments, scan } = takeApart(jpeg);
  const others = segments.filter(({ marker }) => marker !== 0xe1);
  return putTogether({ segments: [{ marker: 0xe1, content: exifContent(block) }, ...others], scan });
}
