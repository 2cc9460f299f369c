import type { PassMetric } from './metric.ts';
import { rankCorrelation } from './ranks.ts';

/**
 * Randomisation: mean of |rank correlation| of the map with its maps by networks whose weights are drawn anew, the last layer first, then the last
 * two, … and all: near 0 for a method that looks at the network. An empty map of such a network is like none: 0.
 *
 * Source: Adebayo et al. 2018 (Sanity checks), cascading randomisation. Maps are the positive parts that are shown; with absolute values, or values scaled to 0 … 1 first, verdicts differ.
 */
export const randomisation: PassMetric = {
  title: 'randomisation',
  needs: 'passes',
  better: 'less',
  worst: 1,
  isDefault: false,
  definition:
    'Mean size of the rank correlation of the map with its maps by networks whose layers are drawn anew, from the last one on.',
  async measure(map, probe) {
    const others = await probe.randomisedMaps();
    if (others.length === 0) return 1;
    const like = others.map((other) =>
      other === undefined ? 0 : Math.abs(rankCorrelation(map.data, other.data)),
    );
    return like.reduce((sum, value) => sum + value, 0) / like.length;
  },
};
