import * as op from '../autodiff/operations.ts';
import { add, mul, sub } from '../autodiff/operations.ts';
import { slice } from '../autodiff/selecting.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { elu, hardSigmoid } from './activations.ts';
import { number, numbers, wrongAttribute } from './layer.ts';
import type { Attributes } from './types.ts';

export type Unary = (x: Tensor) => Tensor;

/** What gates may do, with how many numbers of their own, and what those are unless given. */
const functions: Readonly<
  Record<string, readonly [make: (alpha: number, beta: number) => Unary, ...defaults: number[]]>
> = {
  sigmoid: [() => op.sigmoid],
  tanh: [() => op.tanh],
  relu: [() => op.relu],
  softplus: [() => op.softplus],
  softsign: [() => op.softsign],
  affine: [(alpha, beta) => (x) => add(mul(alpha, x), beta), 1, 0],
  elu: [(alpha) => (x) => elu(x, alpha), 1],
  hardsigmoid: [(alpha, beta) => (x) => hardSigmoid(x, alpha, beta), 0.2, 0.5],
  leakyrelu: [(alpha) => (x) => op.leakyRelu(x, alpha), 0.01],
  scaledtanh: [(alpha, beta) => (x) => mul(alpha, op.tanh(mul(beta, x))), 1, 1],
  thresholdedrelu: [(alpha) => (x) => op.threshold(x, alpha), 1],
};

/** The functions of the gates of all directions, in a row; numbers are taken by those that have some, in their order. */
export function gateFunctions(attributes: Attributes, names: readonly string[]): Unary[] {
  const given = (attributes.activations ?? names) as readonly string[];
  const own = ['activation_alpha', 'activation_beta'].map((name) => [...numbers(attributes, name, [])]);
  return given.map((name) => {
    const row = Object.hasOwn(functions, name.toLowerCase()) ? functions[name.toLowerCase()] : undefined;
    if (row === undefined) throw wrongAttribute('activations', Object.keys(functions).join(', '), name);
    const [make, ...defaults] = row;
    const [alpha, beta] = defaults.map((value, i) => own[i].shift() ?? value);
    return make(alpha, beta);
  });
}

/** Part i of n equal ones along the last axis. */
export function part(x: Tensor, i: number, n: number): Tensor {
  const length = (x.shape.at(-1) as number) / n;
  return slice(x, { axis: -1, start: i * length, end: (i + 1) * length });
}

/** What a direction of a network computes with: of its gates, [rows, gates · hidden] and [gates · hidden]. */
export interface Step {
  /** Of the input, with its bias. */
  readonly x: Tensor;
  readonly weights: Tensor;
  readonly bias: Tensor;
  readonly peepholes: Tensor | undefined;
  readonly functions: readonly Unary[];
  readonly attributes: Attributes;
  readonly bounded: Unary;
}

/** The next state, for a state: of each [rows, hidden]. */
export type Cell = (state: readonly Tensor[], step: Step) => Tensor[];

export const times = (h: Tensor, weights: Tensor) => op.matmul(h, weights, { right: true });

export const plain: Cell = ([h], { x, weights, bias, functions: [f], bounded }) => [
  f(bounded(add(x, add(times(h, weights), bias)))),
];

export const gated: Cell = ([h], { x, weights, bias, functions: [f, g], attributes, bounded }) => {
  const hidden = h.shape.at(-1) as number;
  const rowsOf = (i: number) => slice(weights, { start: i * hidden, end: (i + 1) * hidden });
  const of = (i: number) => add(times(h, rowsOf(i)), part(bias, i, 3));
  const [z, r] = [0, 1].map((i) => f(bounded(add(part(x, i, 3), of(i)))));
  const inner =
    number(attributes, 'linear_before_reset', 0) === 0
      ? add(times(mul(r, h), rowsOf(2)), part(bias, 2, 3))
      : mul(r, of(2));
  return [add(mul(sub(1, z), g(bounded(add(part(x, 2, 3), inner)))), mul(z, h))];
};

export const remembering: Cell = (
  [h, c],
  { x, weights, bias, peepholes, functions: [f, g, k], attributes, bounded },
) => {
  const gates = add(x, add(times(h, weights), bias));
  const gate = (i: number, seen?: [Tensor, number]) => {
    const own = part(gates, i, 4);
    return bounded(seen && peepholes ? add(own, mul(part(peepholes, seen[1], 3), seen[0])) : own);
  };
  const input = f(gate(0, [c, 0]));
  const forget = number(attributes, 'input_forget', 0) === 1 ? sub(1, input) : f(gate(2, [c, 2]));
  const next = add(mul(forget, c), mul(input, g(gate(3))));
  return [mul(f(gate(1, [next, 1])), k(next)), next];
};
