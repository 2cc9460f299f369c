import { logOf } from '../../tensor/elementary/logarithm.ts';
import type { MapMetric } from './metric.ts';
import { totalOf } from './relevance.ts';

/**
 * Sparsity: Gini's index of the map's values, Σ_i (2i − N − 1) v_i / (N Σ v) for v ascending: 0 for a constant map, near 1 for one bright pixel.
 *
 * Source: Chalasani et al. 2020, section 5.
 */
export const sparsity: MapMetric = {
  title: 'sparsity',
  needs: 'map',
  better: 'more',
  worst: 0,
  isDefault: true,
  definition: 'Gini’s index of the pixels of the map: 0 all alike, 1 one alone.',
  measure(map) {
    const sorted = map.data.slice().sort();
    const count = sorted.length;
    const sum = sorted.reduce((total, value, i) => total + (2 * (i + 1) - count - 1) * value, 0);
    return sum / (count * totalOf(map));
  },
};

/**
 * Entropy: −Σ p log p / log N of the map divided by its sum: 1 for a constant map, 0 for one bright pixel.
 *
 * Source: Bhatt et al. 2020 (complexity), divided by log N so that sizes can be compared.
 */
export const entropy: MapMetric = {
  title: 'entropy',
  needs: 'map',
  better: 'less',
  worst: 1,
  isDefault: true,
  definition: 'Entropy of the map divided by its sum, over that of a constant map.',
  measure(map) {
    const total = totalOf(map);
    const { length } = map.data;
    if (length === 1) return 0;
    return (
      map.data.reduce((sum, value) => (value > 0 ? sum - (value / total) * logOf(value / total) : sum), 0) /
      logOf(length)
    );
  },
};
