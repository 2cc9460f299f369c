import { largestOf } from '../../tensor/largest.ts';
import { printable, shorten } from './printable.ts';

/** A column of a table of text. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Letters of a cell: every row is as wide as the widest cell of each column. */
const WIDEST = 80;

/** Rows under their titles, in columns two spaces apart, each line without trailing spaces. Long cells are cut. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows].map((cells) =>
    cells.map((cell) => shorten(printable(shorten(cell, WIDEST)), WIDEST)),
  );
  const widths = columns.map((_, i) => largestOf(lines.map((cells) => cells[i].length)));
  return lines
    .map((cells) =>
      cells
        .map((cell, i) => (columns[i].align === 'right' ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** 1235496 → "1,235,496" */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** 349150000 → "349 M", three digits; used for work, where the magnitude is what matters. */
export function formatMagnitude(count: number): string {
  const unit = [
    { size: 1e12, name: ' T' },
    { size: 1e9, name: ' G' },
    { size: 1e6, name: ' M' },
    { size: 1e3, name: ' k' },
  ].find(({ size }) => count >= size);
  return unit === undefined ? String(count) : `${Number((count / unit.size).toPrecision(3))}${unit.name}`;
}

/** 4951560 → "4.95 MB" */
export function formatBytes(bytes: number): string {
  const magnitude = formatMagnitude(bytes);
  return magnitude.includes(' ') ? `${magnitude}B` : `${magnitude} B`;
}
