import { createHash } from 'node:crypto';
import { basename, dirname, extname, join } from 'node:path';
import type { ModelData, Preprocessing } from '../../model/format.ts';
import { createModel, type Model } from '../../model/model.ts';
import { type Digest, parseModelData } from '../../model/parseModel.ts';
import { importOnnx } from '../../onnx/index.ts';
import { InputError } from '../../tensor/errors.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { readInputFile } from './readInputFile.ts';
import { setThreads } from './setThreads.ts';

export interface LoadModelOptions {
  /** Names of the classes, instead of those in the file. */
  readonly labels?: readonly string[] | undefined;
  /** How pictures are prepared, instead of what the file says. */
  readonly preprocessing?: Preprocessing | undefined;
  /** How many threads compute from now on, in this process; as many as the machine runs at once unless given. */
  readonly threads?: number | undefined;
}

/** Reads each file beside the model once. */
function besideReader(path: string): (name: string) => Uint8Array {
  const opened = new Map<string, Uint8Array>();
  return (name) => {
    const bytes = opened.get(name) ?? readInputFile(join(dirname(path), name), `${name}, beside ${path}`);
    opened.set(name, bytes);
    return bytes;
  };
}

export const digestBytes: Digest = (chunks) => {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
};

/** JSON begins with a brace, after spaces and a byte order mark. */
function isJson(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart();
  return start.startsWith('{') || start.startsWith('[');
}

function parse(path: string, bytes: Uint8Array): ModelData {
  const beside = besideReader(path);
  if (isJson(bytes)) {
    return parseModelData(new TextDecoder().decode(bytes), { readFile: beside, digest: digestBytes });
  }
  return importOnnx(bytes, {
    name: basename(path, extname(path)),
    file: basename(path),
    readExternal: (location, offset, length) => {
      const file = beside(location);
      const end = length === undefined ? file.length : offset + length;
      if (end > file.length) {
        throw new InputError(`bytes ${offset} to ${end} are wanted, ${location} has ${file.length}`);
      }
      return file.subarray(offset, end);
    },
  });
}

/**
 * The graph and the tensors of a model file: `.onnx`, or `jetgrad-model/1` JSON with the safetensors file beside it.
 * Told apart by what is in them. Each file is read once.
 * @throws InputError naming the file, for one that is missing, cut short, or of another kind.
 */
export async function readModelData(path: string): Promise<ModelData> {
  const bytes = readInputFile(path);
  try {
    return parse(path, bytes);
  } catch (error) {
    if (!(error instanceof InputError) || error.message.includes(path)) throw error;
    const reason = error.message.replace(/^Cannot read [^:]*: /, '');
    throw new InputError(`Cannot read ${path}: ${reason}`);
  }
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
  const model = createModel(withOptions(data, options));
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
  setThreads(options.threads);
  return modelOf(await readModelData(path), options);
}
