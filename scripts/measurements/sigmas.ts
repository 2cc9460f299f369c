import { basename } from 'node:path';
import { rankOf } from '../../src/cam/diagnostics.ts';
import { explain } from '../../src/cam/explain.ts';
import { noisyInput } from '../../src/cam/noise.ts';
import { preprocessFor } from '../../src/image/preprocessFor.ts';
import type { Model } from '../../src/model/model.ts';
import { loadPicture } from '../../src/node/pictures/pictureFiles.ts';
import { contiguous, type Tensor } from '../../src/tensor/tensor.ts';
import { data } from '../../test/support/check.ts';
import { classifiers, open, present } from './networks.ts';

const SAMPLES = 25;

const pictures = [
  ...['both.png', 'cat.jpg', 'dogs.png', 'elephants.jpg', 'horses.jpg', 'street.jpg'],
  ...['tiny-vgg/bus_1.jpeg', 'tiny-vgg/koala_1.jpeg'],
].map((name) => ({ path: data(`images/${name}`) }));

/** In how many of the samples the class is on top. */
async function timesOnTop(
  model: Model,
  input: Tensor,
  { classIndex, sigma }: { classIndex: number; sigma: number },
) {
  let top = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const { data: logits } = contiguous(
      await model.split(model.logits.tensor).trunk(noisyInput(input, { sigma, seed: 0, sample })),
    );
    if (rankOf(logits, classIndex) === 1) top++;
  }
  return top;
}

/** What --sigma auto finds: rows of network, picture, p of the class, σ, times on top, forward passes used, times on top at σ 0.15. */
export async function sigmaRows(skip: (path: string) => void): Promise<string[][]> {
  const rows: string[][] = [];
  const shown = present(pictures, skip);
  for (const network of present(classifiers, skip)) {
    const model = await open(network);
    for (const { path } of shown) {
      const { input } = preprocessFor(model, await loadPicture(path));
      const { choices, classIndex, explained } = await explain(model, input, {
        ...{ methods: ['smoothgrad'], sigma: 'auto', samples: SAMPLES },
      });
      const passes = (choices.sigmasTried ?? []).reduce((sum, { samples }) => sum + samples, 0);
      const found = await timesOnTop(model, input, { classIndex, sigma: choices.sigma });
      const usual = await timesOnTop(model, input, { classIndex, sigma: 0.15 });
      rows.push([
        ...[network.name, basename(path), explained.probability.toPrecision(2), String(choices.sigma)],
        ...[`${found} of ${SAMPLES}`, String(passes), `${usual} of ${SAMPLES}`],
      ]);
    }
  }
  return rows;
}
