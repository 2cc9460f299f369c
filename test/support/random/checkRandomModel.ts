import type { ModelData } from '../../../src/model/data/format.ts';
import { createModel } from '../../../src/model/model.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { contiguous, fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { type Engine, engines, onEngine } from '../backends.ts';
import { same } from '../check.ts';
import { randomModel } from './randomModel.ts';

const [reference, one, two, three] = engines;

/** Rows of a tensor [N, …], one for each image. */
export function rowOf(x: Tensor, row: number): Float32Array | Float64Array {
  const { data } = contiguous(x);
  const size = data.length / x.shape[0];
  return data.slice(row * size, (row + 1) * size);
}

/** Images of a batch, by number, as one tensor. */
export function batchOf(images: Tensor, chosen: readonly number[]): Tensor {
  const size = sizeOf(images.shape.slice(1));
  const data = new Float32Array(chosen.length * size);
  chosen.forEach((image, i) => {
    data.set(rowOf(images, image), i * size);
  });
  return fromData(data, [chosen.length, ...images.shape.slice(1)]);
}

/** Eight images for a random network. */
export function imagesFor({ inputs }: ModelData, seed: number): Tensor {
  const random = createRandom(seed, 1);
  const shape = [8, ...((inputs[0].shape ?? []).slice(1) as number[])];
  return fromData(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );
}

/** Outputs but for their first image. */
const withoutFirst = (outputs: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, x]) => [
      name,
      batchOf(
        x,
        Array.from({ length: x.shape[0] - 1 }, (_, i) => i + 1),
      ),
    ]),
  );

/** Largest error relative to the largest finite wanted value; what is not finite must be the same. */
export function errorOf(got: Tensor, wanted: Tensor): number {
  const [a, b] = [contiguous(got).data, contiguous(wanted).data];
  let [largest, worst] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    if (Number.isFinite(b[i])) largest = Math.max(largest, Math.abs(b[i]));
    if (Object.is(a[i], b[i])) continue;
    const error = Math.abs(a[i] - b[i]);
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  return worst === 0 ? 0 : worst / largest;
}

/** Errors relative to the largest value of an output. */
export interface Verdict {
  /** Of the float32 outputs against float64. */
  readonly error: number;
  /** Of the reference in float32, which sums in float64: how much the network makes of a rounding. */
  readonly roundings: number;
}

const TOLERANCE = 1e-5;
/** Transforms of tiles lose two digits against sums in float64. */
const MORE_THAN_ROUNDINGS = 200;

/** Whether an error is no more than what float32 must lose. */
export function isAccurate({ error, roundings }: Verdict): boolean {
  return error <= Math.max(TOLERANCE, MORE_THAN_ROUNDINGS * roundings);
}

/**
 * Holds a random network on the device against the reference: values against float64, bits over threads, runs, batches and places in
 * the batch; float64 bits against the reference's.
 */
export async function checkRandomModel(seed: number): Promise<Verdict> {
  const data = randomModel(seed);
  const images = imagesFor(data, seed);
  const model = await onEngine(one, () => createModel(data));
  const run = (engine: Engine, chosen: readonly number[], precision: 'float32' | 'float64' = 'float32') =>
    onEngine(engine, () => model.run(batchOf(images, chosen), { precision }));
  const all = [0, 1, 2, 3, 4, 5, 6, 7];
  // One image of the batch is no numbers at all; what it leaves behind must reach nothing.
  const broken = batchOf(images, all);
  broken.data.fill(Number.NaN, 0, broken.data.length / 8);
  const wanted = await run(reference, [0, 1, 2], 'float64');
  const first = await run(one, all);
  const others: [string, readonly number[], Record<string, Tensor>][] = [
    ['beside a broken image', all.slice(1), await onEngine(two, () => model.run(broken)).then(withoutFirst)],
    ['again', all, await run(one, all)],
    ['two threads', all, await run(two, all)],
    ['three threads', all, await run(three, all)],
    ['alone', [5], await run(two, [5])],
    ['alone, one thread', [2], await run(one, [2])],
    ['three images', [7, 2, 5], await run(three, [7, 2, 5])],
  ];
  const wide = await run(two, [0, 1, 2], 'float64');
  const narrow = await run(reference, [0, 1, 2]);
  let [error, roundings] = [0, 0];
  for (const { name } of data.outputs) {
    for (const [label, chosen, got] of others) {
      chosen.forEach((image, row) => {
        same(rowOf(got[name], row), rowOf(first[name], image), `${name}, image ${image}, ${label}`);
      });
    }
    same(wide[name], wanted[name], `${name} in float64`);
    error = Math.max(error, errorOf(batchOf(first[name], [0, 1, 2]), wanted[name]));
    roundings = Math.max(roundings, errorOf(narrow[name], wanted[name]));
  }
  return { error, roundings };
}
