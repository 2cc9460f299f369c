import type { Shape } from '../tensor/shape.ts';
import type { AlphaCounts, MethodResult } from './method.ts';
import { chooseEntries, type Selection, strongestMaps } from './select.ts';

export type Tally = { -readonly [name in keyof AlphaCounts]: number };

export function emptyTally(): Tally {
  return { dead: 0, singular: 0, flipped: 0, large: 0, cancelled: 0 };
}

/**
 * Weights of the selected maps, each by `weightOf` from its selected entries; 0 for all others. Counts are those of
 * the maps that are kept, so with `top` the kept ones are weighed again.
 */
export function weighMaps(
  shape: Shape,
  select: Selection | undefined,
  weightOf: (k: number, cells: readonly number[], counts: Tally) => number,
): MethodResult {
  const chosen = chooseEntries(select, shape);
  const all = new Float64Array(shape[0]);
  let counts = emptyTally();
  for (const k of chosen.maps) all[k] = weightOf(k, chosen.cells(k), counts);
  if (chosen.top >= chosen.maps.length) return { weights: all, counts, maps: chosen.maps };
  const maps = strongestMaps(all, chosen.maps, chosen.top);
  const weights = new Float64Array(shape[0]);
  counts = emptyTally();
  for (const k of maps) weights[k] = weightOf(k, chosen.cells(k), counts);
  return { weights, counts, maps };
}
