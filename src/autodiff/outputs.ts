import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import { asTensor, isNdarray, type Tensor } from '../tensor/tensor.ts';
import { leavesOf } from './trees.ts';

const advice: readonly (readonly [(value: unknown) => boolean, string])[] = [
  [(value) => value === undefined, '; does it end in return?'],
  [
    (value) => typeof value === 'number',
    '; build it of operations on x, such as sum(mul(x, x)), since a number has lost how it came from x',
  ],
  [
    (value) => value instanceof Promise,
    '; it must not be async: await what it needs before, and close over it',
  ],
];

/** What is wrong with the output of a function, for the end of an error. */
function describeOutput(value: unknown): string {
  return `${describe(value)}${advice.find(([fits]) => fits(value))?.[1] ?? ''}`;
}

/** A function's output, where it has to be one tensor. @throws InputError for anything else. */
export function wantTensor(y: unknown, action: string): Tensor {
  if (isNdarray(y)) return asTensor(y);
  throw new InputError(`Cannot ${action} of f: it must return a tensor, got ${describeOutput(y)}`);
}

/** The pair [y, aux] that a function with `hasAux` gives. @throws InputError for anything else. */
export function outputs(pair: unknown, action: string): readonly [unknown, unknown] {
  if (Array.isArray(pair) && pair.length === 2) return pair as unknown as readonly [unknown, unknown];
  throw new InputError(`Cannot ${action} of f: with hasAux it must return [y, aux], got ${describe(pair)}`);
}

/** The tensors that a function gave: one, or those of a tree. @throws InputError where something else is among them. */
export function outputLeaves(y: unknown, action: string): Tensor[] {
  const isTree = typeof y === 'object' && y !== null && !(y instanceof Promise);
  return isTree ? leavesOf(y, 'f(x)') : [wantTensor(y, action)];
}
