import type { RunOptions } from '../model/program.ts';
import type { Split } from '../model/split.ts';
import { fromData, type Tensor } from '../tensor/tensor.ts';
import type { Choices, Collected } from './explain.ts';
import { noiseOn } from './noise.ts';
import { type Sampler, samplesAt } from './sample.ts';

/** Samples that go through the network together: as many as make the most of weights that are read once. */
const LARGEST_BATCH = 8;

const noisyMethods = ['smoothgradcam++', 'smoothgrad'] as const;

/** Passes through the network that the choices ask for, the clean one among them. */
export function passesOf({ methods, samples }: Choices): number {
  return 1 + samples * noisyMethods.filter((method) => methods.includes(method)).length;
}

/** Images [1, C, H, W] as one tensor [N, C, H, W]. */
function stack(images: readonly Tensor[]): Tensor {
  if (images.length === 1) return images[0];
  const [{ data: first, shape }] = images;
  const data = new Float32Array(images.length * first.length);
  images.forEach(({ data: each }, i) => {
    data.set(each, i * each.length);
  });
  return fromData(data, [images.length, ...shape.slice(1)]);
}

export interface NoisyRun {
  readonly image: Tensor;
  readonly split: Split;
  readonly choices: Choices;
  sampler(classIndex: number): Sampler;
  readonly options: RunOptions;
}

/** Takes the noisy inputs through the network, in batches, and adds what they say to what is collected for each class. */
export async function addNoisySamples(
  collected: readonly Collected[],
  { image, split, choices, sampler, options: { signal, threads, onProgress } }: NoisyRun,
): Promise<void> {
  const [maps, gradients] = noisyMethods.map((method) => choices.methods.includes(method));
  if (!maps && !gradients) return;
  const { samples } = choices;
  const noisy = noiseOn(image, choices);
  const passes = passesOf(choices);
  let done = 1;
  const batch = split.isBatchable ? LARGEST_BATCH : 1;
  for (let first = 0; first < samples; ) {
    // Full batches first: the kernels take rows in fours, and a last batch of one costs less than four of six.
    const count = Math.min(batch, samples - first);
    const inputs = Array.from({ length: count }, (_, i) => noisy(first + i));
    if (maps) {
      const run = await split.at(stack(inputs), {
        signal,
        threads,
        onProgress: (share) => onProgress?.((done + share * count) / passes),
      });
      for (const each of collected) {
        signal?.throwIfAborted();
        for (const sample of samplesAt(run, sampler(each.classIndex))) each.noisy?.add(sample);
      }
      done += count;
    }
    for (const x of gradients ? inputs : []) {
      signal?.throwIfAborted();
      const gradientOf = split.inputGradients(x);
      for (const { classIndex, inputGradient } of collected) inputGradient?.add(gradientOf(classIndex));
      done += 1;
      onProgress?.(done / passes);
      // Recorded passes run at once: let others have the thread in between.
      await new Promise((resume) => setTimeout(resume));
    }
    first += count;
  }
}
