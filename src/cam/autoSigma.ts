import type { Model } from '../model/model.ts';
import type { RunOptions } from '../model/run/program.ts';
import { stackRows } from '../tensor/rows.ts';
import { contiguous, type Tensor } from '../tensor/tensor.ts';
import type { Choices } from './choices.ts';
import { wantsNoisy } from './collect.ts';
import { defaults } from './defaults.ts';
import { rankOf } from './diagnostics.ts';
import { noiseOn, noiseStdOf } from './noise.ts';
import { batchFor } from './noisySamples.ts';

/** One strength of noise that was tried: in how many of the samples looked at the clean picture's class was on top. */
export interface TriedSigma {
  readonly sigma: number;
  readonly onTop: number;
  /** Samples looked at: as many as settle the matter. */
  readonly samples: number;
}

/** Share of the samples in which the class has to be on top. */
const SHARE = 0.8;
/** Halvings of the interval in which σ lies. */
const HALVINGS = 6;
/** σ is found to so many places: what is printed can be given back. */
const PLACES = 4;

export interface SigmaSearch {
  /** All there are. */
  readonly samples: number;
  /** Samples looked at together. */
  readonly batch: number;
  /** In how many of `count` samples from `first` on the class is on top, under this noise. */
  onTop(sigma: number, first: number, count: number): Promise<number>;
  /** Told of each σ that was tried, with the most there may be. */
  onTried?(tried: number, most: number): void;
}

/** Looks at samples until it is certain whether the class is on top in enough of them. */
async function tryOut(sigma: number, { samples, batch, onTop }: SigmaSearch): Promise<TriedSigma> {
  const wanted = Math.ceil(SHARE * samples);
  let [first, top] = [0, 0];
  while (top < wanted && first - top <= samples - wanted) {
    const count = Math.min(batch, samples - first);
    top += await onTop(sigma, first, count);
    first += count;
  }
  return { sigma, onTop: top, samples: first };
}

const isKept = ({ onTop }: TriedSigma, samples: number) => onTop >= Math.ceil(SHARE * samples);

/**
 * The largest σ up to the default one at which the class stays on top in 80 % of the samples, by bisection, to a 64th of that; 0 where none
 * is found. No sample is run twice: no σ comes again.
 */
export async function searchSigma(search: SigmaSearch): Promise<{ sigma: number; tried: TriedSigma[] }> {
  const tried: TriedSigma[] = [];
  let [least, most] = [0, defaults.sigma as number];
  for (let sigma = most; tried.length <= HALVINGS; ) {
    const found = await tryOut(sigma, search);
    tried.push(found);
    search.onTried?.(tried.length, HALVINGS + 1);
    if (isKept(found, search.samples)) least = sigma;
    else most = sigma;
    if (least === most) break;
    sigma = Number(((least + most) / 2).toFixed(PLACES));
  }
  return { sigma: least, tried };
}

export interface AutoSigma {
  readonly model: Model;
  readonly image: Tensor;
  /** Class of the clean picture. */
  readonly predicted: number;
  readonly options: RunOptions;
}

/** The choices with the σ that the picture's class survives, where a method reads noisy inputs; as they are where none does. */
export async function withAutoSigma(
  choices: Choices,
  { model, image, predicted, options: { onProgress, ...options } }: AutoSigma,
): Promise<Choices> {
  const { maps, gradients } = wantsNoisy(choices);
  if (!maps && !gradients) return choices;
  const { samples } = choices;
  const network = model.split(model.logits.tensor);
  const { sigma, tried } = await searchSigma({
    samples,
    batch: batchFor(network, image, false),
    async onTop(sigma, first, count) {
      const noisy = noiseOn(image, { sigma, seed: choices.seed });
      const inputs = stackRows(Array.from({ length: count }, (_, i) => noisy(first + i)));
      const { data } = contiguous(await network.trunk(inputs, options));
      const size = data.length / count;
      const rows = Array.from({ length: count }, (_, s) => data.subarray(s * size, (s + 1) * size));
      return rows.filter((logits) => rankOf(logits, predicted) === 1).length;
    },
    onTried: (done, most) => onProgress?.(done / most),
  });
  const noiseStd = noiseStdOf(image, sigma);
  return { ...choices, sigma, noiseStd, samples: sigma === 0 ? 1 : samples, sigmasTried: tried };
}
