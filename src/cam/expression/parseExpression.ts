import {
  type Expression,
  isFunction,
  type Operator,
  type Place,
  takenBy,
  unknownFunction,
} from './expression.ts';
import { failAt, type Token, tokensOf } from './tokens.ts';

/** Brackets within brackets: more is no score that someone wrote. */
const DEEPEST = 64;

/** Reads one token behind another. */
interface Reader {
  readonly text: string;
  next(): Token;
  peek(): Token;
  /** Whether the next token is that sign; it is passed if so. */
  takes(sign: string): boolean;
  /** Passes a sign. @throws InputError for any other. */
  want(sign: string, why: string): Token;
  /** Passes a name of a file, bare or in quotes, up to the bracket that closes. */
  file(): string;
}

function readerOf(text: string): Reader {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = () => tokens[at];
  const next = () => tokens[at++];
  return {
    ...{ text, peek, next },
    takes(sign) {
      const found = tokens[at].kind === 'sign' && tokens[at].text === sign;
      if (found) at++;
      return found;
    },
    want(sign, why) {
      const token = tokens[at];
      if (token.kind !== 'sign' || token.text !== sign) failAt(text, token.at, why);
      at++;
      return token;
    },
    file() {
      const first = next();
      if (first.kind === 'quoted') return first.text;
      while (tokens[at].kind !== 'end' && !(tokens[at].kind === 'sign' && tokens[at].text === ')')) at++;
      return text.slice(first.at, tokens[at].at).trim();
    },
  };
}

function sumOf(reader: Reader, depth: number): Expression {
  return chain(reader, ['+', '-'], () => productOf(reader, depth));
}

function productOf(reader: Reader, depth: number): Expression {
  return chain(reader, ['*', '/'], () => factorOf(reader, depth));
}

/** Parts with signs of one rank between them, taken from the left. */
function chain(reader: Reader, signs: readonly Operator[], part: () => Expression): Expression {
  let left = part();
  for (;;) {
    const operator = signs.find((sign) => reader.takes(sign));
    if (operator === undefined) return left;
    const right = part();
    left = { kind: 'binary', operator, left, right, at: left.at, end: right.end };
  }
}

function factorOf(reader: Reader, depth: number): Expression {
  const { at } = reader.peek();
  let negative = false;
  while (reader.takes('-')) negative = !negative;
  const of = indexed(reader, depth);
  return negative ? { kind: 'negative', of, at, end: of.end } : of;
}

function indexed(reader: Reader, depth: number): Expression {
  let of = primary(reader, depth);
  while (reader.takes('[')) {
    const places = [placeOf(reader, depth)];
    while (reader.takes(',')) places.push(placeOf(reader, depth));
    const { end } = reader.want(']', 'a "]" or the next index is wanted');
    of = { kind: 'index', of, places, at: of.at, end };
  }
  return of;
}

/** A whole number, perhaps below 0. */
function wholeNumber(reader: Reader): number | undefined {
  const negative = reader.takes('-');
  const { kind, text, at } = reader.peek();
  if (kind !== 'number') {
    return negative ? failAt(reader.text, at, 'a whole number is wanted') : undefined;
  }
  reader.next();
  if (!/^\d+$/.test(text)) failAt(reader.text, at, `an index is a whole number, got ${text}`);
  return negative ? -Number(text) : Number(text);
}

function placeOf(reader: Reader, depth: number): Place {
  const { kind, text, at } = reader.peek();
  if (kind === 'name' && text === 'argmax') {
    const by = primary(reader, depth);
    return { kind: 'chosen', by };
  }
  const from = wholeNumber(reader);
  if (reader.takes(':')) return { kind: 'range', from, to: wholeNumber(reader), at };
  if (from === undefined) return failAt(reader.text, at, 'an index is wanted: 3, -1, 2:5, : or argmax(…)');
  return { kind: 'entry', entry: from, at };
}

const meaningless = (sign: string) => `"${sign}" has no meaning; names with such signs stand in quotes`;

function primary(reader: Reader, depth: number): Expression {
  const token = reader.next();
  const { kind, text, at, end } = token;
  if (depth > DEEPEST) return failAt(reader.text, at, `brackets are more than ${DEEPEST} deep`);
  if (kind === 'number') return { kind: 'number', value: Number(text), at, end };
  if (kind === 'sign' && text === '(') {
    const inner = sumOf(reader, depth + 1);
    const close = reader.want(')', 'a ")" or an operator is wanted');
    return { ...inner, at, end: close.end };
  }
  if (kind === 'name' && reader.takes('(')) return callOf(reader, token, depth + 1);
  if (kind === 'name' || kind === 'quoted') return { kind: 'name', name: text, at, end };
  if (kind === 'other') failAt(reader.text, at, meaningless(text));
  return failAt(
    reader.text,
    at,
    `${kind === 'end' ? 'it ends' : `"${text}" stands`} where a value is wanted`,
  );
}

/** What stands in the brackets of a function. */
function callOf(reader: Reader, { text: name, at }: Token, depth: number): Expression {
  if (!isFunction(name)) return failAt(reader.text, at, unknownFunction(name));
  const wants = takenBy(name);
  const of = sumOf(reader, depth);
  let [file, axis]: [string?, number?] = [];
  if (reader.takes(',')) {
    const second = reader.peek();
    if (wants === 'nothing') failAt(reader.text, second.at, `${name} takes one value`);
    if (wants === 'file') file = reader.file();
    else axis = wholeNumber(reader) ?? failAt(reader.text, second.at, 'an axis is wanted, such as 1 or -1');
  } else if (wants === 'file') {
    failAt(reader.text, reader.peek().at, `${name} takes a file, too: ${name}(x, FILE)`);
  }
  const { end } = reader.want(')', 'a ")" or an operator is wanted');
  return { kind: 'call', name, of, file, axis, at, end };
}

/** The tree of an expression. @throws InputError that names the place of what cannot be read. */
export function parseExpression(text: string): Expression {
  const reader = readerOf(text);
  const tree = sumOf(reader, 0);
  const { kind, text: left, at } = reader.peek();
  if (kind === 'other') failAt(text, at, meaningless(left));
  if (kind !== 'end') failAt(text, at, `"${left}" stands where an operator or the end is wanted`);
  return tree;
}
