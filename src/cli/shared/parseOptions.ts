import { defaultMethodNames, type MethodName } from '../../cam/methods.ts';
import { methodNames } from '../../cam/more/methodTable.ts';
import { InputError } from '../../tensor/errors.ts';
import { didYouMean } from '../../tensor/nearest.ts';

interface NumberRange {
  readonly least: number;
  readonly most?: number;
}

function rangeText({ least, most }: NumberRange): string {
  return most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
}

/** Reads a whole number for a flag. @throws InputError */
export function wholeNumber(flag: string, range: NumberRange): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= range.least && value <= (range.most ?? value)) return value;
    throw new InputError(
      `Cannot use --${flag} ${text}: it must be a whole number ${rangeText(range)}, such as ${Math.max(range.least, 1)}`,
    );
  };
}

const byteUnits: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['K', 2 ** 10],
  ['M', 2 ** 20],
  ['G', 2 ** 30],
]);

/** Reads a number of bytes for a flag: "1000", or with K, M or G, "1.5G" = 1.5 · 2^30. @throws InputError */
export function byteCount(flag: string): (text: string) => number {
  return (text) => {
    const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([KMG]?)$/i.exec(text) ?? [];
    const bytes = Math.floor(Number(digits) * (byteUnits.get(unit.toUpperCase()) ?? 0));
    if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
    throw new InputError(
      `Cannot use --${flag} ${text}: it must be a number of bytes, perhaps with K, M or G behind it, such as 512M`,
    );
  };
}

/** Reads a decimal number for a flag. @throws InputError */
export function decimalNumber(flag: string, range: NumberRange): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value >= range.least && value <= (range.most ?? value)) return value;
    throw new InputError(
      `Cannot use --${flag} ${text}: it must be a number ${rangeText(range)}, such as 0.15`,
    );
  };
}

/** Reads numbers with commas between them for a flag. @throws InputError */
export function numberList(flag: string): (text: string) => number[] {
  return (text) => {
    const values = text.split(',').map((each) => (each.trim() === '' ? Number.NaN : Number(each)));
    if (values.every(Number.isFinite)) return values;
    throw new InputError(
      `Cannot use --${flag} ${text}: it must be numbers with commas between, such as 0.5,0.5,0.5`,
    );
  };
}

/** Reads a length in pixels for a flag, or HEIGHTxWIDTH. @throws InputError */
export function sides(flag: string): (text: string) => number[] {
  return (text) => {
    if (/^\d+(x\d+)?$/i.test(text)) return text.toLowerCase().split('x').map(Number);
    throw new InputError(`Cannot use --${flag} ${text}: it must be pixels, such as 224, or HEIGHTxWIDTH`);
  };
}

/** Reads one of some words for a flag. @throws InputError naming them. */
export function oneOf<T extends string>(flag: string, words: readonly T[]): (text: string) => T {
  return (text) => {
    const word = words.find((each) => each === text);
    if (word !== undefined) return word;
    throw new InputError(
      `Cannot use --${flag} "${text}": it must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}${didYouMean(text, words)}`,
    );
  };
}

/** Reads a comma-separated list of words, each once, in the order of `words`. @throws InputError naming them. */
export function severalOf<T extends string>(flag: string, words: readonly T[]): (text: string) => T[] {
  const one = oneOf(flag, words);
  return (text) => {
    const given = new Set(text.split(',').map((word) => one(word.trim())));
    return words.filter((word) => given.has(word));
  };
}

/** `all` (the four that run by default), `every`, or a comma-separated list of methods. @throws InputError */
export function parseMethods(text: string): readonly MethodName[] {
  const word = text.trim();
  if (word === 'all') return defaultMethodNames;
  return word === 'every' ? methodNames : severalOf('method', methodNames)(text);
}

/** Collects the values of a flag that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
