import { InputError } from '../tensor/errors.ts';
import { nearest } from '../tensor/nearest.ts';

/** What is known of a model's classes. */
export interface Classes {
  readonly labels: readonly string[] | undefined;
  /** Undefined where the model's logits have no known size. */
  readonly count: number | undefined;
  /** How labels are given where there are none, for whoever names a class by one. */
  readonly labelsBy?: string;
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

/** Looks classes up by text; what it takes is made once. */
export interface ClassFinder {
  /** Indices of all classes that a text may mean. */
  matches(text: string): readonly number[];
  /** The only one. @throws InputError */
  find(text: string): number;
}

export function classFinder({ labels, count, labelsBy = 'open it with labels' }: Classes): ClassFinder {
  const exact = indicesBy(labels ?? [], (label) => [label]);
  const named = indicesBy(labels ?? [], namesOf);
  function matches(text: string): readonly number[] {
    const wanted = text.trim();
    if (/^\d+$/.test(wanted))
      return Number(wanted) < (count ?? Number.POSITIVE_INFINITY) ? [Number(wanted)] : [];
    return exact.get(wanted) ?? named.get(wanted.toLowerCase()) ?? [];
  }
  function find(text: string): number {
    const wanted = text.trim();
    if (/^\d+$/.test(wanted)) return checkIndex(Number(wanted), count);
    const found = matches(wanted);
    if (found.length === 1) return found[0];
    if (labels === undefined) {
      throw new InputError(
        `Cannot find the class "${wanted}": the model has no labels; give an index, or ${labelsBy}`,
      );
    }
    if (found.length > 1) {
      const list = found.map((index) => describeClass(index, labels[index])).join('; ');
      throw new InputError(
        `Cannot choose the class "${wanted}", give an index: ${found.length} match: ${list}`,
      );
    }
    const near = nearest(wanted.toLowerCase(), named.keys());
    const hint = near === undefined ? 'give an index or a label' : `did you mean "${near}"?`;
    throw new InputError(`Cannot find the class "${wanted}": no label has that name; ${hint}`);
  }
  return { matches, find };
}

/**
 * The index of the class that a text means: an index if all digits, else an exact label, else the only label with that
 * name among its comma-separated names, in any case, or with that synset id.
 * @throws InputError where there is no such class, or where several have that name, listing them.
 */
export function matchClass(text: string, classes: Classes): number {
  return classFinder(classes).find(text);
}
