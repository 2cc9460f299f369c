import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import { blend, flatPicture } from './blend.ts';
import { blurred } from './blur.ts';
import type { PassMetric, Probe, Relevance } from './metric.ts';
import { brightestFirst } from './order.ts';

/** Steps from no pixel to all. */
const STEPS = 20;

/** The picture's own mean in each channel. */
function meanPicture(input: Tensor): Tensor {
  const [, channels, height, width] = input.shape;
  const { data } = contiguous(input);
  const size = height * width;
  const means = new Float64Array(channels);
  for (let i = 0; i < data.length; i++) means[Math.floor(i / size)] += data[i] / size;
  return flatPicture(input, means);
}

const backgrounds = { blur: blurred, mean: meanPicture } as const satisfies Readonly<
  Record<string, (input: Tensor) => Tensor>
>;

interface Walk {
  readonly from: Tensor;
  readonly to: Tensor;
}

/** Pictures that turn from one into another, the brightest pixels first, in even steps. */
function* walk(map: Relevance, { from, to }: Walk, seed: number): Generator<Tensor> {
  const order = brightestFirst(map, seed);
  const share = new Float64Array(order.length);
  for (let step = 0, done = 0; step <= STEPS; step++) {
    for (const end = Math.round((step * order.length) / STEPS); done < end; done++) share[order[done]] = 1;
    yield blend(to, from, share);
  }
}

/** Area under the probabilities against the share of pixels, by trapezoids. */
async function areaUnder(map: Relevance, walked: Walk, probe: Probe): Promise<number> {
  const p = await probe.probabilities(walk(map, walked, probe.seed));
  return p.reduce((sum, value) => sum + value, -(p[0] + p[STEPS]) / 2) / STEPS;
}

type Background = keyof typeof backgrounds;

const facts = { needs: 'passes', isDefault: false } as const;
const words: Readonly<Record<Background, string>> = { blur: 'a blurred picture', mean: 'its mean colour' };
const clean = ({ input }: Probe) => fromData(contiguous(input).data, input.shape);

/**
 * Insertion: the brightest pixels first, the picture comes into a blurred picture, or into its mean colour; area under p of the clean picture's class against
 * the share of pixels, by trapezoids in 20 steps.
 *
 * Source: Petsiuk et al. 2018 (RISE), section 4.3: 224 steps and a blurred picture. torch-cam has 20 steps, xplique 10.
 */
export const insertion = (background: Background): PassMetric => ({
  ...facts,
  title: `insertion (${background})`,
  better: 'more',
  worst: 0,
  definition: `Area under the probability while the brightest pixels come first into ${words[background]}.`,
  measure: (map, probe) =>
    areaUnder(map, { from: backgrounds[background](probe.input), to: clean(probe) }, probe),
});

/** Deletion: the same the other way, the brightest pixels go first; see `insertion`. RISE deletes into grey. */
export const deletion = (background: Background): PassMetric => ({
  ...facts,
  title: `deletion (${background})`,
  better: 'less',
  worst: 1,
  definition: `Area under the probability while the brightest pixels go first, into ${words[background]}.`,
  measure: (map, probe) =>
    areaUnder(map, { from: clean(probe), to: backgrounds[background](probe.input) }, probe),
});
