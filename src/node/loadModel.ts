import type { ModelData, Preprocessing } from '../model/format.ts';
import { createModel, type Model, type ModelOptions } from '../model/model.ts';
import { InputError } from '../tensor/errors.ts';
import { givenThreads } from '../tensor/kernels/wasm/threads.ts';
import { sizeOf } from '../tensor/shape.ts';
import { readModelData } from './readModelData.ts';
import { setThreads } from './setThreads.ts';

/** What a model file does not say, and how the model computes. */
export interface LoadModelOptions extends ModelOptions {
  /** Names of the classes, instead of those in the file. */
  readonly labels?: readonly string[] | undefined;
  /** How pictures are prepared, instead of what the file says. */
  readonly preprocessing?: Preprocessing | undefined;
  /** How many threads compute from now on, in this process; as `setThreads` has it unless given. */
  readonly threads?: number | undefined;
}

/** How many classes the logits have; undefined where their shape is not known. */
export function classCount({ layers, logits }: Pick<Model, 'layers' | 'logits'>): number | undefined {
  const shape = layers.find(({ tensor }) => tensor === logits.tensor)?.shape;
  return shape && sizeOf(shape);
}

function checkLabels(model: Model, labels: readonly string[]): void {
  const count = classCount(model);
  if (count === undefined || count === labels.length) return;
  throw new InputError(
    `Cannot use the labels: there are ${labels.length}, the model ${model.name} has ${count} classes`,
  );
}

/** The model with labels and preprocessing in place of its own. */
export function withOptions(data: ModelData, { labels, preprocessing }: LoadModelOptions): ModelData {
  const [image, ...others] = data.inputs;
  return {
    ...data,
    ...(labels && { labels }),
    ...(preprocessing && image && { inputs: [{ ...image, preprocessing }, ...others] }),
  };
}

/** @throws InputError for labels that are not one per class; UnsupportedOperationError naming every such operation. */
export function modelOf(data: ModelData, options: LoadModelOptions = {}): Model {
  const model = createModel(withOptions(data, options), { maxMemory: options.maxMemory });
  if (options.labels !== undefined) checkLabels(model, options.labels);
  return model;
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
