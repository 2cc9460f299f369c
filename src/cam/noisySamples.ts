import { reshape } from '../autodiff/operations.ts';
import type { RunOptions } from '../model/run/program.ts';
import type { Split, SplitRun } from '../model/split.ts';
import { batchRow, stackRows } from '../tensor/rows.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { batchFor } from './batchFor.ts';
import type { Chosen } from './choices.ts';
import { type Collected, wantsNoisy } from './collect.ts';
import { logitOf } from './contrast.ts';
import { noiseOn } from './noise.ts';
import { addSamples, type Sampling } from './sample.ts';

/** Passes through the network that the choices ask for, the clean one among them; a gradient goes there and back. */
export function passesOf(choices: Chosen): number {
  const { maps, gradients } = wantsNoisy(choices);
  return 1 + choices.samples * (gradients ? 2 : Number(maps));
}

/** What is differentiated with respect to the picture: the logit of a class by its place, or a function of the head's entries [M]. */
function gradientOf({ pair, reading: { rows, score } }: Collected): number | ((z: Tensor) => Tensor) {
  const isEntry = rows === undefined && score === undefined && pair.against === undefined;
  if (isEntry) return pair.classIndex;
  return (z) => {
    const row = rows === undefined ? z : reshape(rows(reshape(z, [1, -1])), [-1]);
    return score === undefined ? logitOf(row, pair) : score.value(row).y;
  };
}

export interface NoisyRun {
  readonly image: Tensor;
  readonly split: Split;
  readonly choices: Chosen;
  readonly options: RunOptions;
  readonly onPlan?: Sampling['onPlan'];
}

/** Takes the noisy inputs through the network, in batches, and adds what they say to what is collected for each class. */
export async function addNoisySamples(
  collected: readonly Collected[],
  { image, split, choices, onPlan, options: { signal, threads, onProgress } }: NoisyRun,
): Promise<void> {
  const { maps, gradients } = wantsNoisy(choices);
  if (!maps && !gradients) return;
  const { samples } = choices;
  const noisy = noiseOn(image, choices);
  const passes = passesOf(choices);
  const each = gradients ? 2 : 1;
  const batch = batchFor(split, image, gradients);
  const scores = collected.map(gradientOf);
  // The part of a batch's time that is not its head's, for progress: as it was in the batch before.
  let trunk = maps ? 0.5 : 1;
  for (let first = 0; first < samples; ) {
    // Full batches first: the kernels take rows in fours, and a last batch of one costs less than four of six.
    const count = Math.min(batch, samples - first);
    const inputs = stackRows(Array.from({ length: count }, (_, i) => noisy(first + i)));
    const done = 1 + each * first;
    const running = (from: number, weight: number) => ({
      signal,
      threads,
      onProgress: (share: number) => onProgress?.((done + (from + weight * share) * each * count) / passes),
    });
    const started = performance.now();
    let run: SplitRun;
    if (gradients) {
      const there = await split.inputGradients(inputs, scores, running(0, trunk));
      collected.forEach(({ inputGradient }, c) => {
        for (let s = 0; s < count; s++) inputGradient?.add(batchRow(there.gradients[c], s));
      });
      run = there;
    } else run = await split.at(inputs, running(0, trunk));
    const trunked = performance.now();
    if (maps) {
      const { layout } = choices;
      await addSamples(collected, run, {
        ...{ noisy: true, layout, prune: choices.prune, onPlan },
        ...running(trunk, 1 - trunk),
      });
      trunk = (trunked - started) / (performance.now() - started);
    }
    first += count;
  }
}
