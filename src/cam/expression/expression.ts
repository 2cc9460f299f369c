import { didYouMean } from '../../tensor/nearest.ts';

/** A node of an expression, and where its text begins and ends. */
export type Expression = Span & (Value | Negative | Binary | Index | Call);

interface Span {
  readonly at: number;
  readonly end: number;
}

type Value =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string };

interface Negative {
  readonly kind: 'negative';
  readonly of: Expression;
}

export type Operator = '+' | '-' | '*' | '/';

interface Binary {
  readonly kind: 'binary';
  readonly operator: Operator;
  readonly left: Expression;
  readonly right: Expression;
}

interface Index {
  readonly kind: 'index';
  readonly of: Expression;
  readonly places: readonly Place[];
}

export interface Call {
  readonly kind: 'call';
  readonly name: FunctionName;
  readonly of: Expression;
  readonly file?: string | undefined;
  readonly axis?: number | undefined;
}

/** What stands in brackets for an axis: one entry, a range, or the entry that is largest on the clean picture. */
export type Place =
  | { readonly kind: 'entry'; readonly entry: number; readonly at: number }
  | {
      readonly kind: 'range';
      readonly from: number | undefined;
      readonly to: number | undefined;
      readonly at: number;
    }
  | { readonly kind: 'chosen'; readonly by: Expression };

/** The functions, and what they take beside a value. */
const functions = {
  sum: 'axis',
  mean: 'axis',
  max: 'axis',
  argmax: 'nothing',
  exp: 'nothing',
  log: 'nothing',
  sigmoid: 'nothing',
  softmax: 'axis',
  dot: 'file',
  cosine: 'file',
  where: 'file',
} as const;

export type FunctionName = keyof typeof functions;

export const isFunction = (name: string): name is FunctionName => Object.hasOwn(functions, name);

export const takenBy = (name: FunctionName): 'axis' | 'nothing' | 'file' => functions[name];

/** What to say of a function that is not there. */
export const unknownFunction = (name: string): string => {
  const names = Object.keys(functions);
  return `there is no function ${name}; there are ${names.join(', ')}${didYouMean(name, names)}`;
};
