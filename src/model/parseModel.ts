import { parseModelData, type ReadBeside } from './file/parseModelData.ts';
import { createModel, type Model } from './model.ts';

/**
 * A model ready to run from a `jetgrad-model/1` file: its JSON as text or parsed, and the bytes of the safetensors file beside it
 * (or a function that gives the bytes of a file by name) where its tensors are not inline.
 * @throws InputError naming the field that does not fit; UnsupportedOperationError naming every operation that is missing.
 * @example
 * const { data } = await loadModel('weights/scenes-vgg.json');
 * parseModel(serializeModel(data).json).name // 'scenes-vgg'
 */
export function parseModel(json: unknown, bytes?: Uint8Array | ReadBeside): Model {
  const readFile = bytes === undefined || typeof bytes === 'function' ? bytes : () => bytes;
  return createModel(parseModelData(json, { readFile }));
}
