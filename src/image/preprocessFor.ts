import type { ModelData, Preprocessing } from '../model/data/format.ts';
import type { Model } from '../model/model.ts';
import { InputError } from '../tensor/errors.ts';
import { wantRecord } from '../tensor/options.ts';
import type { Picture } from './picture.ts';
import { type InputSize, type Preprocessed, type PresetName, preprocess, presetFor } from './preprocess.ts';

/**
 * A picture made ready for a model: as is given, a preprocessing or the name of one; else as the model says, else as `imagenet` for three
 * channels and `unit` for others.
 * @throws InputError when the model takes no picture of that kind, or there is no preprocessing of that name.
 * @example
 * const model = await loadModel('weights/scenes-vgg.json');
 * const { input } = preprocessFor(model, await loadPicture('weights/sample.png'));
 * input.shape // [1, 3, 64, 64]
 * preprocessFor(model, { width: 1, height: 1, data: new Uint8Array(4).fill(255) }, 'bytes').input.data[0] // 255
 */
export function preprocessFor(
  model: Model,
  picture: Picture,
  preprocessing?: Preprocessing | PresetName,
): Preprocessed {
  checkModel(model);
  const [, channels, height, width] = model.inputShape;
  const size = { channels, height, width };
  return preprocess(picture, preprocessingFor(model, size, preprocessing), size);
}

/** What is given, a preset by its name, else as the model says, else a preset. */
function preprocessingFor(
  { inputs }: Pick<ModelData, 'inputs'>,
  size: InputSize,
  given?: Preprocessing | PresetName,
): Preprocessing {
  if (typeof given === 'string') return presetFor(given, size);
  const own = given ?? inputs[0].preprocessing;
  return own ?? presetFor(size.channels === 3 ? 'imagenet' : 'unit', size);
}

/** @throws InputError for anything but a model. */
function checkModel(model: unknown): void {
  wantRecord(model, 'the model', 'preprocess');
  const { inputShape, inputs } = model as Partial<Model>;
  if (Array.isArray(inputShape) && Array.isArray(inputs) && inputs.length > 0) return;
  throw new InputError(
    'Cannot preprocess: the model must come from loadModel or its like, got another record',
  );
}
