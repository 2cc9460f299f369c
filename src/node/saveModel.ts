import { basename, dirname, extname } from 'node:path';
import { checkModelData } from '../model/data/checkModelData.ts';
import type { ModelData } from '../model/data/format.ts';
import { serializeModel } from '../model/file/serializeModel.ts';
import type { Model } from '../model/model.ts';
import { InputError } from '../tensor/errors.ts';
import { wantRecord } from '../tensor/options.ts';
import { digestBytes } from './digestBytes.ts';
import { type FileContent, staged } from './stage.ts';
import { wantPath } from './wantPath.ts';

/** The files of a saved model: their names and what is in them, the model itself last. @throws InputError */
export async function modelFiles(data: ModelData, path: string): Promise<Map<string, FileContent>> {
  const name = basename(path);
  const extension = extname(path).toLowerCase();
  if (extension === '.onnx') {
    const { exportOnnx } = await import('../onnx/exportOnnx.ts');
    return new Map([[name, exportOnnx(data)]]);
  }
  if (extension !== '.json') {
    throw new InputError(`Cannot save the model as ${path}: the name must end in .json or .onnx`);
  }
  const file = `${basename(path, extname(path))}.safetensors`;
  const { json, files } = serializeModel(data, { file, digest: digestBytes });
  return new Map<string, FileContent>([...files, [name, json]]);
}

/**
 * Saves a model: `.json` in the format `jetgrad-model/1` (with a `.safetensors` beside it from 8 MB of tensors on), or
 * `.onnx`. Folders are made; files appear whole or not at all.
 * @throws InputError for another extension, system errors where the files cannot be written.
 * @example
 * const { data } = await loadModel('weights/scenes-vgg.json');
 * await saveModel(data, 'jetgrad-out/copy.json');
 */
export async function saveModel(model: Model | ModelData, path: string): Promise<void> {
  wantPath(path, 'save the model');
  wantRecord(model, 'the model', 'save the model');
  const data = 'data' in model ? model.data : model;
  checkModelData(data, 'save the model');
  const files = await modelFiles(data, path);
  await staged(dirname(path), async (stage) => {
    for (const [name, content] of files) stage.write(name, content);
  });
}
