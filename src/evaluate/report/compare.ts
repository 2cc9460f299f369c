import type { MethodName } from '../../cam/methods.ts';
import { type MetricName, metricOf } from '../../cam/metrics/metrics.ts';
import { type PairedDifference, pairedDifference } from '../../cam/metrics/paired.ts';
import { controlNames } from '../../cam/more/methodTable.ts';
import type { Table } from './table.ts';

/** The mean of the values that there are, and how many those are. */
export function meanOf(values: readonly number[]): { mean: number; count: number } {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return { mean: sum / count, count };
}

/** The mean over classes of their means. */
function classMean(values: readonly number[], classes: readonly number[]): number {
  const byClass = new Map<number, number[]>();
  for (const [i, value] of values.entries()) {
    const own = byClass.get(classes[i]) ?? [];
    own.push(value);
    byClass.set(classes[i], own);
  }
  return meanOf([...byClass.values()].map((own) => meanOf(own).mean)).mean;
}

/** One line of a metric's table. */
export interface Line {
  readonly name: string;
  readonly isControl: boolean;
  readonly mean: number;
  readonly classMean: number;
  /** Pictures that the metric says something of, and of how many of all the map is empty or has NaN. */
  readonly count: number;
  readonly empty: number;
  readonly nan: number;
  /** From the method that all are held against; absent for itself. */
  readonly difference?: PairedDifference;
  /** The share of pictures in which it is better, ties counting half. */
  readonly win?: number;
}

/** A metric over a table. */
export interface Comparison {
  readonly metric: MetricName;
  readonly reference: string;
  readonly lines: readonly Line[];
  /** Whether a map of ones is better than every method: the metric then measures how much is lit. */
  readonly onesWin: boolean;
}

const isControl = (method: MethodName) => controlNames.some((name) => name === method);

/** The method that the others are held against: Grad-CAM++ where it runs, else the first. */
export function referenceOf({ columns }: Table): string {
  const methods = [...columns].filter(([, { method }]) => !isControl(method));
  return methods.find(([, { method }]) => method === 'gradcam++')?.[0] ?? methods[0][0];
}

/** The methods of a table under a metric, each held against the reference, picture by picture. */
export function compare(table: Table, metric: MetricName, seed: number): Comparison | undefined {
  const reference = referenceOf(table);
  const against = table.columns.get(reference)?.metrics[metric] ?? [];
  const { better } = metricOf(metric);
  const lines = [...table.columns].map(([name, { method, metrics, states }]): Line => {
    const values = metrics[metric];
    const shared = { name, isControl: isControl(method), empty: states.empty, nan: states.nan };
    const found = { ...shared, ...meanOf(values), classMean: classMean(values, table.classes) };
    if (name === reference) return found;
    const difference = pairedDifference(values, against, { seed });
    const { above, below, equal, count } = difference;
    return { ...found, difference, win: ((better === 'more' ? above : below) + equal / 2) / count };
  });
  if (lines.every(({ count }) => count === 0)) return undefined;
  const sign = better === 'more' ? 1 : -1;
  const ones = lines.find(({ name }) => name === 'ones');
  const onesWin =
    ones !== undefined && lines.every((line) => line.isControl || sign * line.mean <= sign * ones.mean);
  return { metric, reference, lines, onesWin };
}
