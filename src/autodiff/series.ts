import type { Tensor } from '../tensor/tensor.ts';
import { type Coefficient, plus, scaled, times } from './coefficients.ts';
import type { Series } from './primitive.ts';
import { div } from './primitives/division.ts';

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
