import type { MetricName } from '../../cam/metrics/metrics.ts';
import type { PairedDifference } from '../../cam/metrics/paired.ts';
import { controlNames } from '../../cam/more/methodTable.ts';
import type { ClassKind } from '../result.ts';
import type { Settings } from '../settings.ts';
import { type Comparison, compare, meanOf, referenceOf } from './compare.ts';
import { strata, tableOf } from './strata.ts';
import type { Table } from './table.ts';

/** A method under a metric, in a part of the pictures. */
interface PartDifference {
  readonly metric: MetricName;
  readonly name: string;
  readonly difference: PairedDifference;
}

/** What the noise does to the class, mean over pictures. */
export interface NoiseEffect {
  readonly name: string;
  /** Share of the samples in which the class is on top. */
  readonly onTop: number;
  /** How many samples the mean rests on. */
  readonly effectiveSampleSize: number;
}

/** What a table says, for the report. */
export interface TableSummary {
  readonly model: string;
  readonly kind: ClassKind;
  readonly reference: string;
  readonly count: number;
  /** Share of labelled pictures whose label the network predicts; NaN where none is labelled. */
  readonly accuracy: number;
  readonly comparisons: readonly Comparison[];
  readonly strata: readonly {
    readonly title: string;
    readonly count: number;
    readonly differences: readonly PartDifference[];
  }[];
  /** Of each method that read noisy inputs. */
  readonly noise: readonly NoiseEffect[];
  readonly notes: readonly string[];
  readonly chart: string;
  readonly sheets: readonly { readonly file: string; readonly title: string }[];
}

/** What is known of a set, all of it. */
export interface Summary {
  readonly format: 'jetgrad-evaluation/1';
  readonly set: string;
  readonly pictures: number;
  readonly failed: number;
  readonly models: readonly { readonly name: string; readonly layer: string; readonly hash: string }[];
  readonly settings: Settings;
  readonly tables: readonly TableSummary[];
}

/** The metrics that parts of the pictures are looked at by. */
const headline: readonly MetricName[] = ['pointing', 'mass', 'covered@0.15', 'covered@0.5', 'focc', 'drop'];

/** The methods of a table alone. */
const withoutControls = (table: Table): Table => ({
  ...table,
  columns: new Map([...table.columns].filter(([name]) => !isControlName(name))),
});

function partsOf(table: Table, { metrics, seed }: Settings): TableSummary['strata'] {
  return strata.flatMap((stratum) => {
    const whole = tableOf(table, stratum);
    if (whole === undefined) return [];
    const part = withoutControls(whole);
    const differences = headline
      .filter((metric) => metrics.includes(metric))
      .flatMap((metric) =>
        (compare(part, metric, seed)?.lines ?? []).flatMap(({ name, isControl, difference }) =>
          isControl || difference === undefined ? [] : [{ metric, name, difference }],
        ),
      );
    return differences.length === 0
      ? []
      : [{ title: stratum.title, count: part.classes.length, differences }];
  });
}

/** What is to be said beside the numbers: which methods are the same here. */
function notesOf({ equalities }: Table): string[] {
  return [...equalities].map(
    ([name, other]) =>
      `${name} is ${other} in some or all pictures, whatever the noise: the slopes of this head say so, and its noisy passes are left out.`,
  );
}

function noiseOf({ columns }: Table): NoiseEffect[] {
  return [...columns].flatMap(([name, { noise }]) =>
    noise.onTop.length === 0
      ? []
      : [
          {
            name,
            onTop: meanOf(noise.onTop).mean,
            effectiveSampleSize: meanOf(noise.effectiveSampleSize).mean,
          },
        ],
  );
}

export function summarise(
  table: Table,
  settings: Settings,
  made: Pick<TableSummary, 'comparisons' | 'chart' | 'sheets'>,
): TableSummary {
  const right = table.facts.right.filter((value) => !Number.isNaN(value));
  return {
    ...{ model: table.model, kind: table.kind, reference: referenceOf(table), count: table.classes.length },
    accuracy: right.length === 0 ? Number.NaN : right.reduce((sum, value) => sum + value, 0) / right.length,
    strata: partsOf(table, settings),
    noise: noiseOf(table),
    notes: notesOf(table),
    ...made,
  };
}

/** Whether a method is a control. */
export const isControlName = (name: string): boolean => controlNames.some((each) => each === name);
