import type { Tensor } from '../tensor/tensor.ts';
import type { Series } from './primitive.ts';
import { add, div, mul, neg, sub } from './primitives/arithmetic.ts';

/** Arithmetic where `undefined` is a coefficient that is zero by structure. */
type Coefficient = Tensor | undefined;

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

/**
 * (1/k) Σ_{j=1..k} j · x[j] · d[k − j]: coefficient k of y where y' = d · x'. The division comes last: j/k is no double, and
 * integers stay exact.
 */
export function integrate(x: Series, d: Series, k: number): Coefficient {
  let total: Coefficient;
  for (let j = 1; j <= k; j++) total = plus(total, scaled(times(x[j], d[k - j]), j));
  return total && k > 1 ? div(total, k) : total;
}

/** The series of y from y' = d · x', where d[k] is known once x and y are known up to order k. */
export function bySlope(
  x: Series,
  y: Tensor,
  order: number,
  slope: (k: number, y: Series, d: Series) => Coefficient,
): Series {
  const out: Coefficient[] = [y];
  const d: Coefficient[] = [];
  for (let k = 1; k <= order; k++) {
    d.push(slope(k - 1, out, d));
    out.push(integrate(x, d, k));
  }
  return out;
}
