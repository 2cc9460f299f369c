/** How far two ways to the weights lie apart: of one scene, and over scenes. */

import { type PairedDifference, pairedDifference } from '../../src/cam/metrics/paired.ts';
import { correlationOf } from '../../src/cam/metrics/ranks.ts';

/** Weights and a map, with how well it tells the occurrences. */
export interface Way {
  readonly weights: ArrayLike<number>;
  readonly map: ArrayLike<number>;
  /** F_occ; 0 for a map that is empty or not finite. */
  readonly focc: number;
  /** Share of the entries with a derivative whose α is below 0. */
  readonly flipped?: number | undefined;
}

/** Two ways on one scene. */
export interface Pair {
  readonly title: string;
  readonly correlation: number;
  readonly overlap: number;
  readonly top: number;
  readonly flipped: number | null;
  /** Whether the map says nothing: no entry is above 0, or one is not finite. */
  readonly void: readonly [boolean, boolean];
  readonly focc: readonly [number, number];
}

/** A comparison that a network has nothing to say of. */
export interface Refused {
  readonly title: string;
  readonly refused: string;
}

/** Means over scenes. */
export interface Apart {
  readonly title: string;
  readonly count: number;
  /** Pearson's correlation of the weights. */
  readonly correlation: number;
  /** Overlap of the parts of the maps above half of their maximum. */
  readonly overlap: number;
  /** Share of the eight feature maps of the largest weights that both have. */
  readonly top: number;
  /** Of the first way. */
  readonly flipped: number;
  /** Maps of the first way and of the second that say nothing. */
  readonly empty: readonly [number, number];
  /** F_occ of the first way less that of the second. */
  readonly gain: PairedDifference;
}

function half(map: ArrayLike<number>): boolean[] {
  const most = Array.from(map).reduce((a, b) => Math.max(a, b), 0);
  return Array.from(map, (value) => most > 0 && value >= most / 2);
}

/** Intersection over union of what lies above half of each maximum; 1 for two empty maps. */
export function overlapOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [first, second] = [half(a), half(b)];
  let [both, either] = [0, 0];
  for (const [i, inside] of first.entries()) {
    both += Number(inside && second[i]);
    either += Number(inside || second[i]);
  }
  return either === 0 ? 1 : both / either;
}

const TOP = 8;

function topOf(weights: ArrayLike<number>): Set<number> {
  const order = Array.from(weights, (_, k) => k).sort(
    (a, b) => Math.abs(weights[b]) - Math.abs(weights[a]) || a - b,
  );
  return new Set(order.slice(0, TOP));
}

const isVoid = ({ map }: Way) => {
  const values = Array.from(map);
  return values.every((value) => !(value > 0)) || values.some((value) => !Number.isFinite(value));
};

/** Two ways on one scene. */
export function pairOf(title: string, [a, b]: readonly [Way, Way]): Pair {
  const other = topOf(b.weights);
  return {
    title,
    correlation: correlationOf(a.weights, b.weights),
    overlap: overlapOf(a.map, b.map),
    top: [...topOf(a.weights)].filter((k) => other.has(k)).length / other.size,
    flipped: a.flipped ?? null,
    void: [isVoid(a), isVoid(b)],
    focc: [a.focc, b.focc],
  };
}

function apart(title: string, pairs: readonly Pair[]): Apart {
  const mean = (of: (pair: Pair) => number | null) =>
    pairs.reduce((sum, pair) => sum + (of(pair) ?? Number.NaN), 0) / pairs.length;
  return {
    ...{ title, count: pairs.length },
    correlation: mean(({ correlation }) => correlation),
    overlap: mean(({ overlap }) => overlap),
    top: mean(({ top }) => top),
    flipped: mean(({ flipped }) => flipped),
    empty: [pairs.filter((pair) => pair.void[0]).length, pairs.filter((pair) => pair.void[1]).length],
    gain: pairedDifference(
      pairs.map(({ focc }) => focc[0]),
      pairs.map(({ focc }) => focc[1]),
    ),
  };
}

/** Every comparison over the scenes, in the order of the first; one that was refused on a scene is refused. */
export function apartOf(scenes: readonly (readonly (Pair | Refused)[])[]): (Apart | Refused)[] {
  const all = scenes.flat();
  return [...new Set(all.map(({ title }) => title))].map((title) => {
    const own = all.filter((each) => each.title === title);
    const refused = own.find((each): each is Refused => 'refused' in each);
    return refused ?? apart(title, own as readonly Pair[]);
  });
}
