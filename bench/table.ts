import { type Column, formatTable } from '../src/cli/shared/formatTable.ts';
import { type Bar, bars, lookUp, verdictOf } from './bars.ts';
import type { Row } from './cases/case.ts';

const right = (title: string): Column => ({ title, align: 'right' });
function digits(value: number | undefined, suffix = ''): string {
  if (value === undefined) return '';
  const rounded = Number(value.toPrecision(3));
  return `${rounded !== 0 && rounded < 1e-3 ? rounded.toExponential() : rounded}${suffix}`;
}
const milliseconds = (value: number | undefined): string => (value === undefined ? '' : digits(value * 1000));

/** Every measured row: the first of a case ÷ each of the others. */
function formatRows(rows: readonly Row[]): string {
  const columns: Column[] = [
    { title: 'case' },
    { title: 'who' },
    right('ms'),
    right('ms each'),
    right('jetgrad ÷'),
    right('runs'),
    right('cores'),
    right('peak MB'),
    right('difference'),
    { title: '' },
  ];
  let above: Row | undefined;
  let first: number | undefined;
  const lines = rows.map((row) => {
    const { title, label, seconds, items = 1, samples, cores, peakBytes, error, why } = row;
    const each = seconds === undefined ? undefined : seconds / items;
    const isFirst = above?.case !== row.case;
    if (isFirst) first = each;
    const ratio = isFirst || first === undefined || each === undefined ? undefined : first / each;
    const name = isFirst ? title : '';
    above = row;
    return [
      ...[name, label, milliseconds(seconds), items === 1 ? '' : milliseconds(each), digits(ratio)],
      ...[samples === undefined ? '' : String(samples.length), digits(cores)],
      ...[peakBytes === undefined ? '' : String(Math.round(peakBytes / 1e6)), digits(error), why ?? ''],
    ];
  });
  return formatTable(columns, lines);
}

const verdicts = { aim: 'aim reached', must: 'must reached', missed: 'missed', '': '' } as const;

function barLine(bar: Bar, rows: readonly Row[]): string[] {
  const { title, must, aim, unit } = bar;
  const found = lookUp(rows);
  const value = bar.value(found);
  const format = (value: number | undefined) => digits(value, unit === undefined ? '' : ` ${unit}`);
  const limit = (value: number | undefined) => (value === undefined ? '' : `≤ ${format(value)}`);
  const note = value === undefined ? '' : (bar.note?.(found) ?? '');
  const measured = value === undefined ? 'not measured' : format(value);
  return [title, limit(must), limit(aim), measured, verdicts[verdictOf(bar, value)], note];
}

/** The whole report: what was measured, and the bars beside it. */
export function formatReport(rows: readonly Row[]): string {
  const columns: Column[] = [
    { title: 'bar' },
    right('must'),
    right('aim'),
    right('measured'),
    { title: '' },
    { title: '' },
  ];
  const lines = bars.map((bar) => barLine(bar, rows));
  return `${formatRows(rows)}\n\n${formatTable(columns, lines)}`;
}
