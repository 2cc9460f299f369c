/** Values at which readers break, and how to draw among them. */
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

/** How often a piece is repeated: up to where work that grows with its square is seen. */
export const repeats = [2, 3, 10, 100, 1000, 30_000] as const;

/** A number as some text would have it. */
export function numberText(random: Random): string {
  const value = chance(random, 0.5) ? pick(random, oddNumbers) : random.integer(20);
  return chance(random, 0.1) ? value.toExponential() : String(value);
}
