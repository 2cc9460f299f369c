import { type MetricName, metricOf } from '../../src/cam/metrics/metrics.ts';
import type { PairedDifference } from '../../src/cam/metrics/paired.ts';
import type { Summary, TableSummary } from '../../src/evaluate/report/summary.ts';
import type { Line } from '../../src/evaluate/report/table.ts';

export const number = (value: number | null | undefined, digits = 3): string =>
  value === undefined || value === null || Number.isNaN(value)
    ? '–'
    : value.toFixed(digits).replace('-', '−');

const signed = (value: number): string => `${value > 0 ? '+' : ''}${number(value)}`;

/** A mean difference with its interval. */
export const differenceText = ({ mean, low, high }: PairedDifference): string =>
  `${signed(mean)} [${signed(low)}, ${signed(high)}]`;

export const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [row(titles), row(titles.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(row), ''];
}

/** The tables of the labelled classes: the truth of scenes is known. */
export const labelled = ({ tables }: Summary): TableSummary[] =>
  tables.filter(({ kind }) => kind === 'label');

const lineOf = (summary: TableSummary, metric: MetricName, name: string): Line | undefined =>
  summary.comparisons.find((each) => each.metric === metric)?.lines.find((line) => line.name === name);

/** Means of each method under each metric, and a star where the interval of the difference from the reference leaves out 0. */
export function meansTable(summary: TableSummary, metrics: readonly MetricName[]): string[] {
  const names = summary.comparisons[0]?.lines ?? [];
  const shown = metrics.filter((metric) => summary.comparisons.some((each) => each.metric === metric));
  const titles = ['method', ...shown.map((metric) => metricOf(metric).title), 'empty'];
  return table(
    titles,
    names.map(({ name, isControl, empty, nan }) => [
      isControl ? `*${name}*` : name,
      ...shown.map((metric) => {
        const line = lineOf(summary, metric, name);
        const { difference } = line ?? {};
        const apart = difference !== undefined && (difference.low > 0 || difference.high < 0);
        return `${number(line?.mean)}${apart ? (difference.mean > 0 ? ' ▲' : ' ▼') : ''}`;
      }),
      String(empty + nan),
    ]),
  );
}

/** Differences of methods from the reference by the number of occurrences. */
export function strataTable(
  summary: TableSummary,
  { methods, metrics }: { methods: readonly string[]; metrics: readonly MetricName[] },
): string[] {
  const rows = summary.strata
    .filter(({ title }) => title.includes('occurrence') || title.startsWith('noise'))
    .flatMap(({ title, count, differences }) =>
      methods.map((name) => [
        title,
        String(count),
        name,
        ...metrics.map((metric) => {
          const found = differences.find((each) => each.metric === metric && each.name === name);
          return found === undefined ? '–' : differenceText(found.difference);
        }),
      ]),
    );
  return table(['scenes', 'number', 'method', ...metrics.map((each) => metricOf(each).title)], rows);
}

/**
 * Says how a method does against the reference under a metric, with the interval: what sentences of the conclusion are made of.
 * @throws Error where the run has no such line.
 */
export function verdict(
  summary: Summary,
  model: string,
  [metric, name]: readonly [MetricName, string],
): string {
  const found = labelled(summary).find((each) => each.model === model);
  const difference = found && lineOf(found, metric, name)?.difference;
  if (difference === undefined) throw new Error(`No line for ${model}, ${metric}, ${name}`);
  const more = metricOf(metric).better === 'more';
  const word =
    difference.low > 0
      ? more
        ? 'better'
        : 'worse'
      : difference.high < 0
        ? more
          ? 'worse'
          : 'better'
        : 'no different';
  return `${word} (${metricOf(metric).title} ${differenceText(difference)})`;
}
