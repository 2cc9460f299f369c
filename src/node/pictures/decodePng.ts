import bitmapper from 'pngjs/lib/bitmapper.js';
import normalise from 'pngjs/lib/format-normaliser.js';
import { orient } from '../../image/orient.ts';
import type { Picture } from '../../image/picture.ts';
import { exifOrientation } from './exifOrientation.ts';
import { type PngFile, readPngFile } from './pngFile.ts';
import { type Pass, passesOf, undoFilters, unpackRows } from './pngRows.ts';
import { checkPixels, damagedPicture } from './unreadablePicture.ts';

const { dataToBitMap } = bitmapper;

/** Pixels that pngjs is given at once: what it takes for each call is little beside them, and its memory stays small. */
const BAND = 2 ** 18;

/** The same as pngjs rounds, at a tenth of its time. */
function roundTo8Bits(samples: Uint8Array): Uint8Array {
  const length = samples.length / 2;
  for (let i = 0; i < length; i++) {
    samples[i] = Math.floor(((samples[2 * i] * 256 + samples[2 * i + 1]) * 255) / 65535 + 0.5);
  }
  return samples.subarray(0, length);
}

/** RGBA of each entry. @throws UnreadablePicture where there is no palette, or less of it than is transparent. */
function paletteOf({ palette, transparency = new Uint8Array() }: PngFile): number[][] {
  const entries = (palette?.length ?? 0) / 3;
  if (palette === undefined || entries === 0 || !Number.isInteger(entries)) throw damagedPicture();
  if (transparency.length > entries) throw damagedPicture();
  const colourAt = (i: number) => [...palette.subarray(3 * i, 3 * i + 3), transparency[i] ?? 255];
  return Array.from({ length: entries }, (_, i) => colourAt(i));
}

/** Samples of the one colour that is transparent, in gray and RGB pictures. */
function transparentColour({ header, channels, transparency }: PngFile): number[] | undefined {
  if (transparency === undefined || header.colour > 2) return undefined;
  if (transparency.length !== 2 * channels) throw damagedPicture();
  return Array.from({ length: channels }, (_, c) => transparency[2 * c] * 256 + transparency[2 * c + 1]);
}

/** Turns samples of so many pixels into RGBA, by the parts of pngjs that come after unpacking. */
function createPainter(file: PngFile, depth: number): (samples: Uint8Array, count: number) => Uint8Array {
  const { header, channels } = file;
  const { colour } = header;
  const palette = colour === 3 ? paletteOf(file) : [];
  const kind = { height: 1, depth, colorType: colour, palette, transColor: transparentColour(file) };
  return (samples, width) => {
    const pixels = dataToBitMap(samples, { width, height: 1, depth, bpp: channels, interlace: false });
    try {
      return normalise(pixels, { ...kind, width });
    } catch {
      throw damagedPicture(); // A pixel that the palette lacks.
    }
  };
}

/** Sets to 0 the bits behind a row's last pixel: a palette need not have what they say. */
function clearPadding(rows: Uint8Array, { width, height, rowBytes }: Pass, pixelBits: number): void {
  const mask = 0xff << (8 * rowBytes - width * pixelBits);
  for (let y = 1; y <= height; y++) rows[y * rowBytes - 1] &= mask;
}

/** Puts the pixels of a pass from number `first` on into their places; those that fill a row's last byte are dropped. */
function place(
  out: Picture,
  pixels: Uint8Array,
  first: number,
  pass: Pass & { readonly line: number },
): void {
  const { x0, y0, dx, dy, line, width } = pass;
  if (dx === 1 && dy === 1 && line === width) {
    out.data.set(pixels, 4 * first);
    return;
  }
  let x = first % line;
  let y = (first - x) / line;
  for (let from = 0; from < pixels.length; from += 4) {
    if (x < width) {
      const to = 4 * ((y0 + y * dy) * out.width + x0 + x * dx);
      for (let c = 0; c < 4; c++) out.data[to + c] = pixels[from + c];
    }
    if (++x === line) [x, y] = [0, y + 1];
  }
}

function paint(file: PngFile): Picture {
  const { width, height, depth } = file.header;
  const passes = passesOf(file);
  const rows = unpackRows(file, passes);
  const rounded = depth === 16 && file.transparency === undefined;
  const pixelBits = file.channels * depth;
  const bandBytes = (BAND * file.channels * (rounded ? 8 : depth)) / 8;
  const paintBand = createPainter(file, rounded ? 8 : depth);
  const out = { width, height, data: new Uint8Array(4 * width * height) };
  let start = 0;
  for (const pass of passes) {
    const filtered = undoFilters(rows, start, pass, Math.max(1, pixelBits / 8));
    if (pixelBits < 8) clearPadding(filtered, pass, pixelBits);
    const samples = rounded ? roundTo8Bits(filtered) : filtered;
    const line = pixelBits < 8 ? (pass.rowBytes * 8) / pixelBits : pass.width;
    for (let at = 0; at < samples.length; at += bandBytes) {
      const band = samples.subarray(at, at + bandBytes);
      const count = (band.length * BAND) / bandBytes;
      place(out, paintBand(band, count), (at / bandBytes) * BAND, { ...pass, line });
    }
    start += (pass.rowBytes + 1) * pass.height;
  }
  return out;
}

/**
 * A PNG file of any colour type and depth as an upright picture; 16 bits are rounded to 8. It is walked once, and its
 * size is checked before memory is taken.
 * @throws UnreadablePicture
 */
export function decodePng(png: Uint8Array, maxPixels: number): Picture {
  const file = readPngFile(png);
  checkPixels(file.header, maxPixels);
  return orient(paint(file), exifOrientation(file.exif));
}
