import type { Mask, MaskMetric, Relevance } from './metric.ts';
import { totalOf, unionOf } from './relevance.ts';

/** Σ of the map inside of the masks / Σ of the map. */
export function shareInside(map: Relevance, masks: readonly Mask[]): number {
  const inside = unionOf(masks, map.data.length);
  return map.data.reduce((sum, value, i) => sum + inside[i] * value, 0) / totalOf(map);
}

/**
 * Energy pointing game, or mass, or purity: Σ of the positive map inside of all occurrences / Σ of all of it.
 *
 * Source: Wang et al. 2020 (Score-CAM), section 4.3, with masks where the paper has boxes. Quantus keeps negative values in both sums.
 */
export const energyPointing: MaskMetric = {
  title: 'mass inside',
  needs: 'masks',
  better: 'more',
  worst: 0,
  isDefault: true,
  definition: 'Sum of the map on the occurrences, divided by the sum of all of it.',
  measure: shareInside,
};
