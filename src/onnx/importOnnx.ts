import type { ModelData } from '../model/data/format.ts';
import { fileOf, type TensorFile } from '../model/file/tensorFile.ts';
import { InputError } from '../tensor/errors.ts';
import { checkOptions, type OptionKinds, wantBytes } from '../tensor/options.ts';
import { type ImportOptions, type ImportSources, importFrom, refusing } from './importFrom.ts';
import { notOnnx } from './notOnnx.ts';
import { type OnnxOutline, outlineOnnx, type ReadableFile } from './outlineOnnx.ts';

const START = 64; // bytes

/** @throws InputError for a file that cannot be followed: what it is shows in how it begins. */
function outlineOf(file: ReadableFile): OnnxOutline {
  try {
    return outlineOnnx(file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(notOnnx(file.read(0, Math.min(START, file.size))));
  }
}

/**
 * As `importOnnx`, from a file of which the large tensors are taken and the rest is read; one that cannot be followed is not read.
 * @throws InputError as `importOnnx`.
 */
export function importOnnxFile(
  file: ReadableFile & TensorFile,
  sources: Omit<ImportSources, 'large'>,
): ModelData {
  const outline = refusing(sources, () => outlineOf(file));
  const large = new Map([...outline.large].map(([index, range]) => [index, { file, ...range }]));
  return importFrom(outline.bytes, { ...sources, large });
}

const importKinds = {
  name: 'text',
  file: 'text',
  labels: 'texts',
  preprocessing: 'record',
  readExternal: 'function',
} as const satisfies OptionKinds & Record<keyof ImportOptions, OptionKinds[string]>;

/**
 * An ONNX file as model data: nodes with the semantics of its own operator set, constants as tensors (views of the
 * file's bytes where it holds them as bytes). Operators of other domains are named `domain.Operator`. Nothing is
 * computed, and operators that jetgrad lacks are kept.
 * @throws InputError when the bytes are not a whole ONNX model, its graph does not fit together, or a file beside it is
 * wanted and not given.
 * @example
 * const { data } = await loadModel('weights/scenes-vgg.json');
 * const bytes = exportOnnx(data);
 * createModel(importOnnx(bytes)).inputShape // [1, 3, 96, 96]
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): ModelData {
  const action = 'read the model';
  checkOptions(options, importKinds, action);
  return importOnnxFile(fileOf(wantBytes(bytes, action)), options);
}
