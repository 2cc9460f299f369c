/** Findings as a run would have them, small and made up. */
import type { Findings } from '../../scripts/experiments/findings.ts';
import { evaluations } from '../../scripts/experiments/plan.ts';
import type { MethodName } from '../../src/cam/methods.ts';
import type { MetricName } from '../../src/cam/metrics/metrics.ts';
import { type PairedDifference, pairedDifference } from '../../src/cam/metrics/paired.ts';
import { compare } from '../../src/evaluate/report/compare.ts';
import type { Summary, TableSummary } from '../../src/evaluate/report/summary.ts';
import { createTable } from '../../src/evaluate/report/table.ts';

/** Values by method, of each picture. */
export type Values = Readonly<Record<string, readonly number[]>>;

/** What all metrics of a made-up table are. */
export const plain: Values = {
  gradcam: [0.5, 0.6, 0.7, 0.8],
  'gradcam++': [0.4, 0.5, 0.6, 0.7],
  'smoothgradcam++': [0.2, 0.3, 0.4, 0.5],
  ones: [0.1, 0.1, 0.1, 0.1],
};

const methodOf = (name: string) => name.split(' ')[0] as MethodName;

/** A table whose methods have these values under every metric. */
export function tableOf(
  metrics: readonly MetricName[],
  values: Values,
  more: Partial<TableSummary> & {
    readonly states?: Readonly<Record<string, { empty: number; nan: number }>>;
  } = {},
): TableSummary {
  const { states = {}, ...rest } = more;
  const table = createTable('net', 'label');
  const count = Object.values(values)[0].length;
  for (let i = 0; i < count; i++) table.classes.push(0);
  for (const [name, own] of Object.entries(values)) {
    table.columns.set(name, {
      method: methodOf(name),
      metrics: Object.fromEntries(metrics.map((metric) => [metric, [...own]])),
      states: { ok: count, ...(states[name] ?? { empty: 0, nan: 0 }) },
      noise: { onTop: [], effectiveSampleSize: [] },
    });
  }
  return {
    ...{ model: 'net', kind: 'label', reference: 'gradcam++', count, accuracy: 1, strata: [], noise: [] },
    ...{ notes: [], chart: '', sheets: [] },
    comparisons: metrics.flatMap((metric) => compare(table, metric, 0) ?? []),
    ...rest,
  };
}

export const difference = (mean: number, half: number): PairedDifference => ({
  ...pairedDifference([mean, mean], [0, 0]),
  ...{ mean, low: mean - half, high: mean + half },
});

const summaryOf = (tables: readonly TableSummary[]): Summary => ({
  ...{ format: 'jetgrad-evaluation/1', set: 'scenes:4', pictures: 4, failed: 0 },
  models: [{ name: 'net', layer: 'relu', hash: 'abc' }],
  settings: {
    ...{ methods: ['gradcam', 'gradcam++', 'smoothgradcam++'], metrics: ['mass'], scores: ['exp'] },
    ...{ sigmas: [0.15], samples: [25], seed: 0, layer: undefined },
  },
  tables,
});

/** Findings with one network, whose tables of the first part are given. */
export const findingsOf = (methods: readonly TableSummary[]): Findings => ({
  evaluations: evaluations.map((evaluation) => ({
    evaluation,
    summary: summaryOf(evaluation.name === 'methods' ? methods : []),
  })),
  derivatives: { sigma: 0.05, networks: [] },
  networks: [{ network: 'net', sha256: '0123456789abcdef0123' }],
  ...{ seconds: { methods: 100, derivatives: 50 }, jobs: 2, pictures: [] },
});
