import type { Mask, MaskMetric, Relevance } from './metric.ts';
import { unionOf } from './relevance.ts';

/** Pixels at or above a threshold: how many, and how many of them are inside; and how many are inside in all. */
interface Cut {
  readonly above: number;
  readonly hit: number;
  readonly inside: number;
}

/** The cuts at each value of the map, from the brightest down: equal pixels are taken together. */
function* cutsOf({ data }: Relevance, masks: readonly Mask[]): Generator<Cut> {
  const mask = unionOf(masks, data.length);
  const inside = mask.reduce((sum, value) => sum + value, 0);
  const order = Uint32Array.from(data, (_, i) => i).sort((a, b) => data[b] - data[a]);
  let hit = 0;
  for (let i = 0; i < order.length; i++) {
    hit += mask[order[i]];
    const isLast = i + 1 === order.length || data[order[i + 1]] !== data[order[i]];
    if (isLast) yield { above: i + 1, hit, inside };
  }
}

/**
 * IoU of {map ≥ t} with the masks of all occurrences at the threshold t that is best for this picture.
 *
 * Source: the upper bound of what Choe et al. 2020 (WSOL evaluation) measure, who take one threshold for all pictures from a separate split.
 */
export const bestOverlap: MaskMetric = {
  title: 'best IoU',
  needs: 'masks',
  better: 'more',
  worst: 0,
  isDefault: true,
  definition:
    'Intersection over union of the brightest pixels with the occurrences, at the best threshold of each picture.',
  measure(map, masks) {
    let best = 0;
    for (const { above, hit, inside } of cutsOf(map, masks))
      best = Math.max(best, hit / (above + inside - hit));
    return best;
  },
};

/**
 * PxAP: area under the precision of pixels against their recall, Σ (recall_n − recall_{n−1}) precision_n over all thresholds.
 *
 * Source: Choe et al. 2020 (WSOL evaluation), section 3.2. Here of each picture; theirs pools the pixels of all pictures.
 */
export const pixelPrecision: MaskMetric = {
  title: 'PxAP',
  needs: 'masks',
  better: 'more',
  worst: 0,
  isDefault: true,
  definition: 'Area under precision against recall of pixels, over all thresholds of the picture.',
  measure(map, masks) {
    let [area, before] = [0, 0];
    for (const { above, hit, inside } of cutsOf(map, masks)) {
      if (inside > 0) area += ((hit - before) / inside) * (hit / above);
      before = hit;
    }
    return area;
  },
};
