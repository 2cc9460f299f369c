import type { ModelData } from '../model/data/format.ts';
import { isJson } from '../model/file/isJson.ts';
import { parseModelData } from '../model/file/parseModelData.ts';
import { type Model, modelOptionKinds } from '../model/model.ts';
import { modelOf, type NamedModelOptions } from '../model/modelOf.ts';
import { importOnnx } from '../onnx/importOnnx.ts';
import { InputError } from '../tensor/errors.ts';
import { limits } from '../tensor/limits.ts';
import { checkOptions, type OptionKinds } from '../tensor/options.ts';
import { type ByteSource, type ReadFile, readSource, type WholeReadable } from './byteSource.ts';

/** What a model's bytes do not say, and the files beside them. */
export interface OpenModelOptions extends NamedModelOptions {
  /** Files that the model may ask for by name, such as those that were dropped with it; beside an address they are fetched. */
  readonly files?: Iterable<WholeReadable> | undefined;
  /** Ends the fetching. */
  readonly signal?: AbortSignal | undefined;
}

const ACTION = 'open the model';

export const openModelKinds = {
  labels: 'texts',
  preprocessing: 'record',
  ...modelOptionKinds,
  files: 'any',
  signal: 'signal',
} as const satisfies OptionKinds;

type FileOf = (name: string) => Uint8Array;

function dataOf({ bytes, name }: ReadFile, fileOf: FileOf): ModelData {
  if (isJson(bytes)) {
    if (bytes.length > limits.json.value) throw new InputError(`Cannot ${ACTION}: its JSON is too long`);
    return parseModelData(new TextDecoder().decode(bytes), { readFile: fileOf });
  }
  return importOnnx(bytes, {
    file: name,
    name: name?.replace(/\.[^.]*$/, ''),
    readExternal(location, offset, length) {
      const beside = fileOf(location);
      if (offset + length <= beside.length) return beside.subarray(offset, offset + length);
      throw new InputError(
        `bytes ${offset} to ${offset + length} are wanted, ${location} has ${beside.length}`,
      );
    },
  });
}

/** A file beside the model: one of those given, or at the model's address, in its folder or below. */
async function readBeside(name: string, model: ReadFile, options: OpenModelOptions): Promise<Uint8Array> {
  const reading = {
    action: `open ${name}, which the model needs,`,
    limit: limits.modelFile,
    signal: options.signal,
  };
  const given = [...(options.files ?? [])].find((file) => file.name === name);
  if (given !== undefined) return (await readSource(given, reading)).bytes;
  if (model.url === undefined) {
    throw new InputError(
      `Cannot ${ACTION}: its tensors are in ${name}; give that file, too, in the option files`,
    );
  }
  const folder = new URL('.', model.url).href;
  const url = new URL(name.split('/').map(encodeURIComponent).join('/'), folder).href;
  if (!url.startsWith(folder)) {
    throw new InputError(`Cannot ${ACTION}: ${JSON.stringify(name)} is not in its folder`);
  }
  return (await readSource(url, reading)).bytes;
}

/**
 * A model from bytes, a file that somebody chose, an address or the answer of a fetch: ONNX or `jetgrad-model/1` JSON, told apart by what
 * is in them. Files beside it come from the option `files`, or from its own folder where it has an address. Needs neither Node nor
 * eval; in Node, `loadModel` of `jetgrad/node` reads large files faster.
 * @throws InputError for what cannot be read or used, or labels that are not one per class; UnsupportedOperationError naming every
 * operation that jetgrad lacks; the signal's reason when aborted.
 * @example
 * const { data } = await loadModel('weights/scenes-vgg.json');
 * const model = await openModel(new Blob([exportOnnx(data)]));
 * model.inputShape // [1, 3, 96, 96]
 */
export async function openModel(source: ByteSource, options: OpenModelOptions = {}): Promise<Model> {
  checkOptions(options, openModelKinds, ACTION);
  const { signal } = options;
  const model = await readSource(source, { action: ACTION, limit: limits.modelFile, signal });
  const files = new Map<string, Uint8Array>();
  for (;;) {
    // Which files are beside it shows only in reading it, which does not wait: it is read again once they are there.
    let missing: string | undefined;
    const fileOf: FileOf = (name) => {
      const bytes = files.get(name);
      if (bytes !== undefined) return bytes;
      missing = name;
      throw new InputError(`${name} is wanted`);
    };
    try {
      return modelOf(dataOf(model, fileOf), options);
    } catch (error) {
      if (missing === undefined) throw error;
      files.set(missing, await readBeside(missing, model, options));
    }
  }
}
