/**
 * Values at the nodes of log, sin, cos and atan, as doubles and what those lack. They are worked out in whole numbers of 2⁻¹⁶⁰,
 * exactly the same everywhere, because a page carries the sums in a fraction of what their digits take.
 */
import { highs, lows, type Wide } from './doubleDouble.ts';

const BITS = 160n;

/** Σ sign^k z^(2k+1)/(2k+1) · 2^bits, z = p/q: arctan z where the sign is −1, artanh z where it is 1. */
export function oddSeries(sign: bigint, [p, q]: readonly [p: bigint, q: bigint], bits = BITS): bigint {
  let term = (p << bits) / q;
  let sum = term;
  for (let n = 3n; term !== 0n; n += 2n) {
    term = (sign * term * p * p) / (q * q);
    sum += term / n;
  }
  return sum;
}

/** Σ (iz)ⁿ/n! · 2^BITS, z = j/16: cos z and sin z. */
function turn(j: number): readonly [cosine: bigint, sine: bigint] {
  const parts: [bigint, bigint] = [0n, 0n];
  let term = 1n << BITS;
  for (let n = 0; term !== 0n; n++) {
    parts[n & 1] += n & 2 ? -term : term;
    term = (term * BigInt(j)) / BigInt(16 * n + 16);
  }
  return parts;
}

/** A multiple of 2^−BITS as a double, and what it lacks to six digits. */
function wide(value: bigint): Wide {
  const unit = 2 ** -Number(BITS);
  const high = Number(value);
  const low = Number(value - BigInt(high));
  return { high: high * unit, low: Number((low * unit).toPrecision(6)) };
}

const table = (length: number, valueAt: (i: number) => bigint): Wide[] =>
  Array.from({ length }, (_, i) => wide(valueAt(i)));

/** The cells of log, 64 to the unit, from this one on. */
export const FIRST_CELL = 45;
/** R = 64/i to ten bits, i from FIRST_CELL on. */
export const INVERSES = /* @__PURE__ */ Float64Array.from(
  { length: 47 },
  (_, i) => Math.round(65536 / (i + FIRST_CELL)) / 1024,
);

/** −ln R = −2 artanh((r − 1024)/(r + 1024)), R = r/1024. */
const logs = /* @__PURE__ */ table(47, (i) => {
  const r = BigInt(1024 * INVERSES[i]);
  return -2n * oddSeries(1n, [r - 1024n, r + 1024n]);
});
export const LOG_HIGH = /* @__PURE__ */ highs(logs);
export const LOG_LOW = /* @__PURE__ */ lows(logs);

/** sin(j/16). */
const sines = /* @__PURE__ */ table(14, (j) => turn(j)[1]);
export const SINE_HIGH = /* @__PURE__ */ highs(sines);
export const SINE_LOW = /* @__PURE__ */ lows(sines);

/** cos(j/16). */
const cosines = /* @__PURE__ */ table(14, (j) => turn(j)[0]);
export const COSINE_HIGH = /* @__PURE__ */ highs(cosines);
export const COSINE_LOW = /* @__PURE__ */ lows(cosines);

/** atan(j/32): each is the one before and arctan(32/(1024 + j (j − 1))). */
const arcs = /* @__PURE__ */ (() => {
  let sum = 0n;
  return table(33, (j) => {
    if (j > 0) sum += oddSeries(-1n, [32n, BigInt(1024 + j * (j - 1))]);
    return sum;
  });
})();
export const ARC_HIGH = /* @__PURE__ */ highs(arcs);
export const ARC_LOW = /* @__PURE__ */ lows(arcs);
