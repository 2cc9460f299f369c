import type { MethodName } from '../../cam/methods.ts';
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
