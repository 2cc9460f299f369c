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
