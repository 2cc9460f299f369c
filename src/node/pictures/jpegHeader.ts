/** What a JPEG file says before its picture data. */
export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1 gray, 3 colour, 4 CMYK. */
  readonly components: number;
  /** Bits per sample; 8 in nearly all files. */
  readonly precision: number;
  /** Coded as our libjpeg reads it: baseline or progressive, by Huffman's codes. */
  readonly ordinary: boolean;
  /** Written by Adobe, which stores CMYK inverted. */
  readonly adobe: boolean;
  /** Where the first scan begins. */
  readonly scan: number;
  /** The Exif segment, from its "Exif" on. */
  readonly exif?: Uint8Array;
}

const START_OF_SCAN = 0xda;
const APP1 = 0xe1;
const APP14 = 0xee;

/** C0 … CF are frames, without the Huffman tables, the extension and the arithmetic conditioning. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Markers without a length. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
/** Ends and beginnings of files, and what is no marker: libjpeg skips or refuses them, and would walk on from elsewhere. */
const isStray = (marker: number) => marker === 0x00 || marker === 0xd8 || marker === 0xd9;

const beginsWith = (segment: Uint8Array, text: string) =>
  segment.length >= text.length && Array.from(text).every((letter, i) => segment[i] === letter.charCodeAt(0));

/** Walks the segments up to the first scan; undefined where the file ends or goes wrong before it. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  let frame: Pick<JpegHeader, 'width' | 'height' | 'components' | 'precision' | 'ordinary'> | undefined;
  let exif: Uint8Array | undefined;
  let adobe = false;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1];
    if (marker === 0xff || isBare(marker)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const length = bytes[at + 2] * 256 + bytes[at + 3];
    if (isStray(marker) || length < 2) return undefined;
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (marker === START_OF_SCAN) return frame && { ...frame, adobe, scan: at, ...(exif && { exif }) };
    if (isFrame(marker) && segment.length >= 6) {
      const [precision, y1, y0, x1, x0, components] = segment;
      const ordinary = [0xc0, 0xc1, 0xc2].includes(marker);
      frame = { width: x1 * 256 + x0, height: y1 * 256 + y0, components, precision, ordinary };
    }
    if (marker === APP1 && exif === undefined && beginsWith(segment, 'Exif\0')) exif = segment;
    if (marker === APP14 && beginsWith(segment, 'Adobe')) adobe = true;
    at += 2 + length;
  }
  return undefined;
}
