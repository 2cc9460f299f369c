import { maskedPicture } from './blend.ts';
import type { PassMetric, Probe, Relevance } from './metric.ts';

/** What was found of a map: three metrics ask for it. */
const known = new WeakMap<Probe, WeakMap<Relevance, Promise<Float64Array>>>();

/** p of the class for the picture, and for what the map lets through of it. */
export async function confidences(
  map: Relevance,
  probe: Probe,
): Promise<readonly [clean: number, seen: number]> {
  const ofPicture = known.get(probe) ?? new WeakMap<Relevance, Promise<Float64Array>>();
  known.set(probe, ofPicture);
  const found = ofPicture.get(map) ?? probe.probabilities([probe.input, maskedPicture(map, probe)]);
  ofPicture.set(map, found);
  const [clean, seen] = await found;
  return [clean, seen];
}

const shared = { needs: 'passes', isDefault: true } as const;
const seenText = 'what the map, divided by its maximum, lets through of the picture over mid-grey';

/**
 * Average drop: ReLU(Y − O) / Y, with Y = p_c of the picture and O = p_c of what the map lets through of it: the map is brought to the input's size,
 * then divided by its maximum, and mid-grey stands where it is 0. 0 where Y is 0.
 *
 * Source: Chattopadhyay et al. 2018 (Grad-CAM++), section 4.1.1. pytorch-grad-cam does not divide by Y; torch-cam leaves out maps with NaN.
 */
export const averageDrop: PassMetric = {
  ...shared,
  title: 'average drop',
  better: 'less',
  worst: 1,
  definition: `Share of the probability that is lost by ${seenText}.`,
  async measure(map, probe) {
    const [clean, seen] = await confidences(map, probe);
    return clean > 0 ? Math.max(0, clean - seen) / clean : 0;
  },
};

/**
 * Increase in confidence: 1 where O > Y, else 0; see `averageDrop`.
 *
 * Source: Chattopadhyay et al. 2018 (Grad-CAM++), section 4.1.2.
 */
export const increase: PassMetric = {
  ...shared,
  title: 'increase',
  better: 'more',
  worst: 0,
  definition: `Share of pictures whose probability grows by ${seenText}.`,
  async measure(map, probe) {
    const [clean, seen] = await confidences(map, probe);
    return Number(seen > clean);
  },
};

/**
 * Average gain: ReLU(O − Y) / (1 − Y); see `averageDrop`. 0 where Y is 1.
 *
 * Source: Zhang et al. 2024 (Opti-CAM), section 4.1.
 */
export const gain: PassMetric = {
  ...shared,
  title: 'average gain',
  better: 'more',
  worst: 0,
  definition: `Share of what the probability lacks of 1 that is won by ${seenText}.`,
  async measure(map, probe) {
    const [clean, seen] = await confidences(map, probe);
    return clean < 1 ? Math.max(0, seen - clean) / (1 - clean) : 0;
  },
};
