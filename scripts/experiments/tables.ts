import { type MetricName, metricOf } from '../../src/cam/metrics/metrics.ts';
import type { PairedDifference } from '../../src/cam/metrics/paired.ts';
import type { Line } from '../../src/evaluate/report/compare.ts';
import type { Summary, TableSummary } from '../../src/evaluate/report/summary.ts';

/** To so many decimals; what is rounded to 0 has no sign. */
export function number(value: number | null | undefined, digits = 3): string {
  if (value === undefined || value === null || Number.isNaN(value)) return '–';
  const text = value.toFixed(digits);
  return /[1-9]/.test(text) ? text.replace('-', '−') : text.replace('-', '');
}

/** With its sign, none where it is rounded to 0. */
export const signed = (value: number): string => {
  const text = number(value);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
};

/** A mean difference with its interval; one scene has none. */
export function differenceText({ count, mean, low, high }: PairedDifference): string {
  if (count === 0) return '–';
  return count === 1 ? `${signed(mean)} (one scene)` : `${signed(mean)} [${signed(low)}, ${signed(high)}]`;
}

/** 1 or −1 where the whole interval of a difference lies above or below 0, else 0. */
export function differs(difference: PairedDifference | undefined): number {
  if (difference === undefined) return 0;
  return difference.low > 0 ? 1 : difference.high < 0 ? -1 : 0;
}

export const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A table of Markdown, its first `texts` columns to the left. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[], texts = 1): string[] {
  return [row(titles), row(titles.map((_, i) => (i < texts ? '---' : '---:'))), ...rows.map(row), ''];
}

/** The tables of the labelled classes, or of those predicted. */
export const tablesOf = ({ tables }: Summary, wanted: TableSummary['kind'] = 'label'): TableSummary[] =>
  tables.filter(({ kind }) => kind === wanted);

export const lineOf = ({ comparisons }: TableSummary, metric: MetricName, name: string): Line | undefined =>
  comparisons.find((each) => each.metric === metric)?.lines.find((line) => line.name === name);

/**
 * Means of each method under each metric; ▲ and ▼ where the interval of the difference from the reference leaves out 0, ○ at metrics under
 * which a map of ones is better than every method. A map that is empty or has NaN is in the last column.
 */
export function meansTable(summary: TableSummary, metrics: readonly MetricName[]): string[] {
  const names = summary.comparisons[0]?.lines ?? [];
  const shown = summary.comparisons.filter(({ metric }) => metrics.includes(metric));
  const titles = shown.map(({ metric, onesWin }) => `${metricOf(metric).title}${onesWin ? ' ○' : ''}`);
  return table(
    ['method', ...titles, 'empty'],
    names.map(({ name, isControl, empty, nan }) => [
      isControl ? `*${name}*` : name,
      ...shown.map(({ metric }) => {
        const line = lineOf(summary, metric, name);
        return `${number(line?.mean)}${['', ' ▲', ' ▼'].at(differs(line?.difference))}`;
      }),
      nan === 0 ? String(empty) : `${empty} + ${nan} NaN`,
    ]),
  );
}

/** Differences of methods from the reference in parts of the pictures. */
export function strataTable(
  { strata }: TableSummary,
  { methods, metrics }: { methods: readonly string[]; metrics: readonly MetricName[] },
): string[] {
  const rows = strata.flatMap(({ title, count, differences }) =>
    methods.map((name) => [
      ...[title, name, String(count)],
      ...metrics.map((metric) => {
        const found = differences.find((each) => each.metric === metric && each.name === name);
        return found === undefined ? '–' : differenceText(found.difference);
      }),
    ]),
  );
  return table(['scenes', 'method', 'number', ...metrics.map((each) => metricOf(each).title)], rows, 2);
}

/** How a method stands to the reference under a metric. */
export type Standing = 'better' | 'worse' | 'no different' | 'the same map';

const isSame = ({ notes }: TableSummary, name: string) =>
  notes.some((note) => note.startsWith(`${name} is `));

/** @throws Error where the run has no such line. */
export function standing(summary: TableSummary, [metric, name]: readonly [MetricName, string]): Standing {
  const line = lineOf(summary, metric, name);
  if (line?.difference === undefined) throw new Error(`No line for ${summary.model}, ${metric}, ${name}`);
  if (isSame(summary, name)) return 'the same map';
  const sign = differs(line.difference);
  if (sign === 0) return 'no different';
  return sign > 0 === (metricOf(metric).better === 'more') ? 'better' : 'worse';
}

/** A difference, with ▲ where it is better than the reference and ▼ where it is worse. */
export function verdict(summary: TableSummary, [metric, name]: readonly [MetricName, string]): string {
  const word = standing(summary, [metric, name]);
  if (word === 'the same map') return word;
  const difference = lineOf(summary, metric, name)?.difference as PairedDifference;
  return `${differenceText(difference)}${{ better: ' ▲', worse: ' ▼', 'no different': '' }[word]}`;
}
