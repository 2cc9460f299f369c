import { describe } from './describe.ts';
import { InputError } from './errors.ts';
import { didYouMean } from './nearest.ts';

/** Kinds of options: what is wanted in words, and whether a value is that. */
const kinds = {
  boolean: ['true or false', (value: unknown) => typeof value === 'boolean'],
  number: ['a number', (value: unknown) => typeof value === 'number'],
  count: ['a whole number from 0', (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0],
  positive: [
    'a whole number of at least 1',
    (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1,
  ],
  text: ['a text', (value: unknown) => typeof value === 'string'],
  function: ['a function', (value: unknown) => typeof value === 'function'],
  numbers: [
    'a list of numbers',
    (value: unknown) =>
      (Array.isArray(value) && value.every((each) => typeof each === 'number')) || ArrayBuffer.isView(value),
  ],
  texts: [
    "a list of texts, such as ['name']",
    (value: unknown) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  ],
  record: [
    'a record',
    (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value),
  ],
  list: ['a list', (value: unknown) => Array.isArray(value)],
  signal: [
    'an AbortSignal',
    (value: unknown) => typeof (value as Partial<AbortSignal> | null)?.throwIfAborted === 'function',
  ],
  any: ['a value', () => true],
} as const satisfies Readonly<Record<string, readonly [string, (value: unknown) => boolean]>>;

export type OptionKind = keyof typeof kinds;

/** Names of options, and what each may be. */
export type OptionKinds = Readonly<Record<string, OptionKind | readonly OptionKind[]>>;

/**
 * Holds a record of options against what there is. An option that is undefined counts as not given.
 * @throws InputError for an option that does not exist, naming the one that was probably meant, or one of another kind.
 */
export function checkOptions(options: unknown, known: OptionKinds, action: string): void {
  if (options === undefined) return;
  if (!kinds.record[1](options)) {
    throw new InputError(
      `Cannot ${action}: options are a record, such as { ${Object.keys(known)[0]}: … }, got ${describe(options)}`,
    );
  }
  for (const [name, value] of Object.entries(options as object)) {
    if (!Object.hasOwn(known, name)) {
      const names = Object.keys(known);
      throw new InputError(
        `Cannot ${action}: there is no option "${name}"${didYouMean(name, names) || `; there are ${names.join(', ')}`}`,
      );
    }
    const allowed = [known[name]].flat() as OptionKind[];
    if (value === undefined || allowed.some((kind) => kinds[kind][1](value))) continue;
    throw new InputError(
      `Cannot ${action}: ${name} must be ${allowed.map((kind) => kinds[kind][0]).join(' or ')}, got ${describe(value)}`,
    );
  }
}

/** @throws InputError for anything but a number. */
export function wantNumber(value: unknown, name: string, action: string): number {
  if (typeof value === 'number') return value;
  throw new InputError(`Cannot ${action}: ${name} must be a number, got ${describe(value)}`);
}

/** @throws InputError for anything but a record. */
export function wantRecord(value: unknown, name: string, action: string): void {
  if (kinds.record[1](value)) return;
  throw new InputError(`Cannot ${action}: ${name} must be a record, got ${describe(value)}`);
}

/** @throws InputError for anything but bytes. */
export function wantBytes(value: unknown, action: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new InputError(
    `Cannot ${action}: the bytes of a file are wanted, as a Uint8Array, got ${describe(value)}`,
  );
}

/** @throws InputError for anything but a function. */
export function wantFunction(value: unknown, name: string, action: string): void {
  if (typeof value === 'function') return;
  throw new InputError(`Cannot ${action}: ${name} must be a function, got ${describe(value)}`);
}
