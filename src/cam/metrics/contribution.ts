import type { RemovalMetric } from './metric.ts';
import { rankCorrelation } from './ranks.ts';
import { sumsInside } from './relevance.ts';

/**
 * Contribution: Spearman's correlation of the map's sum on each occurrence with what the score loses where that occurrence is taken from the scene.
 * Says whether covering all occurrences is right for this network, or whether it looks at one. Nothing of fewer than two. New here.
 */
export const contribution: RemovalMetric = {
  title: 'contribution',
  needs: 'removals',
  better: 'more',
  worst: -1,
  isDefault: true,
  definition:
    'Rank correlation of the map on each occurrence with the drop of the score where that one is removed. Pictures of two and more.',
  measure: (map, masks, drops) =>
    masks.length < 2 ? undefined : rankCorrelation(sumsInside(map, masks), drops),
};
