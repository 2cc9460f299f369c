import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type MetricName, metricOf } from '../../cam/metrics/metrics.ts';
import type { Stage } from '../../node/stage.ts';
import type { PictureFailure } from '../result.ts';
import type { Work } from '../work.ts';
import { chartOf } from './chart.ts';
import { collectResults } from './collect.ts';
import { compare, referenceOf } from './compare.ts';
import { reportText } from './markdown.ts';
import { type Duel, drawSheet, extremesOf } from './sheet.ts';
import { isControlName, type Summary, summarise, type TableSummary } from './summary.ts';
import type { Table } from './table.ts';

/** A file that is written line by line under a temporary name. */
function lineFile(path: string) {
  const file = openSync(path, 'w');
  let waiting: string[] = [];
  const flush = () => {
    if (waiting.length > 0) writeSync(file, `${waiting.join('\n')}\n`);
    waiting = [];
  };
  return {
    add(line: string) {
      waiting.push(line);
      if (waiting.length === 256) flush();
    },
    close() {
      flush();
      fsyncSync(file);
      closeSync(file);
    },
  };
}

/** Characters of names of files. */
const fileName = (text: string) => text.replace(/[^A-Za-z0-9._+-]/g, '_');

/** The duel that the sheets show: Smooth Grad-CAM++ where it runs, else the second method, against the reference. */
function duelOf(table: Table, metrics: readonly MetricName[]): Duel | undefined {
  const against = referenceOf(table);
  const others = [...table.columns].filter(
    ([name, { method }]) => name !== against && !isControlName(method),
  );
  const of = (others.find(([, { method }]) => method === 'smoothgradcam++') ?? others[0])?.[0];
  const wanted: readonly MetricName[] = ['focc', 'mass', 'drop'];
  const isMeasured = (metric: MetricName) =>
    table.columns.get(against)?.metrics[metric]?.some((value) => !Number.isNaN(value)) === true;
  const metric = wanted.find((each) => metrics.includes(each) && isMeasured(each));
  if (of === undefined || metric === undefined) return undefined;
  return { kind: table.kind, metric, better: metricOf(metric).better, of, against };
}

async function writeSheets(
  work: Work,
  table: Table,
  { stage, name }: { stage: Stage; name: string },
): Promise<TableSummary['sheets']> {
  const duel = duelOf(table, work.settings.metrics);
  if (duel === undefined) return [];
  const sheets: TableSummary['sheets'][number][] = [];
  const { best, worst } = extremesOf(table, duel);
  const what = metricOf(duel.metric as MetricName).title;
  for (const [word, ranked] of [
    ['best', best],
    ['worst', worst],
  ] as const) {
    if (ranked.length === 0) continue;
    const title = `${duel.of} (right) ${word === 'best' ? 'gains most on' : 'loses most against'} ${duel.against} (left), ${what}`;
    const file = `${name}.${word}.png`;
    stage.write(file, await drawSheet(work, ranked, { duel, title }));
    sheets.push({ file, title });
  }
  return sheets;
}

/** What was written, for whoever asked. */
export interface Written {
  readonly summary: Summary;
  readonly failures: readonly PictureFailure[];
  readonly files: readonly string[];
}

/** Numbers as JSON has them: NaN is null. */
const json = (value: unknown) =>
  `${JSON.stringify(value, (_, each) => (typeof each === 'number' && !Number.isFinite(each) ? null : each), 2)}\n`;

/** Writes the report of a set that is done: a pure function of the store and the set. */
export async function writeReport(work: Work, stage: Stage, signal?: AbortSignal): Promise<Written> {
  const { set, models, settings } = work;
  const [lines, rows] = ['results.jsonl', 'results.csv'].map((file) => lineFile(join(stage.temporary, file)));
  const { tables, failures, pictures } = await collectResults(
    work,
    { json: lines.add, csv: rows.add },
    signal,
  );
  lines.close();
  rows.close();
  const files = ['results.jsonl', 'results.csv'];
  for (const file of files) stage.keep(file);
  const write = (file: string, content: string | Uint8Array) => {
    stage.write(file, content);
    files.push(file);
  };
  const summaries: TableSummary[] = [];
  for (const table of tables) {
    const name = `${fileName(table.model)}.${table.kind}`;
    const chart = `${name}.svg`;
    const comparisons = settings.metrics.flatMap((metric) => compare(table, metric, settings.seed) ?? []);
    write(chart, chartOf(comparisons));
    const sheets = await writeSheets(work, table, { stage, name });
    for (const { file } of sheets) files.push(file);
    summaries.push(summarise(table, settings, { comparisons, chart, sheets }));
  }
  const summary: Summary = {
    ...{ format: 'jetgrad-evaluation/1', set: set.name, pictures, failed: failures.length },
    models: models.map(({ name, hash, model }) => ({ name, hash, layer: model.findLayer(settings.layer) })),
    ...{ settings, tables: summaries },
  };
  write('summary.json', json(summary));
  write('report.md', reportText(summary, failures));
  write(
    'manifest.json',
    json({
      jetgrad: work.version,
      set: set.name,
      pictures,
      failed: failures.length,
      models: summary.models,
      settings,
      files: [...files, 'manifest.json'],
    }),
  );
  return { summary, failures, files };
}
