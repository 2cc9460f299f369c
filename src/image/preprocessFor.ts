import type { Preprocessing } from '../model/data/format.ts';
import type { Model } from '../model/model.ts';
import { InputError } from '../tensor/errors.ts';
import { wantRecord } from '../tensor/options.ts';
import { assumedPreprocessing } from './assumedPreprocessing.ts';
import type { Picture } from './picture.ts';
import { type InputSize, type Preprocessed, type PresetName, preprocess, presetFor } from './preprocess.ts';

/**
 * A picture made ready for a model: as is given, a preprocessing or the name of one; else as the model says; else as a network expects that
 * scales pictures itself, or as `imagenet` for three channels and `unit` for others.
 * @throws InputError when the model takes no picture of that kind, or there is no preprocessing of that name.
 * @example
 * const model = await loadModel('weights/scenes-vgg.json');
 * const { input } = preprocessFor(model, await loadPicture('weights/sample.png'));
 * input.shape // [1, 3, 96, 96]
 * preprocessFor(model, { width: 1, height: 1, data: new Uint8Array(4).fill(255) }, 'bytes').input.data[0] // 255
 */
export function preprocessFor(
  model: Model,
  picture: Picture,
  preprocessing?: Preprocessing | PresetName,
): Preprocessed {
  const size = pictureSizeOf(model);
  return preprocess(picture, preprocessingFor(model, size, preprocessing).preprocessing, size);
}

/** The preprocessing of a model's pictures, and what it is called. */
export interface NamedPreprocessing {
  readonly preprocessing: Preprocessing;
  /** A preset's name, `given`, or `model`. */
  readonly name: string;
}

/** What is given, a preset by its name, else as the model says, else a preset. */
export function preprocessingFor(
  { inputs, data }: Pick<Model, 'inputs' | 'data'>,
  size: InputSize,
  given?: Preprocessing | PresetName,
): NamedPreprocessing {
  if (typeof given === 'string') return { preprocessing: presetFor(given, size), name: given };
  if (given !== undefined) return { preprocessing: given, name: 'given' };
  const { preprocessing } = inputs[0];
  return preprocessing === undefined ? assumedPreprocessing(data, size) : { preprocessing, name: 'model' };
}

/** The size of a model's pictures. @throws InputError for anything but a model. */
export function pictureSizeOf(model: Model): InputSize {
  wantRecord(model, 'the model', 'preprocess');
  const { inputShape, inputs, data } = model as Partial<Model>;
  if (Array.isArray(inputShape) && Array.isArray(inputs) && inputs.length > 0 && data !== undefined) {
    const [, channels, height, width] = inputShape as readonly number[];
    return { channels, height, width };
  }
  throw new InputError(
    'Cannot preprocess: the model must come from loadModel or its like, got another record',
  );
}
