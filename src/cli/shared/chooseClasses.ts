import type { ClassChoice, ClassWanted, Contrast } from '../../cam/contrast.ts';
import { type Classes, type ClassFinder, classFinder, plainLabel } from '../../cam/matchClass.ts';
import { describePair, pairName } from '../../cam/pairText.ts';
import { InputError } from '../../tensor/errors.ts';
import { largestOf } from '../../tensor/largest.ts';

/** Parts of labels that follow one another: by the next part, what may come then. `ends` where a label ends. */
interface Continuation {
  readonly next: Map<string, Continuation>;
  ends: boolean;
}

/** All labels of several parts, with and without their synset ids, and the most parts that one has. */
function labelParts(labels: readonly string[]): { root: Continuation; most: number } {
  const root: Continuation = { next: new Map(), ends: false };
  for (const label of labels) {
    for (const whole of new Set([label.toLowerCase().trim(), plainLabel(label).toLowerCase()])) {
      let at = root;
      for (const part of whole.split(',')) {
        const next = at.next.get(part) ?? { next: new Map(), ends: false };
        at.next.set(part, next);
        at = next;
      }
      at.ends = true;
    }
  }
  const most = largestOf(
    labels.map((label) => label.split(',').length),
    1,
  );
  return { root, most };
}

/** How many parts from the first on are a label together, the longest; 1 where none are. */
function longestRun(parts: readonly string[], root: Continuation): number {
  let [longest, at] = [1, root as Continuation | undefined];
  for (let i = 0; i < parts.length && at !== undefined; i++) {
    const part = (i === 0 ? parts[i].trimStart() : parts[i]).toLowerCase();
    if (at.next.get(part.trimEnd())?.ends) longest = i + 1;
    at = at.next.get(part);
  }
  return longest;
}

/** A text with more hyphens is no two labels. */
const MOST_HYPHENS = 64;

/** Where the hyphens of a text are; none where there are so many that it cannot be two labels. */
function hyphensIn(text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf('-'); at >= 0; at = text.indexOf('-', at + 1)) {
    if (places.length === MOST_HYPHENS) return [];
    places.push(at);
  }
  return places;
}

/** Every way to read a text as two with a hyphen between, of which each names a class. */
function* contrastsIn(text: string, { matches }: ClassFinder): Generator<Contrast> {
  for (const at of hyphensIn(text)) {
    const sides = [text.slice(0, at), text.slice(at + 1)];
    if (sides.some((side) => side.trim() === '')) continue;
    const [left, right] = sides.map(matches);
    for (const of of left) for (const against of right) yield { of, against };
  }
}

/** Labels are looked up in the parts between commas, which may hold commas and hyphens themselves. */
interface Lookup extends ReturnType<typeof labelParts> {
  readonly finder: ClassFinder;
  readonly labels: Classes['labels'];
}

/** How many of the parts are two labels with a hyphen between, the longest; 0 where they are none. */
function contrastRun(parts: readonly string[], { root, most, finder }: Lookup): number {
  let longest = 0;
  if (!parts.some((part) => part.includes('-'))) return longest;
  for (let i = 0; i < Math.min(parts.length, most); i++) {
    for (const at of hyphensIn(parts[i])) {
      const left = [...parts.slice(0, i), parts[i].slice(0, at)];
      if (i > 0 && longestRun(left, root) !== left.length) continue;
      if (finder.matches(left.join(',')).length === 0) continue;
      const right = [parts[i].slice(at + 1), ...parts.slice(i + 1, i + most)];
      const run = longestRun(right, root);
      if (finder.matches(right.slice(0, run).join(',')).length > 0) longest = Math.max(longest, i + run);
    }
  }
  return longest;
}

/** The class that a text means, or the two of "boxer-282". A label that holds a hyphen itself comes first. */
function wantedBy(text: string, { finder, labels }: Pick<Lookup, 'finder' | 'labels'>): ClassWanted {
  if (finder.matches(text).length > 0 || !text.includes('-')) return finder.find(text);
  const found = new Map([...contrastsIn(text, finder)].map((each) => [pairName(each), each]));
  const [contrast] = found.values();
  if (contrast === undefined) return unfound(text, finder);
  if (found.size > 1) {
    const list = [...found.values()]
      .map((each) => describePair({ classIndex: each.of, against: each.against }, labels))
      .join('; ');
    throw new InputError(
      `Cannot choose the classes "${text.trim()}", give indices: ${found.size} pairs match: ${list}`,
    );
  }
  if (contrast.of !== contrast.against) return contrast;
  throw new InputError(
    `Cannot hold the class "${text.trim()}" against itself: the difference is 0; give another class`,
  );
}

/** @throws InputError for a text that names no class: where one side of a hyphen does, for the other side. */
function unfound(text: string, { matches, find }: ClassFinder): number {
  for (const at of hyphensIn(text)) {
    const sides = [text.slice(0, at), text.slice(at + 1)];
    if (sides.some((side) => side.trim() === '')) continue;
    const known = sides.map((side) => matches(side).length > 0);
    if (known[0] !== known[1]) return find(sides[known[0] ? 1 : 0]);
  }
  return find(text);
}

const keyOf = (wanted: ClassWanted) => (typeof wanted === 'number' ? String(wanted) : pairName(wanted));

/** The class that a text means as `matchClass` has it, or the two of which it is about the one against the other. @throws InputError */
export function matchWanted(text: string, classes: Classes): ClassWanted {
  return wantedBy(text, { finder: classFinder(classes), labels: classes.labels });
}

/**
 * The classes of a comma-separated list, each once, in the order given: as `matchClass`, or two of them with a hyphen between for one
 * against the other. Labels may hold commas and hyphens themselves: the longest run of parts that is a label counts as one.
 * @throws InputError as `matchClass`, and where hyphens may be read in several ways, listing them.
 */
export function matchClasses(text: string, classes: Classes): ClassWanted[] {
  const parts = text.split(',');
  const lookup = {
    ...labelParts(classes.labels ?? []),
    finder: classFinder(classes),
    labels: classes.labels,
  };
  const { root, most } = lookup;
  const found = new Map<string, ClassWanted>();
  for (let start = 0; start < parts.length; ) {
    const ahead = parts.slice(start, start + most);
    const run = Math.max(longestRun(ahead, root), contrastRun(parts.slice(start, start + 2 * most), lookup));
    const wanted = wantedBy(parts.slice(start, start + run).join(','), lookup);
    if (!found.has(keyOf(wanted))) found.set(keyOf(wanted), wanted);
    start += run;
  }
  return [...found.values()];
}

/**
 * The classes that --class asks for: lists of `matchClasses`, or top:3 for each picture's three most probable ones.
 * @throws InputError as `matchClasses`, and for top:3 beside other classes.
 */
export function chooseClasses(texts: readonly string[], classes: Classes): ClassChoice<ClassWanted> {
  const parts = texts.flatMap((text) => text.split(','));
  const first = parts.find((part) => /^\s*top:\d+\s*$/i.test(part));
  if (first === undefined) {
    const wanted = texts.flatMap((text) => matchClasses(text, classes));
    return [...new Map(wanted.map((each) => [keyOf(each), each])).values()];
  }
  if (parts.length > 1) {
    throw new InputError(`Cannot explain the classes "${texts.join(',')}": ${first.trim()} stands alone`);
  }
  const top = Number(first.split(':')[1]);
  if (top >= 1 && top <= (classes.count ?? top)) return { top };
  throw new InputError(
    `Cannot explain the classes "${first}": the model has ${classes.count ?? 'no'} classes; give top:1 or more of them`,
  );
}
