import { expOf } from '../../tensor/elementary/exponential.ts';
import { logOf } from '../../tensor/elementary/logarithm.ts';
import { shareInside } from './energyPointing.ts';
import type { Mask, MaskMetric, Relevance } from './metric.ts';
import { sumsInside } from './relevance.ts';

/** Share of occurrences that the map reaches δ of its maximum on. */
function coveredShare({ data, most }: Relevance, masks: readonly Mask[], delta: number): number {
  const isCovered = (mask: Mask) => data.some((value, i) => mask[i] !== 0 && value >= delta * most);
  return masks.filter(isCovered).length / masks.length;
}

/**
 * Covered@δ: the share of occurrences i with max of the map over mask i ≥ δ · its maximum. New here: the claim of Smooth Grad-CAM++ on several
 * occurrences of a class, as a number. An all-bright map covers everything: read it beside the mass, or see `occurrenceScore`.
 */
export const coverage = (delta: number): MaskMetric => ({
  title: `covered@${delta}`,
  needs: 'masks',
  better: 'more',
  worst: 0,
  isDefault: true,
  definition: `Share of the occurrences on which the map reaches ${delta} of its maximum.`,
  measure: (map, masks) => coveredShare(map, masks, delta),
});

const areaOf = (mask: Mask) => Array.from(mask).filter((value) => value !== 0).length;

/**
 * Evenness: exp(−Σ q_i log q_i) / n over n occurrences, q_i ∝ m_i / area_i, where m_i is the map's sum on occurrence i: 1 where each has its share,
 * 1/n where one has all. Nothing of fewer than two; 0 where none has any. New here.
 */
export const evenness: MaskMetric = {
  title: 'evenness',
  needs: 'masks',
  better: 'more',
  worst: 0,
  isDefault: true,
  definition:
    'How evenly the map is shared among the occurrences, for their areas: 1 evenly, 1/n all on one. Pictures of two and more.',
  measure(map, masks) {
    if (masks.length < 2) return undefined;
    const densities = sumsInside(map, masks).map((sum, i) => sum / Math.max(1, areaOf(masks[i])));
    const total = densities.reduce((sum, value) => sum + value, 0);
    if (total === 0) return 0;
    const entropy = densities.reduce((sum, value) => {
      const q = value / total;
      return q > 0 ? sum - q * logOf(q) : sum;
    }, 0);
    return expOf(entropy) / masks.length;
  },
};

/**
 * F_occ: the harmonic mean of covered@0.15 and the mass inside, 2 c m / (c + m): a map that covers everything by being bright everywhere gets little. New here.
 */
export const occurrenceScore: MaskMetric = {
  title: 'F_occ',
  needs: 'masks',
  better: 'more',
  worst: 0,
  isDefault: true,
  definition: 'Harmonic mean of covered@0.15 and the mass inside.',
  measure(map, masks) {
    const [covered, mass] = [coveredShare(map, masks, 0.15), shareInside(map, masks)];
    return covered + mass > 0 ? (2 * covered * mass) / (covered + mass) : 0;
  },
};
