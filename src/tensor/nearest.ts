import { leastOf } from './largest.ts';

/**
 * Edits that turn a into b: insertions, deletions, replacements, swaps of neighbours; more than `most` as Infinity. The work grows with
 * the length of a word, not with its square: names of files may be as long as they like.
 */
function editDistance(a: string, b: string, most: number): number {
  // d[i][j] = min(d[i−1][j] + 1, d[i][j−1] + 1, d[i−1][j−1] + [a_i ≠ b_j], d[i−2][j−2] + 1 where neighbours are swapped), for
  // |i − j| ≤ most only: row i holds d[i][i − most … i + most].
  const beyond = new Array<number>(2 * most + 1).fill(Number.POSITIVE_INFINITY);
  let [before, above, row] = [beyond, beyond, beyond.map((_, k) => (k < most ? beyond[k] : k - most))];
  for (let i = 1; i <= a.length && leastOf(row) <= most; i++) {
    [before, above, row] = [above, row, [...beyond]];
    for (let j = Math.max(0, i - most); j <= Math.min(b.length, i + most); j++) {
      const k = j - i + most;
      const change = above[k] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[k] = j === 0 ? i : Math.min((above[k + 1] ?? beyond[0]) + 1, (row[k - 1] ?? beyond[0]) + 1, change);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[k] = Math.min(row[k], before[k] + 1);
    }
  }
  const distance = row[b.length - a.length + most] ?? beyond[0];
  return distance <= most ? distance : beyond[0];
}

/** The known word that was probably meant, at most two edits (one in a short word) or a prefix away. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  const allowed = wanted.length < 4 ? 1 : 2;
  let best: string | undefined;
  let least = allowed + 1;
  for (const candidate of known) {
    const name = candidate.toLowerCase();
    const starts = wanted.length >= 3 && name.startsWith(wanted);
    const distance = starts
      ? Math.min(allowed, name.length - wanted.length)
      : editDistance(wanted, name, allowed);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** `; did you mean "x"?`, or nothing where no known word is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const near = nearest(word, known);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}

/** Names that are shown where several are near. */
const SHOWN = 3;

/** The same for names of which several may be meant: those that begin with the word, else those that hold it, else the nearest. */
export function didYouMeanSome(word: string, known: readonly string[]): string {
  const wanted = word.toLowerCase();
  const having = (place: (at: number) => boolean) =>
    wanted.length < 3 ? [] : [...new Set(known)].filter((name) => place(name.toLowerCase().indexOf(wanted)));
  const starting = having((at) => at === 0);
  const found = starting.length > 0 ? starting : having((at) => at > 0);
  if (found.length < 2) return didYouMean(found[0] ?? word, known);
  const some = found.slice(0, SHOWN).map((name) => `"${name}"`);
  const more = found.length > SHOWN ? `, or one of ${found.length - SHOWN} more` : '';
  return `; did you mean ${more === '' ? `${some.slice(0, -1).join(', ')} or ${some.at(-1)}` : some.join(', ')}${more}?`;
}
