import { createModel } from '../../../src/model/model.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { contiguous, type DType, fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { type Engine, engines, onEngine } from '../backends.ts';
import { same } from '../check.ts';
import { batchOf, errorOf, imagesFor, isAccurate, rowOf, type Verdict } from './checkRandomModel.ts';
import { randomModel } from './randomModel.ts';

const [reference, one, two, three] = engines;

/** How often images are rounded in other ways where a gradient differs. */
const DRAWS = 6;

/** Images with a few of their last bits changed. */
function nudged(images: Tensor, random: ReturnType<typeof createRandom>): Tensor {
  const data = Float32Array.from(contiguous(images).data, (value) => value * (1 + 1e-6 * random.normal()));
  return fromData(data, images.shape);
}

/**
 * Holds input gradients through a random layer of a random network on the device against the reference: values against float64, bits
 * over threads, runs, batches and places. Undefined where the network has no logits, or they do not depend on the layer.
 */
export async function checkRandomGradients(seed: number): Promise<(Verdict & { layer: string }) | undefined> {
  const whole = randomModel(seed);
  const [output] = whole.outputs;
  if (output.shape?.length !== 2) return undefined;
  const data = { ...whole, outputs: [output] };
  const images = imagesFor(data, seed);
  const random = createRandom(seed, 2);
  const model = await onEngine(one, () => createModel(data));
  const tensors = data.nodes.flatMap(({ outputs: [name] }) => (name.startsWith('t') ? [name] : []));
  const layer = tensors[random.integer(tensors.length)];
  const classes = [0, random.integer(Number(output.shape[1]))];
  const split = (precision: DType) =>
    model.split(layer, { trunkPrecision: precision, headPrecision: 'float64' });
  try {
    split('float32');
  } catch (error) {
    if (/do not depend on it/.test((error as Error).message)) return undefined;
    throw error;
  }
  const run = async (engine: Engine, chosen: readonly number[], precision: DType = 'float32') =>
    (await onEngine(engine, () => split(precision).inputGradients(batchOf(images, chosen), classes)))
      .gradients;
  const all = [0, 1, 2, 3, 4, 5, 6, 7];
  const first = await run(one, all);
  const others: [string, readonly number[], readonly Tensor[]][] = [
    ['two threads', all, await run(two, all)],
    ['three threads', all, await run(three, all)],
    ['alone', [5], await run(two, [5])],
    ['three images', [7, 2, 5], await run(one, [7, 2, 5])],
  ];
  const wanted = await run(reference, [0, 1, 2], 'float64');
  const narrow = await run(reference, [0, 1, 2]);
  let [error, roundings] = [0, 0];
  classes.forEach((classIndex, c) => {
    for (const [label, chosen, got] of others) {
      chosen.forEach((image, row) => {
        same(
          rowOf(got[c], row),
          rowOf(first[c], image),
          `${layer}, class ${classIndex}, image ${image}, ${label}`,
        );
      });
    }
    error = Math.max(error, errorOf(batchOf(first[c], [0, 1, 2]), wanted[c]));
    roundings = Math.max(roundings, errorOf(narrow[c], wanted[c]));
  });
  // A unit may stand so near its kink that a rounding decides on which piece it is: then other roundings of the images do, too.
  for (let draw = 0; draw < DRAWS && !isAccurate({ error, roundings }); draw++) {
    const near = await onEngine(reference, () =>
      split('float64').inputGradients(nudged(batchOf(images, [0, 1, 2]), random), classes),
    );
    classes.forEach((_, c) => {
      roundings = Math.max(roundings, errorOf(near.gradients[c], wanted[c]));
    });
  }
  return { error, roundings, layer };
}
