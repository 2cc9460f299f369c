import type { Tensor } from '../../tensor/tensor.ts';
import { impute } from './imputation.ts';
import type { PassMetric, Probe, Relevance } from './metric.ts';
import { brightestFirst } from './order.ts';

const PERCENTILES = [10, 20, 30, 40, 50, 60, 70, 80, 90];

/** The picture with so many per cent of its pixels filled from their neighbours: the darkest ones, and the brightest. */
function* filled(map: Relevance, { input, seed }: Probe): Generator<Tensor> {
  const order = brightestFirst(map, seed);
  const { length } = order;
  for (const percent of PERCENTILES) {
    const count = Math.round((percent * length) / 100);
    for (const part of [order.subarray(length - count), order.subarray(0, count)]) {
      const gone = new Uint8Array(length);
      for (const pixel of part) gone[pixel] = 1;
      yield impute(input, gone, seed);
    }
  }
}

/**
 * ROAD: mean over 10, 20, … 90 % of (p where the least relevant pixels are filled from their neighbours − p where the most relevant are) / 2.
 *
 * Source: Rong et al. 2022 (ROAD); the combination is that of pytorch-grad-cam, which does not seed the noise.
 */
export const road: PassMetric = {
  title: 'ROAD',
  needs: 'passes',
  better: 'more',
  worst: -0.5,
  isDefault: false,
  definition:
    'Half of the difference in probability between removing the darkest pixels and the brightest, 10 to 90 % of them, filled from their neighbours.',
  async measure(map, probe) {
    const p = await probe.probabilities(filled(map, probe));
    return PERCENTILES.reduce((sum, _, i) => sum + (p[2 * i] - p[2 * i + 1]) / 2, 0) / PERCENTILES.length;
  },
};
