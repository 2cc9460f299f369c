import type { ClassChoice } from '../../cam/explain.ts';
import { InputError } from '../../tensor/errors.ts';
import { nearest } from '../../tensor/nearest.ts';

/** What is known of a model's classes. */
export interface Classes {
  readonly labels: readonly string[] | undefined;
  /** Undefined where the model's logits have no known size. */
  readonly count: number | undefined;
}

const synset = /^(n\d{8})\s+/;

/** A label without a leading synset id such as n01440764. */
export function plainLabel(label: string): string {
  return label.replace(synset, '').trim();
}

/** The names that a label goes by: its comma-separated parts and the whole, in lower case, and its synset id. */
function namesOf(label: string): string[] {
  const whole = plainLabel(label).toLowerCase();
  const id = synset.exec(label)?.[1] ?? '';
  return [whole, ...whole.split(',').map((name) => name.trim()), id].filter((name) => name !== '');
}

/** Indices of the labels by their texts: each once and ascending. */
function indicesBy(
  labels: readonly string[],
  textsOf: (label: string) => readonly string[],
): Map<string, number[]> {
  const indices = new Map<string, number[]>();
  for (const [index, label] of labels.entries()) {
    for (const text of new Set(textsOf(label))) {
      const known = indices.get(text);
      if (known === undefined) indices.set(text, [index]);
      else known.push(index);
    }
  }
  return indices;
}

/** "242 boxer" */
export function describeClass(index: number, label: string | undefined): string {
  return label === undefined ? `${index}` : `${index} ${plainLabel(label)}`;
}

function checkIndex(index: number, count: number | undefined): number {
  if (count === undefined || index < count) return index;
  throw new InputError(`Cannot find class ${index}: the model has ${count} classes, 0 … ${count - 1}`);
}

/** Finds classes by text; what it takes to look them up is made once. */
function classFinder({ labels, count }: Classes): (text: string) => number {
  const exact = indicesBy(labels ?? [], (label) => [label]);
  const named = indicesBy(labels ?? [], namesOf);
  return (text) => {
    const wanted = text.trim();
    if (/^\d+$/.test(wanted)) return checkIndex(Number(wanted), count);
    if (labels === undefined) {
      throw new InputError(
        `Cannot find the class "${wanted}": the model has no labels; give an index, or labels by --labels FILE`,
      );
    }
    const name = wanted.toLowerCase();
    const matches = exact.get(wanted) ?? named.get(name) ?? [];
    if (matches.length === 1) return matches[0];
    if (matches.length > 1) {
      const list = matches.map((index) => describeClass(index, labels[index])).join('; ');
      throw new InputError(
        `Cannot choose the class "${wanted}", give an index: ${matches.length} match: ${list}`,
      );
    }
    const near = nearest(name, named.keys());
    const hint = near === undefined ? 'give an index or a label' : `did you mean "${near}"?`;
    throw new InputError(`Cannot find the class "${wanted}": no label has that name; ${hint}`);
  };
}

/**
 * The index of the class that a text means: an index if all digits, else an exact label, else the only label with that
 * name among its comma-separated names, in any case, or with that synset id.
 * @throws InputError where there is no such class, or where several have that name, listing them.
 */
export function matchClass(text: string, classes: Classes): number {
  return classFinder(classes)(text);
}

/** Parts of labels that follow one another: by the next part, what may come then. `ends` where a label ends. */
interface Continuation {
  readonly next: Map<string, Continuation>;
  ends: boolean;
}

/** All labels of several parts, with and without their synset ids. */
function labelParts(labels: readonly string[]): Continuation {
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
  return root;
}

/** How many parts from `start` on are a label together, the longest; 1 where none are. */
function longestRun(parts: readonly string[], start: number, root: Continuation): number {
  let [longest, at] = [1, root as Continuation | undefined];
  for (let i = start; i < parts.length && at !== undefined; i++) {
    const part = i === start ? parts[i].trimStart() : parts[i];
    if (at.next.get(part.trimEnd())?.ends) longest = i + 1 - start;
    at = at.next.get(part);
  }
  return longest;
}

/**
 * The classes of a comma-separated list, each once, in the order given. Labels may hold commas themselves: the longest
 * run of parts that is a label counts as one.
 * @throws InputError as `matchClass`.
 */
export function matchClasses(text: string, classes: Classes): number[] {
  const parts = text.split(',');
  const lower = text.toLowerCase().split(',');
  const root = labelParts(classes.labels ?? []);
  const find = classFinder(classes);
  const found: number[] = [];
  for (let start = 0; start < parts.length; ) {
    const end = start + longestRun(lower, start, root);
    found.push(find(parts.slice(start, end).join(',')));
    start = end;
  }
  return [...new Set(found)];
}

/**
 * The classes that --class asks for: lists of `matchClasses`, or top:3 for each picture's three most probable ones.
 * @throws InputError as `matchClass`, and for top:3 beside other classes.
 */
export function chooseClasses(texts: readonly string[], classes: Classes): ClassChoice {
  const parts = texts.flatMap((text) => text.split(','));
  const first = parts.find((part) => /^\s*top:\d+\s*$/i.test(part));
  if (first === undefined) return [...new Set(texts.flatMap((text) => matchClasses(text, classes)))];
  if (parts.length > 1) {
    throw new InputError(`Cannot explain the classes "${texts.join(',')}": ${first.trim()} stands alone`);
  }
  const top = Number(first.split(':')[1]);
  if (top >= 1 && top <= (classes.count ?? top)) return { top };
  throw new InputError(
    `Cannot explain the classes "${first}": the model has ${classes.count ?? 'no'} classes; give top:1 or more of them`,
  );
}
