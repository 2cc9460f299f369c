import type { Model } from '../model/model.ts';
import { modelOf, type NamedModelOptions } from '../model/modelOf.ts';
import { givenThreads } from '../tensor/kernels/wasm/threads.ts';
import { readModelData } from './readModelData.ts';
import { setThreads } from './setThreads.ts';

/** What a model file does not say, and how the model computes. */
export interface LoadModelOptions extends NamedModelOptions {
  /** How many threads compute from now on, in this process; as `setThreads` has it unless given. */
  readonly threads?: number | undefined;
}

/**
 * A model from a file: ONNX, or `jetgrad-model/1` JSON with the safetensors file beside it.
 * @throws InputError for a file that cannot be used, or labels that are not one per class; UnsupportedOperationError
 * naming every operation that jetgrad lacks.
 * @example
 * const model = await loadModel('weights/scenes-vgg.json');
 * model.layers.length > 0 // true
 */
export async function loadModel(path: string, options: LoadModelOptions = {}): Promise<Model> {
  setThreads(options.threads ?? givenThreads());
  return modelOf(await readModelData(path), options);
}
