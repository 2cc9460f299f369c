import type { ModelData, ValueInfo } from '../../../src/model/data/format.ts';
import { createModel, type Model } from '../../../src/model/model.ts';
import { assumedShape } from '../../../src/model/run/shapes.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { sameShape, sizeOf } from '../../../src/tensor/shape.ts';
import { type DType, fromData, type Tensor } from '../../../src/tensor/tensor.ts';
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

type Results = Readonly<Record<string, Tensor>>;

/** What comes out, or the code of the refusal; undefined for what is too large to be run here. */
async function outcomeOf(
  data: ModelData,
  precision: DType = 'float32',
): Promise<Results | string | undefined> {
  try {
    const model = createModel(data, { maxMemory: 8 * 2 ** 22 });
    if (!isSmall(model)) return undefined;
    const inputs = Object.fromEntries(model.inputs.map((input) => [input.name, valuesFor(input)]));
    return await model.run(inputs, { precision });
  } catch (error) {
    if (error instanceof InputError) return error.code;
    throw error;
  }
}

const onReference = <T>(use: () => Promise<T>) => onEngine(engines[0], use);
const onWasm = <T>(use: () => Promise<T>) => onEngine(engines[1], use);

/** The largest difference; undefined where float32 overflows, in one order of summation perhaps and not in another. */
function differenceOf(x: Tensor, y: Tensor): { error: number; largest: number } | undefined {
  let [error, largest] = [0, 0];
  for (let i = 0; i < x.data.length; i++) {
    const size = Math.max(Math.abs(x.data[i]), Math.abs(y.data[i]));
    if (!(size < LARGEST)) return undefined;
    largest = Math.max(largest, size);
    error = Math.max(error, Math.abs(x.data[i] - y.data[i]));
  }
  return { error, largest };
}

/** Whether wasm is as near to float64 as the reference in float32 is: then digits were lost, not the way. */
async function isRounding(
  data: ModelData,
  name: string,
  [want, got]: readonly [Tensor, Tensor],
): Promise<boolean> {
  const exact = await onReference(() => outcomeOf(data, 'float64'));
  if (typeof exact !== 'object') return false;
  const [own, other] = [differenceOf(exact[name], want), differenceOf(exact[name], got)];
  return own === undefined || other === undefined || other.error <= 4 * own.error;
}

async function compare(data: ModelData, name: string, [want, got]: readonly [Tensor, Tensor]): Promise<void> {
  if (!sameShape(want.shape, got.shape)) {
    throw new BackendsDiffer(
      `${name}: shape [${want.shape.join()}] on reference, [${got.shape.join()}] on wasm`,
    );
  }
  const difference = differenceOf(want, got);
  if (difference === undefined || difference.error <= TOLERANCE * difference.largest + 1e-6) return;
  if (await isRounding(data, name, [want, got])) return;
  throw new BackendsDiffer(`${name}: they differ by ${difference.error} of ${difference.largest}`);
}

/**
 * Lists a network's layers, and runs it on both backends where it is small.
 * @throws BackendsDiffer where only one refuses it, or they give different numbers.
 */
export async function runOnBoth(data: ModelData): Promise<void> {
  createModel(data).layers;
  const want = await onReference(() => outcomeOf(data));
  const got = await onWasm(() => outcomeOf(data));
  if (typeof want === 'object' && typeof got === 'object') {
    for (const name of Object.keys(want)) await compare(data, name, [want[name], got[name]]);
    return;
  }
  const say = (outcome: typeof want) => (typeof outcome === 'object' ? 'runs' : (outcome ?? 'too large'));
  if (say(want) !== say(got)) throw new BackendsDiffer(`reference: ${say(want)}, wasm: ${say(got)}`);
  if (typeof want === 'string') throw new InputError(`refused on both: ${want}`);
}
