import type { ModelData } from '../model/format.ts';
import type { TensorFile } from '../model/tensorFile.ts';
import { InputError } from '../tensor/errors.ts';
import { type ImportSources, importFrom } from './importOnnx.ts';
import { type OnnxOutline, outlineOnnx, type ReadableFile } from './outlineOnnx.ts';

/** Undefined for a file that cannot be followed. */
function outlineOf(file: ReadableFile): OnnxOutline | undefined {
  try {
    return outlineOnnx(file);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/**
 * As `importOnnx`, from a file of which the large tensors are taken and the rest is read; of one that cannot be followed, all is read,
 * to see what it is.
 * @throws InputError as `importOnnx`.
 */
export function importOnnxFile(
  file: ReadableFile & TensorFile,
  sources: Omit<ImportSources, 'large'>,
): ModelData {
  const outline = outlineOf(file);
  if (outline === undefined) return importFrom(file.read(0, file.size), sources);
  const large = new Map([...outline.large].map(([index, range]) => [index, { file, ...range }]));
  return importFrom(outline.bytes, { ...sources, large });
}
