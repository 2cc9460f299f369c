import { InputError } from '../../tensor/errors.ts';

/** A word of an expression. */
export interface Token {
  /** `other` is for names of files alone. */
  readonly kind: 'number' | 'name' | 'quoted' | 'sign' | 'other' | 'end';
  /** Without quotes. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

/** Characters of an expression: more is no score that someone wrote. */
const LONGEST = 4096;

const kinds = ['number', 'name', 'quoted', 'sign', 'other'] as const;
const words =
  /\s*(?:(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_][\w.]*)|(?<quote>["'`])(?<quoted>[^"'`]+)\k<quote>|(?<sign>[-+*/()[\],:])|(?<other>\S))/y;

/** @throws InputError that names the expression and the place, counted from 1. */
export function failAt(text: string, at: number, why: string): never {
  throw new InputError(`Cannot read the score "${text}" at character ${at + 1}: ${why}`);
}

/** The words of an expression, and its end. @throws InputError for one that is too long. */
export function tokensOf(text: string): Token[] {
  if (text.length > LONGEST) failAt(text.slice(0, 20), LONGEST, `it has more than ${LONGEST} characters`);
  const { length } = text.trimEnd();
  const tokens: Token[] = [];
  for (let from = 0; from < length; ) {
    words.lastIndex = from;
    const found = words.exec(text)?.groups as Record<string, string | undefined>;
    const kind = kinds.find((each) => found[each] !== undefined) as (typeof kinds)[number];
    const value = found[kind] as string;
    from = words.lastIndex;
    const at = from - value.length - (kind === 'quoted' ? 2 : 0);
    tokens.push({ kind, text: value, at, end: from });
  }
  tokens.push({ kind: 'end', text: '', at: text.length, end: text.length });
  return tokens;
}
