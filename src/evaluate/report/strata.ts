import type { Table } from './table.ts';

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
