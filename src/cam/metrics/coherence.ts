import { maskedPicture } from './blend.ts';
import { confidences } from './confidence.ts';
import type { MapMetric, PassMetric, Probe, Relevance } from './metric.ts';
import { correlationOf } from './ranks.ts';
import { normalizedOf, totalOf } from './relevance.ts';

/** (1 + Pearson's correlation of the map with the map of what it lets through) / 2; 0 where that one is empty. */
async function coherencyOf(map: Relevance, probe: Probe): Promise<number> {
  const again = await probe.mapOf(maskedPicture(map, probe));
  return again === undefined ? 0 : (1 + correlationOf(map.data, again.data)) / 2;
}

/** Mean of the map divided by its maximum. */
const complexityOf = (map: Relevance) => totalOf({ ...map, data: normalizedOf(map) }) / map.data.length;

/**
 * Coherency: (1 + ρ)/2 with Pearson's ρ of the map and the method's map of what it lets through of the picture.
 *
 * Source: Poppi et al. 2021 (ADCC), section 3. Departure: mid-grey stands where the map is 0, as for all metrics here; the paper has black.
 */
export const coherency: PassMetric = {
  title: 'coherency',
  needs: 'passes',
  better: 'more',
  worst: 0,
  isDefault: false,
  definition:
    'Correlation of the map, from 0 to 1, with the same method’s map of what it lets through of the picture.',
  measure: coherencyOf,
};

/**
 * Complexity: the mean of the map divided by its maximum.
 *
 * Source: Poppi et al. 2021 (ADCC), section 3: the L1 norm over all pixels.
 */
export const complexity: MapMetric = {
  title: 'complexity',
  needs: 'map',
  better: 'less',
  worst: 1,
  isDefault: true,
  definition: 'Mean of the map divided by its maximum.',
  measure: complexityOf,
};

/**
 * ADCC: the harmonic mean of coherency, 1 − complexity and 1 − average drop; 0 where one of them is 0.
 *
 * Source: Poppi et al. 2021 (ADCC), equation 5. ARCC puts ROAD in place of the drop.
 */
export const adcc: PassMetric = {
  title: 'ADCC',
  needs: 'passes',
  better: 'more',
  worst: 0,
  isDefault: false,
  definition: 'Harmonic mean of coherency, 1 − complexity and 1 − average drop.',
  async measure(map, probe) {
    const [clean, seen] = await confidences(map, probe);
    const kept = clean > 0 ? 1 - Math.max(0, clean - seen) / clean : 1;
    const parts = [await coherencyOf(map, probe), 1 - complexityOf(map), kept];
    return parts.some((part) => part <= 0) ? 0 : 3 / parts.reduce((sum, part) => sum + 1 / part, 0);
  },
};
