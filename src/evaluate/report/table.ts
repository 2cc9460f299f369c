import type { MethodName } from '../../cam/methods.ts';
import { type MetricName, metricOf } from '../../cam/metrics/metrics.ts';
import { type PairedDifference, pairedDifference } from '../../cam/metrics/paired.ts';
import { controlNames } from '../../cam/more/methodTable.ts';
import type { ClassKind, ClassResult, Finding, PictureResult } from '../result.ts';

/** One method's values over the pictures of a table, NaN where there is none. */
interface Column {
  readonly method: MethodName;
  readonly metrics: Readonly<Record<string, number[]>>;
  readonly states: { ok: number; empty: number; nan: number };
  /** Of methods that read noisy inputs, by picture. */
  readonly noise: { readonly onTop: number[]; readonly effectiveSampleSize: number[] };
}

/** Every value of a model's maps, of the labelled classes or of the predicted ones. */
export interface Table {
  readonly model: string;
  readonly kind: ClassKind;
  /** By the names of methods with their settings. */
  readonly columns: Map<string, Column>;
  /** By row: where its picture stands in the set, and its class. */
  readonly pieces: number[];
  readonly classes: number[];
  /** Methods that are another one in some picture, whatever the noise. */
  readonly equalities: Map<string, string>;
  readonly facts: {
    occurrences: number[];
    size: number[];
    distance: number[];
    onTop: number[];
    right: number[];
  };
}

export const createTable = (model: string, kind: ClassKind): Table => ({
  ...{ model, kind, columns: new Map(), pieces: [], classes: [], equalities: new Map() },
  facts: { occurrences: [], size: [], distance: [], onTop: [], right: [] },
});

function columnOf({ columns }: Table, { name, method, metrics }: Finding): Column {
  const known = columns.get(name);
  if (known !== undefined) return known;
  const values = Object.fromEntries(Object.keys(metrics).map((metric) => [metric, [] as number[]]));
  const made: Column = {
    ...{ method, metrics: values, states: { ok: 0, empty: 0, nan: 0 } },
    noise: { onTop: [], effectiveSampleSize: [] },
  };
  columns.set(name, made);
  return made;
}

/** Adds a class of a picture, the result of a piece, to a table. */
export function addPicture(
  table: Table,
  result: PictureResult,
  { piece, own: { index, findings } }: { readonly piece: number; readonly own: ClassResult },
): void {
  const { facts, pieces, classes, equalities } = table;
  pieces.push(piece);
  classes.push(index);
  facts.occurrences.push(result.occurrences);
  facts.size.push(result.size ?? Number.NaN);
  facts.distance.push(result.distance ?? Number.NaN);
  facts.right.push(
    Number(result.classes.find(({ as }) => as.includes('label'))?.as.includes('prediction') ?? Number.NaN),
  );
  facts.onTop.push(findings.find(({ onTop }) => onTop !== undefined)?.onTop ?? Number.NaN);
  for (const finding of findings) {
    const column = columnOf(table, finding);
    column.states[finding.state]++;
    const { onTop, effectiveSampleSize } = finding;
    if (onTop !== undefined && effectiveSampleSize !== undefined) {
      column.noise.onTop.push(onTop);
      column.noise.effectiveSampleSize.push(effectiveSampleSize);
    }
    if (finding.equals !== undefined) equalities.set(finding.name, finding.equals);
    for (const [metric, value] of Object.entries(finding.metrics))
      column.metrics[metric].push(value ?? Number.NaN);
  }
}

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

/** A part of the pictures. */
interface Stratum {
  readonly title: string;
  has(facts: Readonly<Record<keyof Table['facts'], number>>): boolean;
}

export const strata: readonly Stratum[] = [
  ...[1, 2, 3].map(
    (count): Stratum => ({
      title: count === 1 ? '1 occurrence' : `${count} occurrences`,
      has: ({ occurrences }) => occurrences === count,
    }),
  ),
  { title: '4 and more occurrences', has: ({ occurrences }) => occurrences >= 4 },
  { title: 'occurrences below 3 % of the picture', has: ({ size }) => size < 0.03 },
  { title: 'of 3 % to 10 %', has: ({ size }) => size >= 0.03 && size < 0.1 },
  { title: 'of 10 % and more', has: ({ size }) => size >= 0.1 },
  { title: 'nearest two closer than 0.4 sides', has: ({ distance }) => distance < 0.4 },
  { title: 'nearest two 0.4 sides apart and more', has: ({ distance }) => distance >= 0.4 },
  { title: 'noise keeps the class on top in half of the samples', has: ({ onTop }) => onTop >= 0.5 },
  { title: 'noise does not', has: ({ onTop }) => onTop < 0.5 },
];

/** The table of a part of the pictures; undefined where there are none. */
export function tableOf(table: Table, { has }: Stratum): Table | undefined {
  const { facts } = table;
  const kept = table.classes.flatMap((_, i) =>
    has({
      occurrences: facts.occurrences[i],
      size: facts.size[i],
      distance: facts.distance[i],
      onTop: facts.onTop[i],
      right: facts.right[i],
    })
      ? [i]
      : [],
  );
  if (kept.length === 0) return undefined;
  const pick = (values: readonly number[]) => kept.map((i) => values[i]);
  const columns = new Map(
    [...table.columns].map(([name, column]) => [
      name,
      {
        ...column,
        metrics: Object.fromEntries(
          Object.entries(column.metrics).map(([metric, values]) => [metric, pick(values)]),
        ),
      },
    ]),
  );
  return { ...table, columns, pieces: pick(table.pieces), classes: pick(table.classes) };
}
