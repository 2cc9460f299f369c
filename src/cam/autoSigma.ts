import { reshape } from '../autodiff/operations.ts';
import type { Model } from '../model/model.ts';
import type { RunOptions } from '../model/run/program.ts';
import { InputError } from '../tensor/errors.ts';
import { batchRow, stackRows } from '../tensor/rows.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { batchFor } from './batchFor.ts';
import type { Chosen } from './choices.ts';
import { wantsNoisy } from './collect.ts';
import { rankOf } from './diagnostics.ts';
import { noiseOn, noiseStdOf } from './noise.ts';
import { type Asked, rankedLogits } from './question.ts';
import { searchSigma } from './searchSigma.ts';

export interface AutoSigma {
  readonly model: Model;
  readonly image: Tensor;
  /** What is asked of the picture. */
  readonly asked: Asked;
  readonly outputs: readonly string[];
  /** Class of the clean picture. */
  readonly predicted: number;
  readonly options: RunOptions;
}

/** The choices with the σ that the picture's class survives, where a method reads noisy inputs; as they are where none does. */
export async function withAutoSigma(
  choices: Chosen,
  { model, image, asked, outputs, predicted, options: { onProgress, ...options } }: AutoSigma,
): Promise<Chosen> {
  const { maps, gradients } = wantsNoisy(choices);
  if (!maps && !gradients) return choices;
  const { samples } = choices;
  if (!asked.hasClasses) {
    throw new InputError(
      'Cannot find sigma: a score without classes has none that noise could take from the top; give sigma a number',
    );
  }
  const { rows, ranked } = asked.reading(predicted);
  const whole = outputs.length === 1 ? outputs[0] : undefined;
  const network = model.split(whole, { outputs });
  const { sigma, tried } = await searchSigma({
    samples,
    batch: batchFor(network, image, false),
    async onTop(sigma, first, count) {
      const noisy = noiseOn(image, { sigma, seed: choices.seed });
      const inputs = stackRows(Array.from({ length: count }, (_, i) => noisy(first + i)));
      const run = await network.at(inputs, options);
      const z = whole === undefined ? run.heads(run.activation) : reshape(run.activation, [count, -1]);
      const read = rows === undefined ? z : rows(z);
      const each = Array.from({ length: count }, (_, s) => reshape(batchRow(read, s), [-1]));
      return each.filter((row) => rankOf(rankedLogits({ ranked }, row), predicted) === 1).length;
    },
    onTried: (done, most) => onProgress?.(done / most),
  });
  const noiseStd = noiseStdOf(image, sigma);
  return { ...choices, sigma, noiseStd, samples: sigma === 0 ? 1 : samples, sigmasTried: tried };
}
