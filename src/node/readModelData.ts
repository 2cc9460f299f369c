import { createHash } from 'node:crypto';
import { basename, dirname, extname } from 'node:path';
import type { ModelData } from '../model/data/format.ts';
import { isJson, START } from '../model/file/isJson.ts';
import { layOutModel } from '../model/file/layOutModel.ts';
import { checkDigest } from '../model/file/parseModelData.ts';
import { InputError } from '../tensor/errors.ts';
import { beyond, type Limit, limits } from '../tensor/limits.ts';
import { type OpenFile, pathWithin } from './openFile.ts';
import { createRangeReader, type RangedFile, type RangeReader } from './rangeReader.ts';

/** A model's file and what reads it and those beside it. */
interface Opened {
  readonly path: string;
  readonly file: RangedFile;
  readonly reader: RangeReader;
}

function checkSize({ size }: RangedFile, limit: Limit): void {
  if (size > limit.value) throw new InputError(beyond(limit, size));
}

function openBeside({ path, reader }: Opened, name: string): RangedFile {
  const what = `${name}, beside ${path}`;
  return reader.open(pathWithin(dirname(path), name, what), name, what);
}

/** The hash runs on this thread while others read. */
async function readJson(opened: Opened): Promise<ModelData> {
  const { file, reader } = opened;
  checkSize(file, limits.json);
  const text = new TextDecoder().decode(file.read(0, file.size));
  const { data, sha256 } = layOutModel(text, (name) => openBeside(opened, name));
  const hash = createHash('sha256');
  await reader.fill(data.tensors.values(), sha256 === undefined ? undefined : (bytes) => hash.update(bytes));
  if (sha256 !== undefined) checkDigest(hash.digest('hex'), sha256);
  return data;
}

async function readOnnx(opened: Opened): Promise<ModelData> {
  const { importOnnxFile } = await import('../onnx/importOnnx.ts');
  const { path, file, reader } = opened;
  const external = (read: 'take' | 'read') => (location: string, offset: number, length: number) => {
    const beside = openBeside(opened, location);
    if (offset + length > beside.size) {
      throw new InputError(
        `bytes ${offset} to ${offset + length} are wanted, ${location} has ${beside.size}`,
      );
    }
    return beside[read](offset, length);
  };
  const data = importOnnxFile(file, {
    name: basename(path, extname(path)),
    file: basename(path),
    readExternal: external('read'),
    takeExternal: external('take'),
  });
  await reader.fill(data.tensors.values());
  return data;
}

export interface ReadModelOptions {
  /** Hears of every file that is opened for the model: its own, and those beside it, by what they are called in its folder. */
  readonly onOpen?: (file: Pick<OpenFile, 'path' | 'size' | 'modified'>, name: string) => void;
}

/**
 * The graph and the tensors of a model file: `.onnx`, or `jetgrad-model/1` JSON with the safetensors file beside it.
 * Told apart by what is in them. Large tensors are read straight into the memory of the kernels.
 * @throws InputError naming the file, for one that is missing, cut short, or of another kind.
 */
export async function readModelData(path: string, { onOpen }: ReadModelOptions = {}): Promise<ModelData> {
  const reader = createRangeReader(onOpen);
  try {
    const opened = { path, reader, file: await reader.openFirst(path) };
    checkSize(opened.file, limits.modelFile);
    return await (isJson(opened.file.read(0, Math.min(START, opened.file.size)))
      ? readJson(opened)
      : readOnnx(opened));
  } catch (error) {
    if (!(error instanceof InputError) || error.message.includes(path)) throw error;
    const reason = error.message.replace(/^Cannot read [^:]*: /, '');
    throw new InputError(`Cannot read ${path}: ${reason}`);
  } finally {
    reader.close();
  }
}
