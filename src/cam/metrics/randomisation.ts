import type { PassMetric, Probe } from './metric.ts';
import { rankCorrelation } from './ranks.ts';

async function likeness(probe: Probe, shown: (value: number) => number): Promise<number> {
  const others = await probe.randomisedMaps();
  if (others.length === 0) return 1;
  const own = Float64Array.from(await probe.signedMap(), shown);
  const sizes = others.map((other) =>
    other === undefined ? 0 : Math.abs(rankCorrelation(own, Float64Array.from(other, shown))),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}

const shared = { needs: 'passes', better: 'less', worst: 1, isDefault: false } as const;

/**
 * Randomisation: mean of |rank correlation| of the signed map Σ_k w_k A^k with those by networks whose weights are drawn anew, the last layer first, then the last
 * two, … and all: near 0 for a method that looks at the network. A map that is not finite is like none: 0.
 *
 * Source: Adebayo et al. 2018 (Sanity checks), cascading randomisation. Verdicts differ between signed and absolute values, and where values are scaled to 0 … 1 first: see `absoluteRandomisation`.
 */
export const randomisation: PassMetric = {
  ...shared,
  title: 'randomisation',
  definition:
    'Mean size of the rank correlation of the signed map with those by networks whose layers are drawn anew, from the last one on.',
  measure: (_, probe) => likeness(probe, (value) => value),
};

/** Randomisation of absolute values: that of |Σ_k w_k A^k|, which does not tell for from against. Source: Adebayo et al. 2018. */
export const absoluteRandomisation: PassMetric = {
  ...shared,
  title: 'randomisation, absolute',
  definition: 'The same of the absolute values of the maps.',
  measure: (_, probe) => likeness(probe, Math.abs),
};
