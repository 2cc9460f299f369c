import { InputError } from '../tensor/errors.ts';
import { nearest } from '../tensor/nearest.ts';

/** What is known of a model's classes. */
export interface Classes {
  readonly labels: readonly string[] | undefined;
  /** Undefined where the model's logits have no known size. */
  readonly count: number | undefined;
}

const synset = /^n\d{8}\s+/;

/** A label without a leading synset id such as n01440764. */
export function plainLabel(label: string): string {
  return label.replace(synset, '').trim();
}

/** The names that a label goes by: its comma-separated parts and the whole, in lower case. */
function namesOf(label: string): string[] {
  const whole = plainLabel(label).toLowerCase();
  return [whole, ...whole.split(',').map((name) => name.trim())].filter((name) => name !== '');
}

function indicesWhere(labels: readonly string[], holds: (label: string) => boolean): number[] {
  return [...labels.keys()].filter((index) => holds(labels[index]));
}

/** "242 boxer" */
export function describeClass(index: number, label: string | undefined): string {
  return label === undefined ? `${index}` : `${index} ${plainLabel(label)}`;
}

function checkIndex(index: number, count: number | undefined): number {
  if (count === undefined || index < count) return index;
  throw new InputError(`Cannot find class ${index}: the model has ${count} classes, 0 … ${count - 1}`);
}

/**
 * The index of the class that a text means: an index if all digits, else an exact label, else the only label with that
 * name among its comma-separated names, in any case.
 * @throws InputError where there is no such class, or where several have that name, listing them.
 */
export function matchClass(text: string, { labels, count }: Classes): number {
  const wanted = text.trim();
  if (/^\d+$/.test(wanted)) return checkIndex(Number(wanted), count);
  if (labels === undefined) {
    throw new InputError(
      `Cannot find the class "${wanted}": the model has no labels; give an index, or labels by --labels FILE`,
    );
  }
  const exact = indicesWhere(labels, (label) => label === wanted);
  const name = wanted.toLowerCase();
  const matches = exact.length > 0 ? exact : indicesWhere(labels, (label) => namesOf(label).includes(name));
  if (matches.length === 1) return matches[0];
  if (matches.length > 1) {
    const list = matches.map((index) => describeClass(index, labels[index])).join('; ');
    throw new InputError(
      `Cannot choose the class "${wanted}", give an index: ${matches.length} match: ${list}`,
    );
  }
  const near = nearest(name, labels.flatMap(namesOf));
  const hint = near === undefined ? 'give an index or a label' : `did you mean "${near}"?`;
  throw new InputError(`Cannot find the class "${wanted}": no label has that name; ${hint}`);
}

/**
 * The classes of a comma-separated list, each once, in the order given. Labels may hold commas themselves: the longest
 * run of parts that is a label counts as one.
 * @throws InputError as `matchClass`.
 */
export function matchClasses(text: string, classes: Classes): number[] {
  const parts = text.split(',');
  const wholes = new Set(
    classes.labels?.flatMap((label) => [label.toLowerCase(), plainLabel(label).toLowerCase()]),
  );
  const found: number[] = [];
  for (let start = 0; start < parts.length; ) {
    let end = parts.length;
    const run = () => parts.slice(start, end).join(',').trim();
    while (end > start + 1 && !wholes.has(run().toLowerCase())) end--;
    found.push(matchClass(run(), classes));
    start = end;
  }
  return [...new Set(found)];
}
