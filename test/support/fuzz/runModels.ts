import type { ModelData, ValueInfo } from '../../../src/model/format.ts';
import { createModel, type Model } from '../../../src/model/model.ts';
import { assumedShape } from '../../../src/model/shapes.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { sameShape, sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../backends.ts';
import { BackendsDiffer } from './reader.ts';

/** More is not run: what is looked for shows in small ones. */
const MOST_ENTRIES = 1e5;
const MOST_MULTIPLY_ADDS = 2e7;
/** Beyond this, float32 overflows in one order of summation and not in another. */
const LARGEST = 1e30;
const TOLERANCE = 2e-3;

function valuesFor(input: ValueInfo): Tensor {
  const shape = assumedShape(input);
  if (sizeOf(shape) > MOST_ENTRIES) throw new InputError('its input is larger than is run here');
  const isFloat = input.dtype.startsWith('float');
  const values = Float64Array.from({ length: sizeOf(shape) }, (_, i) => (isFloat ? Math.sin(i) : i % 3));
  return fromData(values, shape);
}

/** Whether all layers are small enough to be run, as far as shapes tell. */
function isSmall({ layers }: Model): boolean {
  let work = 0;
  for (const { shape, multiplyAdds } of layers) {
    work += multiplyAdds;
    if (shape !== undefined && sizeOf(shape) > MOST_ENTRIES) return false;
  }
  return work <= MOST_MULTIPLY_ADDS;
}

/** What comes out, or the code of the refusal. */
async function outcomeOf(data: ModelData): Promise<Record<string, Tensor> | string | undefined> {
  try {
    const model = createModel(data, { maxMemory: 8 * 2 ** 22 });
    if (!isSmall(model)) return undefined;
    return await model.run(Object.fromEntries(model.inputs.map((input) => [input.name, valuesFor(input)])));
  } catch (error) {
    if (error instanceof InputError) return error.code;
    throw error;
  }
}

function compareTensors(name: string, want: Tensor, got: Tensor): void {
  if (!sameShape(want.shape, got.shape)) {
    throw new BackendsDiffer(
      `${name}: shape [${want.shape.join()}] on reference, [${got.shape.join()}] on wasm`,
    );
  }
  let largest = 0;
  for (let i = 0; i < want.data.length; i++) {
    const size = Math.max(Math.abs(want.data[i]), Math.abs(got.data[i]));
    if (!(size < LARGEST)) return;
    largest = Math.max(largest, size);
  }
  for (let i = 0; i < want.data.length; i++) {
    if (Math.abs(want.data[i] - got.data[i]) <= TOLERANCE * largest + 1e-6) continue;
    throw new BackendsDiffer(`${name}: entry ${i} is ${want.data[i]} on reference, ${got.data[i]} on wasm`);
  }
}

/**
 * Lists a network's layers, and runs it on both backends where it is small.
 * @throws BackendsDiffer where only one refuses it, or they give different numbers.
 */
export async function runOnBoth(data: ModelData): Promise<void> {
  createModel(data).layers;
  const [want, got] = await Promise.resolve([engines[0], engines[1]]).then(async ([reference, wasm]) => [
    await onEngine(reference, () => outcomeOf(data)),
    await onEngine(wasm, () => outcomeOf(data)),
  ]);
  if (typeof want === 'object' && typeof got === 'object') {
    for (const [name, x] of Object.entries(want)) compareTensors(name, x, got[name]);
    return;
  }
  const say = (outcome: typeof want) => (typeof outcome === 'object' ? 'runs' : (outcome ?? 'too large'));
  if (say(want) !== say(got)) throw new BackendsDiffer(`reference: ${say(want)}, wasm: ${say(got)}`);
  if (typeof want === 'string') throw new InputError(`refused on both: ${want}`);
}
