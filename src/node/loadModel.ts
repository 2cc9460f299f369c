import { inputSizeOf } from '../image/inputSizeOf.ts';
import { type PresetName, presetFor } from '../image/preprocess.ts';
import type { Preprocessing } from '../model/data/format.ts';
import { type Model, modelOptionKinds } from '../model/model.ts';
import { modelOf, type NamedModelOptions } from '../model/modelOf.ts';
import { InputError } from '../tensor/errors.ts';
import { givenThreads } from '../tensor/kernels/wasm/threads.ts';
import { checkOptions, type OptionKinds } from '../tensor/options.ts';
import { readModelData } from './readModelData.ts';
import { setThreads } from './setThreads.ts';
import { wantPath } from './wantPath.ts';

/** What a model file does not say, and how the model computes. */
export interface LoadModelOptions extends Omit<NamedModelOptions, 'preprocessing'> {
  /** How pictures are prepared, instead of what the file says: a preset by its name, or its fields. */
  readonly preprocessing?: Preprocessing | PresetName | undefined;
  /** How many threads compute from now on, in this process; as `setThreads` has it unless given. */
  readonly threads?: number | undefined;
}

const optionKinds = {
  ...modelOptionKinds,
  labels: 'texts',
  preprocessing: ['record', 'text'],
  threads: 'number',
} as const satisfies OptionKinds & Record<keyof LoadModelOptions, OptionKinds[string]>;

/**
 * A model from a file: ONNX, or `jetgrad-model/1` JSON with the safetensors file beside it.
 * @throws InputError for a file that cannot be used, or labels that are not one per class; UnsupportedOperationError
 * naming every operation that jetgrad lacks.
 * @example
 * const model = await loadModel('weights/scenes-vgg.json');
 * model.layers.length > 0 // true
 */
export async function loadModel(path: string, options: LoadModelOptions = {}): Promise<Model> {
  wantPath(path, 'load a model');
  const labels: unknown = options?.labels;
  if (typeof labels === 'string') {
    throw new InputError(
      `Cannot load a model: labels must be a list of texts, got the text ${JSON.stringify(labels)}; readLabels reads them from a file`,
    );
  }
  checkOptions(options, optionKinds, 'load a model');
  const { threads, preprocessing, ...others } = options;
  setThreads(threads ?? givenThreads());
  const data = await readModelData(path);
  return modelOf(data, {
    ...others,
    preprocessing:
      typeof preprocessing === 'string' ? presetFor(preprocessing, inputSizeOf(data)) : preprocessing,
  });
}
