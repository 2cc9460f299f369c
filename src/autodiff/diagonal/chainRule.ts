import { factorial } from '../coefficients.ts';
import type { Cost } from './cost.ts';
import type { Diagonals } from './plan.ts';

/** What entries are within F(s), s_j = Σ ψ_i(a_i) over the entries i of group j. */
export interface Inner {
  /** The sum that each entry is in; −1 for entries that are in none. */
  readonly groups: Int32Array;
  /** Taylor coefficients of ψ at each entry, psi[k][i] is ψ_i⁽ᵏ⁾/k!; those that are zero everywhere are not there. */
  readonly psi: readonly (Float64Array | undefined)[];
}

interface Placed extends Inner {
  readonly live: Int32Array;
}

/** What the chain rule costs at so many entries. */
export const chainCost = (entries: number, order: number): Cost => ({
  multiplyAdds: entries * order ** 2,
  values: entries * order,
});

/**
 * The derivatives of F(ψ_i(a_i)) at the live entries, from F's along each group. Coefficient k of F(s + Σ ψ_k hᵏ) is Σ_m f_m [ψᵐ]_k; what
 * is zero by structure is not multiplied.
 */
export function chainRule(out: Diagonals, outer: Diagonals, placed: Placed): void {
  const [, first, second, third] = placed.psi;
  const isLinear = placed.psi.every((c, k) => k < 2 || c === undefined);
  if (first === undefined) byPowers(out, outer, placed);
  else if (isLinear) throughLinear(out, outer, { ...placed, first });
  else if (out.length === 3 && second !== undefined && third !== undefined) {
    toThird(out, outer, { ...placed, first, second, third });
  } else byPowers(out, outer, placed);
}

/** D_r = F⁽ʳ⁾ ψ′ʳ. */
function throughLinear(
  out: Diagonals,
  outer: Diagonals,
  { groups, live, first }: Placed & { first: Float64Array },
): void {
  for (let r = 1; r <= out.length; r++) {
    const [to, f] = [out[r - 1], outer[r - 1]];
    for (let i = 0; i < live.length; i++) {
      const entry = live[i];
      const slope = first[entry];
      let value = f[groups[entry]] * slope;
      for (let m = 1; m < r; m++) value *= slope;
      to[entry] = value;
    }
  }
}

/** D1 = F′ψ′, D2 = F″ψ′² + F′ψ″, D3 = F‴ψ′³ + 3F″ψ′ψ″ + F′ψ‴, in one pass. */
function toThird(
  [d1, d2, d3]: Diagonals,
  [f1, f2, f3]: Diagonals,
  {
    groups,
    live,
    first,
    second,
    third,
  }: Placed & { first: Float64Array; second: Float64Array; third: Float64Array },
): void {
  for (let i = 0; i < live.length; i++) {
    const entry = live[i];
    const group = groups[entry];
    const [p, bend] = [first[entry], 2 * second[entry]];
    const [a, b] = [f1[group], f2[group]];
    d1[entry] = a * p;
    d2[entry] = b * p * p + a * bend;
    d3[entry] = f3[group] * p * p * p + 3 * b * p * bend + 6 * a * third[entry];
  }
}

/** The powers of ψ's series are built up one by one, for all entries at once. */
function byPowers(out: Diagonals, outer: Diagonals, { groups, psi, live }: Placed): void {
  const order = out.length;
  let power: (Float64Array | undefined)[] = [...psi];
  for (let m = 1; m <= order; m++) {
    for (let k = m; k <= order; k++) {
      const terms = power[k];
      if (terms === undefined) continue;
      const scale = factorial(k) / factorial(m);
      const [to, f] = [out[k - 1], outer[m - 1]];
      for (let i = 0; i < live.length; i++) {
        const entry = live[i];
        to[entry] += scale * f[groups[entry]] * terms[entry];
      }
    }
    if (m < order) power = timesPsi(power, psi, { m, live });
  }
}

/** The series of ψᵐ⁺¹ from that of ψᵐ, which begins at order m. */
function timesPsi(
  power: readonly (Float64Array | undefined)[],
  psi: Inner['psi'],
  { m, live }: { m: number; live: Int32Array },
): (Float64Array | undefined)[] {
  return psi.map((_, k) => {
    let sum: Float64Array | undefined;
    for (let j = 1; j <= k - m; j++) {
      const [own, other] = [psi[j], power[k - j]];
      if (own === undefined || other === undefined) continue;
      sum ??= new Float64Array(own.length);
      for (let i = 0; i < live.length; i++) sum[live[i]] += own[live[i]] * other[live[i]];
    }
    return sum;
  });
}
