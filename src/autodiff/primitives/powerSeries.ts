import { zipEntries } from '../../tensor/kernels/reference/map.ts';
import { contiguous, type Tensor } from '../../tensor/tensor.ts';
import { convolve, plus, times } from '../coefficients.ts';
import type { Series } from '../primitive.ts';
import { concrete } from '../trace.ts';
import { mul, sub } from './arithmetic.ts';
import { div } from './division.ts';
import { where } from './piecewise.ts';

/** x^a for an exponent a without coefficients of its own. */
interface FixedPower {
  readonly exponent: Tensor;
  /** x_0^(a − m); finite where a is a whole number from 0 to m − 1. */
  readonly term: (m: number) => Tensor;
}

const SMALLEST_NORMAL = 2 ** -1022;

/**
 * k y_k = Σ_{j=1..k} (a j − (k − j)) (x_j/x_0) y_{k−j}. The ratios come first: x_j y_{k−j} underflows where x_0 and x_1 are both
 * tiny.
 */
function byRecurrence(x: Series, y: Tensor, order: number, exponent: Tensor): Series {
  const out: (Tensor | undefined)[] = [y];
  const ratios: (Tensor | undefined)[] = [undefined];
  for (let k = 1; k <= order; k++) {
    const own = x[k];
    ratios.push(own && div(own, x[0] as Tensor));
    let total: Tensor | undefined;
    for (let j = 1; j <= k; j++) {
      const product = times(ratios[j], out[k - j]);
      const factor = j === k ? mul(exponent, j) : sub(mul(exponent, j), k - j);
      total = plus(total, product && mul(factor, product));
    }
    out.push(total && (k > 1 ? div(total, k) : total));
  }
  return out;
}

/** y_k = Σ_{m=1..k} binomial(a, m) x_0^(a−m) (δ^m)_k, δ = x − x_0: needs neither x_0 ≠ 0 nor y_0. */
function byBinomials(x: Series, y: Tensor, order: number, { exponent, term }: FixedPower): Series {
  const out: (Tensor | undefined)[] = [y, ...new Array<undefined>(order).fill(undefined)];
  const delta: Series = [undefined, ...x.slice(1, order + 1)];
  let powers = delta;
  let binomial = exponent;
  for (let m = 1; m <= order; m++) {
    if (m > 1) {
      binomial = div(mul(binomial, sub(exponent, m - 1)), m);
      const before = powers;
      powers = delta.map((_, k) => convolve(delta, before, k, 1, k - m + 1));
    }
    if (powers.every((c) => c === undefined)) break;
    const slope = mul(binomial, term(m));
    for (let k = m; k <= order; k++) out[k] = plus(out[k], times(slope, powers[k]));
  }
  return out;
}

/** Where the recurrence cannot start (x_0 = 0, y_0 under- or overflown) or would round what is exact (whole exponents ≥ 0). */
function wantsBinomials(x: Tensor, y: Tensor, exponent: Tensor): Tensor {
  const given = zipEntries(
    concrete(x),
    concrete(exponent),
    (a, b) => (a === 0 || (b >= 0 && Number.isInteger(b)) ? 1 : 0),
    'raise',
  );
  const steady = (size: number) => size >= SMALLEST_NORMAL && size <= Number.MAX_VALUE;
  return zipEntries(concrete(y), given, (z, flag) => (flag === 1 || !steady(Math.abs(z)) ? 1 : 0), 'raise');
}

/** The series of y = x^a from y's own value. */
export function powerSeries(x: Series, y: Tensor, order: number, power: FixedPower): Series {
  const first = x[0] as Tensor;
  const chosen = wantsBinomials(first, y, power.exponent);
  const flags = contiguous(chosen).data;
  let count = 0;
  for (const flag of flags) count += flag;
  if (count === 0) return byRecurrence(x, y, order, power.exponent);
  const binomial = byBinomials(x, y, order, power);
  if (count === flags.length) return binomial;
  const recurrence = byRecurrence([where(chosen, 1, first), ...x.slice(1)], y, order, power.exponent);
  return binomial.map((c, k) => {
    const other = recurrence[k];
    return k === 0 || (c === undefined && other === undefined) ? c : where(chosen, c ?? 0, other ?? 0);
  });
}
