/** Damage to bytes and texts, for all readers. The same random numbers give the same damage; mutateTree.ts is for JSON. */
import type { Random } from '../../../src/tensor/random.ts';
import { chance, numberText, oddIntegers, oddTexts, pick, repeats } from './odd.ts';

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
