import type { Model } from '../model/model.ts';
import type { Picture } from './picture.ts';
import { type Preprocessed, preprocess, presetFor } from './preprocess.ts';

/**
 * A picture made ready for a model: as the model says, else as `imagenet` for three channels and `unit` for others.
 * @throws InputError when the model takes no picture of that kind.
 * @example
 * const model = await loadModel('weights/scenes-vgg.json');
 * const { input } = preprocessFor(model, await loadPicture('weights/sample.png'));
 * input.shape // [1, 3, 64, 64]
 */
export function preprocessFor(model: Model, picture: Picture): Preprocessed {
  const [, channels, height, width] = model.inputShape;
  const size = { channels, height, width };
  const own = model.inputs[0].preprocessing;
  return preprocess(picture, own ?? presetFor(channels === 3 ? 'imagenet' : 'unit', size), size);
}
