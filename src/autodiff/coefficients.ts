import type { Tensor } from '../tensor/tensor.ts';
import type { Series } from './primitive.ts';
import { add, mul, neg, sub } from './primitives/arithmetic.ts';

/** Arithmetic where `undefined` is a coefficient that is zero by structure. */
export type Coefficient = Tensor | undefined;

/** k!: a coefficient is c[k] = f^(k)/k!. */
export function factorial(k: number): number {
  let product = 1;
  for (let i = 2; i <= k; i++) product *= i;
  return product;
}

export function plus(x: Coefficient, y: Coefficient): Coefficient {
  if (x === undefined) return y;
  return y === undefined ? x : add(x, y);
}

export function minus(x: Coefficient, y: Coefficient): Coefficient {
  if (y === undefined) return x;
  return x === undefined ? neg(y) : sub(x, y);
}

export function times(x: Coefficient, y: Coefficient): Coefficient {
  return x === undefined || y === undefined ? undefined : mul(x, y);
}

export function scaled(x: Coefficient, factor: number): Coefficient {
  return x === undefined || factor === 1 ? x : mul(x, factor);
}

/** Σ_{j=from..to} a[j] · b[k − j]. */
export function convolve(a: Series, b: Series, k: number, from = 0, to = k): Coefficient {
  let total: Coefficient;
  for (let j = from; j <= to; j++) total = plus(total, times(a[j], b[k - j]));
  return total;
}
