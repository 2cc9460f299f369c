import { metricNames } from '../../cam/metrics/metrics.ts';
import { rest } from '../../tensor/drive.ts';
import type { ClassKind, PictureFailure, PictureResult } from '../result.ts';
import { isFailure, outcomeOf, piecesOf, type Work } from '../work.ts';
import { addPicture, createTable, type Table } from './table.ts';

/** What a store says of a set: values for statistics, and the lines of files as they are read. */
export interface Collection {
  readonly tables: readonly Table[];
  readonly failures: readonly PictureFailure[];
  readonly pictures: number;
}

export interface LineWriters {
  json(line: string): void;
  csv(line: string): void;
}

/** A cell of CSV. */
const cell = (value: string | number | null | undefined): string =>
  typeof value === 'string' && /[",\n\r]/.test(value)
    ? `"${value.replaceAll('"', '""')}"`
    : String(value ?? '');

const kinds: readonly ClassKind[] = ['label', 'prediction'];

function* linesOf(result: PictureResult): Generator<Record<string, unknown>> {
  const { picture, model, label, occurrences, size, distance, predicted } = result;
  for (const { findings, ...own } of result.classes) {
    for (const { map: _, ...finding } of findings) {
      yield { picture, model, label, occurrences, size, distance, predicted, class: own, ...finding };
    }
  }
}

function* rowsOf(result: PictureResult, metrics: readonly string[]): Generator<string> {
  for (const { index, label, as, findings } of result.classes) {
    for (const { name, state, metrics: values } of findings) {
      const facts = [
        result.picture,
        result.model,
        result.label,
        result.occurrences,
        index,
        label,
        as.join(' '),
        name,
        state,
      ];
      yield [...facts, ...metrics.map((metric) => values[metric])].map(cell).join(',');
    }
  }
}

const headings = [
  'picture',
  'model',
  'label',
  'occurrences',
  'class',
  'class label',
  'as',
  'method',
  'state',
];

/** Reads the store in the order of the set, writes every line, and keeps the numbers. */
export async function collectResults(
  work: Work,
  writers: LineWriters,
  signal?: AbortSignal,
): Promise<Collection> {
  const { models, settings } = work;
  const metrics = metricNames.filter((name) => settings.metrics.includes(name));
  const tables = models.flatMap(({ name }) => kinds.map((kind) => createTable(name, kind)));
  const failures: PictureFailure[] = [];
  writers.csv([...headings, ...metrics].join(','));
  for (let piece = 0; piece < piecesOf(work); piece++) {
    await rest(signal);
    const outcome = outcomeOf(work, piece);
    if (outcome === undefined) throw new Error(`Internal: piece ${piece} is not there`);
    if (isFailure(outcome)) {
      failures.push(outcome);
      writers.json(JSON.stringify(outcome));
      continue;
    }
    for (const line of linesOf(outcome)) writers.json(JSON.stringify(line));
    for (const row of rowsOf(outcome, metrics)) writers.csv(row);
    for (const table of tables) {
      if (table.model !== outcome.model) continue;
      const own = outcome.classes.find(({ as }) => as.includes(table.kind));
      if (own !== undefined) addPicture(table, outcome, { piece, own });
    }
  }
  return { tables: tables.filter(({ classes }) => classes.length > 0), failures, pictures: work.set.count };
}
