/** Damage to trees of values, for readers of JSON and what is built like it. */
import type { Random } from '../../../src/tensor/random.ts';
import { mutateText } from './mutate.ts';
import { chance, numberText, oddIntegers, oddNumbers, oddTexts, pick, repeats } from './odd.ts';

/** A value of JSON, with the numbers that JSON lacks. */
export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };

/** A leaf as JSON; ±Infinity as numbers that no float64 holds. */
function leafText(leaf: null | boolean | number | string): string {
  if (leaf === Number.POSITIVE_INFINITY) return '1e999';
  return leaf === Number.NEGATIVE_INFINITY ? '-1e999' : JSON.stringify(leaf);
}

/** A tree as JSON, however deep it is: JSON.stringify has no room for what `mutateTree` may give. */
export function jsonOf(tree: Tree): string {
  const parts: string[] = [];
  // What is still to be written, the next last: trees, and texts between them.
  const left: ({ readonly tree: Tree } | { readonly text: string })[] = [{ tree }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if ('text' in next) parts.push(next.text);
    else if (isLeaf(next.tree)) parts.push(leafText(next.tree));
    else {
      const isList = Array.isArray(next.tree);
      parts.push(isList ? '[' : '{');
      left.push({ text: isList ? ']' : '}' });
      const entries = Object.entries(next.tree as Readonly<Record<string, Tree>>);
      for (let i = entries.length - 1; i >= 0; i--) {
        const [key, value] = entries[i];
        const comma = i === 0 ? '' : ',';
        left.push({ tree: value }, { text: isList ? comma : `${comma}${JSON.stringify(key)}:` });
      }
    }
  }
  return parts.join('');
}

/** A small value of any kind. */
export function oddValue(random: Random): Tree {
  return pick<() => Tree>(random, [
    () => pick(random, oddNumbers),
    () => pick(random, oddIntegers),
    () => random.integer(20),
    () => pick(random, oddTexts),
    () => pick(random, [null, true, false]),
    () => [],
    () => ({}),
    () => [pick(random, oddIntegers)],
    () => ({ [pick(random, oddTexts)]: pick(random, oddNumbers) }),
  ])();
}

/** Nested lists, deeper than any stack of calls. */
function deep(random: Random): Tree {
  let value: Tree = 1;
  const depth = pick(random, [10, 1000, 20_000]);
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

/** Values that a tree may grow to by repeats: what is read should be large, not the making of it. */
const MOST = 100_000;

const isLeaf = (tree: Tree): tree is null | boolean | number | string =>
  tree === null || typeof tree !== 'object';

type Entries = readonly (readonly [string, Tree])[];

/** Own keys as data, `__proto__` too. */
function treeOf(entries: Entries): Tree {
  const out: { [key: string]: Tree } = {};
  for (const [key, value] of entries) {
    Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return out;
}

const leafEdits: readonly ((random: Random, leaf: Tree) => Tree)[] = [
  oddValue,
  (random, leaf) =>
    typeof leaf === 'number' ? leaf + pick(random, [-1, 1, 0.5, 2 ** 31]) : oddValue(random),
  (random, leaf) => (typeof leaf === 'number' ? -leaf : numberText(random)),
  (random, leaf) => (typeof leaf === 'string' ? mutateText(random, leaf) : numberText(random)),
  (_random, leaf) => [leaf],
];

/** How many values a tree holds, counted up to `MOST`. */
function sizeOf(tree: Tree): number {
  const left = [tree];
  let size = 0;
  for (let next = left.pop(); next !== undefined && size < MOST; next = left.pop()) {
    size++;
    if (isLeaf(next)) continue;
    for (const each of Object.values(next)) left.push(each);
  }
  return size;
}

/** A list of one value, as often as there is room for it. */
function repeated(random: Random, value: Tree): Tree {
  const times = Math.min(pick(random, repeats.slice(0, 5)), Math.floor(MOST / sizeOf(value)));
  return Array.from({ length: times }, () => value);
}

const listEdits: readonly ((random: Random, list: readonly Tree[], at: number) => Tree)[] = [
  (_random, list, at) => list.toSpliced(at, 1),
  (_random, list, at) => list.toSpliced(at, 0, list[at] ?? null),
  (random, list, at) => list.toSpliced(at, 1, oddValue(random)),
  (random, list, at) => list.toSpliced(at, 1, list[random.integer(list.length)] ?? null),
  (_random, list) => list.toReversed(),
  (random, list, at) => repeated(random, list[at] ?? 0),
  (_random, list) => treeOf(list.map((value, i) => [String(i), value])),
  (_random, list, at) => list[at] ?? null,
  () => [],
];

const recordEdits: readonly ((random: Random, entries: Entries, at: number) => Tree)[] = [
  (_random, entries, at) => treeOf(entries.toSpliced(at, 1)),
  (random, entries, at) => treeOf(entries.with(at, [entries[at][0], oddValue(random)])),
  (random, entries, at) => treeOf(entries.with(at, [pick(random, oddTexts), entries[at][1]])),
  (random, entries, at) => treeOf(entries.with(at, [entries[at][0], pick(random, entries)[1]])),
  (random, entries) => treeOf([...entries, [pick(random, oddTexts), oddValue(random)]]),
  (random, entries, at) => treeOf(entries.with(at, [entries[at][0], deep(random)])),
  (_random, entries, at) => entries[at][1],
  (_random, entries) => entries.map(([, value]) => value),
];

/** One node of a tree changed, by its kind; most often one far from the root. */
function editOnce(random: Random, tree: Tree): Tree {
  if (isLeaf(tree)) return pick(random, leafEdits)(random, tree);
  const list = Array.isArray(tree) ? (tree as readonly Tree[]) : undefined;
  const entries = list === undefined ? Object.entries(tree) : [];
  const length = list?.length ?? entries.length;
  if (length === 0) return oddValue(random);
  const at = random.integer(length);
  if (chance(random, 0.2)) {
    return list === undefined
      ? pick(random, recordEdits)(random, entries, at)
      : pick(random, listEdits)(random, list, at);
  }
  // The trees of seeds are a few levels deep, and what `deep` makes is a single change: calls do not pile up.
  return list === undefined
    ? treeOf(entries.with(at, [entries[at][0], editOnce(random, entries[at][1])]))
    : list.with(at, editOnce(random, list[at]));
}

/** One to three nodes of a tree changed: values, keys, lengths of lists, kinds. The tree itself stays as it is. */
export function mutateTree(random: Random, tree: Tree): Tree {
  let out = tree;
  const edits = 1 + random.integer(3);
  for (let i = 0; i < edits; i++) out = editOnce(random, out);
  return out;
}
