import type { Model } from '../model/model.ts';

/** Where a network goes on by values, which derivatives do not show. */
export function controlNotes({ data }: Pick<Model, 'data'>): string[] {
  return data.nodes.flatMap(({ op, name }) =>
    op === 'If' || op === 'Loop'
      ? [
          `${op} "${name}" goes on by values: which way, or how often, is looked at for each picture and held for derivatives.`,
        ]
      : [],
  );
}
