/** Ways to damage bytes, texts and trees of values, for all readers. The same random numbers give the same damage. */
import type { Random } from '../../../src/tensor/random.ts';

export const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)];
export const chance = (random: Random, share: number): boolean => random.uniform() < share;

/** Whole numbers at which lengths, offsets and counts break. */
// biome-ignore format: a table
export const oddIntegers = [
  0, 1, -1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2 ** 24, 2 ** 28, 2 ** 31 - 1, 2 ** 31, -(2 ** 31),
  2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 1e18, 2 ** 63,
] as const;

/** Numbers at which arithmetic breaks. */
// biome-ignore format: a table
export const oddNumbers = [
  ...oddIntegers, -0, 0.5, 1.5, -0.5, 1e-45, 5e-324, 1e38, -1e38, 3.5e38, 1e308, Number.NaN, Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
] as const;

/** Names and texts that mean something to JavaScript, terminals, files, SVG or other languages. */
// biome-ignore format: a table
export const oddTexts = [
  '', ' ', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN', 'Infinity', '-Infinity', '[object Object]',
  '..', '../..', '/etc/hostname', 'C:\\x', 'a/b', '.', '\0', '\n', '\r\n', '\t', '\u2028', '\ufeff', '\ufffe', '\uffff', '\ud800', '\udfff',
  '😀', 'é', '\u202eabc', '\x1b[2J', '\x1b]0;x\x07', '<b>&"\'', '%s', '%n', '#', ',', ':', ';', '0', '-1', '1e9', '0x10', '٣', '³',
] as const;

/** Whole numbers as they stand in files of 1 to 8 bytes, in either order of bytes. */
function integerBytes(random: Random): Uint8Array {
  const width = pick(random, [1, 2, 4, 8]);
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, BigInt.asUintN(64, BigInt(pick(random, oddIntegers))), true);
  const little = new Uint8Array(bytes.buffer, 0, width);
  return chance(random, 0.5) ? little : little.toReversed();
}

/** What one edit has to work on: some bytes, a place in them (their end included), and another input. */
interface ByteEdit {
  readonly random: Random;
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly other: Uint8Array;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The bytes with `part` written over those from `at` on, never longer than before. */
function over(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  const out = bytes.slice();
  out.set(part.subarray(0, bytes.length - at), at);
  return out;
}

const byteEdits: readonly ((edit: ByteEdit) => Uint8Array)[] = [
  // one bit
  ({ random, bytes, at }) => over(bytes, at, Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.integer(8)))),
  // one byte
  ({ random, bytes, at }) =>
    over(bytes, at, Uint8Array.of(pick(random, [0, 1, 0x7f, 0x80, 0xfe, 0xff, random.integer(256)]))),
  // a number
  ({ random, bytes, at }) => over(bytes, at, integerBytes(random)),
  // noise
  ({ random, bytes, at }) =>
    over(
      bytes,
      at,
      Uint8Array.from({ length: 1 + random.integer(16) }, () => random.integer(256)),
    ),
  // cut short
  ({ bytes, at }) => bytes.slice(0, at),
  // a stretch left out
  ({ random, bytes, at }) => concat(bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(64))),
  // a stretch twice
  ({ random, bytes, at }) =>
    concat(bytes.subarray(0, at), bytes.subarray(at, at + random.integer(64)), bytes.subarray(at)),
  // one byte many times
  ({ random, bytes, at }) =>
    concat(
      bytes.subarray(0, at),
      new Uint8Array(1 + random.integer(64)).fill(pick(random, [0, 0x20, 0x30, 0x41, 0xff])),
      bytes.subarray(at),
    ),
  // two stretches exchanged
  ({ random, bytes, at }) => {
    const length = random.integer(32);
    const from = random.integer(bytes.length + 1);
    return over(over(bytes, at, bytes.subarray(from, from + length)), from, bytes.subarray(at, at + length));
  },
  // a piece of another input within
  ({ random, bytes, at, other }) => {
    const from = random.integer(other.length + 1);
    return concat(
      bytes.subarray(0, at),
      other.subarray(from, from + random.integer(512)),
      bytes.subarray(at),
    );
  },
  // the end of another input
  ({ random, bytes, at, other }) =>
    concat(bytes.subarray(0, at), other.subarray(random.integer(other.length + 1))),
];

/** One to eight random edits of bytes; pieces of `other` are spliced in (of the bytes themselves unless it is given). */
export function mutateBytes(random: Random, bytes: Uint8Array, other: Uint8Array = bytes): Uint8Array {
  let out = bytes;
  const edits = 1 + random.integer(chance(random, 0.8) ? 3 : 8);
  for (let i = 0; i < edits; i++) {
    const at = random.integer(out.length + 1);
    out = pick(random, byteEdits)({ random, bytes: out, at, other });
  }
  return out;
}

/** A number as some text would have it. */
function numberText(random: Random): string {
  const value = chance(random, 0.5) ? pick(random, oddNumbers) : random.integer(20);
  return chance(random, 0.1) ? value.toExponential() : String(value);
}

const repeats = [2, 3, 10, 100, 1000, 30_000] as const;

/** What is replaced, doubled or left out whole in a text: a word, a number, a line end, blanks, or a sign. */
const token = /[\p{L}_]+|-?\d+(?:\.\d+)?|\s+|[^\s\p{L}\d]/gu;

const tokenEdits: readonly ((random: Random, token: string) => string)[] = [
  () => '',
  (_random, part) => part + part,
  (random, part) => part.repeat(Math.min(pick(random, repeats), Math.ceil(200_000 / (part.length + 1)))),
  (random) => numberText(random),
  (random) => pick(random, oddTexts),
  (random, part) => part + pick(random, oddTexts),
  (_random, part) => part.toUpperCase(),
  (random) => pick(random, [' ', ',', ':', ';', '\n', '-', '+', '.', '=', '"', '{', '[', ']', '}']),
];

/** One to four tokens of a text changed: numbers to odd ones, words to odd ones, doubled, repeated, left out. */
export function mutateText(random: Random, text: string): string {
  const parts = text.match(token) ?? [''];
  const edits = 1 + random.integer(4);
  for (let i = 0; i < edits; i++) {
    const at = random.integer(parts.length);
    parts[at] = pick(random, tokenEdits)(random, parts[at]);
  }
  return parts.join('');
}

/** A value of JSON, with the numbers that JSON lacks. */
export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };

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

const listEdits: readonly ((random: Random, list: readonly Tree[], at: number) => Tree)[] = [
  (_random, list, at) => list.toSpliced(at, 1),
  (_random, list, at) => list.toSpliced(at, 0, list[at] ?? null),
  (random, list, at) => list.toSpliced(at, 1, oddValue(random)),
  (random, list, at) => list.toSpliced(at, 1, list[random.integer(list.length)] ?? null),
  (_random, list) => list.toReversed(),
  (random, list, at) => Array.from({ length: pick(random, repeats.slice(0, 5)) }, () => list[at] ?? 0),
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
