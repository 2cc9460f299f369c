import type { Model } from '../model/model.ts';
import type { RunOptions } from '../model/run/program.ts';
import { stackRows } from '../tensor/rows.ts';
import { contiguous, type Tensor } from '../tensor/tensor.ts';
import type { Choices } from './choices.ts';
import { wantsNoisy } from './collect.ts';
import { rankOf } from './diagnostics.ts';
import { noiseOn, noiseStdOf } from './noise.ts';
import { batchFor } from './noisySamples.ts';
import { searchSigma } from './searchSigma.ts';

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
