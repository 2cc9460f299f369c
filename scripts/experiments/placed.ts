import type { MethodName } from '../../src/cam/methods.ts';
import { type MetricName, metricOf } from '../../src/cam/metrics/metrics.ts';
import { methodOf } from '../../src/cam/more/methodTable.ts';
import type { TableSummary } from '../../src/evaluate/report/summary.ts';
import { grouped } from './answers.ts';
import { type Findings, letterOf } from './findings.ts';
import { type Standing, standing, tablesOf } from './tables.ts';

export const SMOOTH = 'smoothgradcam++' satisfies MethodName;

export const titleOf = (name: MethodName) => methodOf(name).title;

/** A table, and the letter of the part of the page that it stands in. */
export interface Placed {
  readonly table: TableSummary;
  readonly letter: string;
}

export function placed({ evaluations }: Findings, names: readonly string[]): Placed[] {
  return evaluations.flatMap(({ evaluation: { name }, summary }, i) =>
    names.includes(name) ? tablesOf(summary).map((each) => ({ table: each, letter: letterOf(i) })) : [],
  );
}

const words: readonly Standing[] = ['better', 'worse', 'no different', 'the same map'];

/** By which networks a method is better, worse and no different. */
export function standings(tables: readonly Placed[], [metric, name]: readonly [MetricName, string]): string {
  const own = new Map(tables.map((each) => [each.table.model, standing(each.table, [metric, name])]));
  return `${metricOf(metric).title} ${grouped(words, own)}`;
}

export const lettersOf = (tables: readonly Placed[]) =>
  [...new Set(tables.map(({ letter }) => letter))].join(' and ');

export const modelOf = ({ table: { model }, letter }: Placed) => `${model} (${letter})`;
