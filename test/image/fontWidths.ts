/** Advance widths of a TrueType font, in thousandths of its size: `npx tsx test/image/fontWidths.ts` prints the tables. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const fontFiles = {
  regular: 'IBMPlexSans-Regular.ttf',
  bold: 'IBMPlexSans-SemiBold.ttf',
} as const;

/** Where each table of the font begins. */
function tablesOf(font: Buffer): Map<string, number> {
  const tables = new Map<string, number>();
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const at = 12 + 16 * i;
    tables.set(font.toString('latin1', at, at + 4), font.readUInt32BE(at + 8));
  }
  return tables;
}

/** The glyph of a letter, by the first cmap of format 4; 0 where there is none. */
function glyphOf(font: Buffer, cmap: number, code: number): number {
  const offsets = Array.from(
    { length: font.readUInt16BE(cmap + 2) },
    (_, i) => cmap + font.readUInt32BE(cmap + 8 + 8 * i),
  );
  const at = offsets.find((offset) => font.readUInt16BE(offset) === 4)!;
  const doubled = font.readUInt16BE(at + 6);
  for (let i = 0; i < doubled; i += 2) {
    const end = font.readUInt16BE(at + 14 + i);
    if (code > end) continue;
    const start = font.readUInt16BE(at + 16 + doubled + i);
    if (code < start) return 0;
    const delta = font.readUInt16BE(at + 16 + 2 * doubled + i);
    const range = at + 16 + 3 * doubled + i;
    const offset = font.readUInt16BE(range);
    if (offset === 0) return (code + delta) & 0xffff;
    return (font.readUInt16BE(range + offset + 2 * (code - start)) + delta) & 0xffff;
  }
  return 0;
}

/** Widths of the letters, rounded; NaN where the font has none. */
export function fontWidths(file: string, letters: string): number[] {
  const font = readFileSync(new URL(`../../fonts/${file}`, import.meta.url));
  const tables = tablesOf(font);
  const unit = font.readUInt16BE(tables.get('head')! + 18);
  const metrics = font.readUInt16BE(tables.get('hhea')! + 34);
  return Array.from(letters, (letter) => {
    const glyph = glyphOf(font, tables.get('cmap')!, letter.codePointAt(0)!);
    if (glyph === 0) return Number.NaN;
    return Math.round(
      (1000 * font.readUInt16BE(tables.get('hmtx')! + 4 * Math.min(glyph, metrics - 1))) / unit,
    );
  });
}

export const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, file] of Object.entries(fontFiles)) {
    console.log(name, fontWidths(file, printable).join(' '));
    console.log([...'σ∂×·…−≥éαЖ₂—'].map((l) => `${l} ${fontWidths(file, l)}`).join(', '));
  }
}
