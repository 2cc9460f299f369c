import { InputError } from '../../tensor/errors.ts';
import { checkOptions } from '../../tensor/options.ts';
import type { ModelData } from '../data/format.ts';
import { layOutModel } from './layOutModel.ts';
import { sha256 } from './sha256.ts';
import { fileOf, type TensorFile } from './tensorFile.ts';

/** SHA-256 of bytes in pieces, as hexadecimal digits. */
export type Digest = (chunks: Iterable<Uint8Array>) => string;

/** @throws InputError where the tensors are not those that the file was written with. */
export function checkDigest(got: string, wanted: string): void {
  if (got === wanted) return;
  throw new InputError(
    'Cannot read the model: the tensors do not have the SHA-256 that the file gives; it was changed or damaged',
  );
}

/** Bytes of a file beside the JSON. */
export type ReadBeside = (name: string) => Uint8Array;

/** What reading a model needs beside its JSON. */
export interface ParseOptions {
  /** Bytes of the files beside the JSON, by name. */
  readonly readFile?: ReadBeside | undefined;
  /** SHA-256 of bytes in pieces, as hexadecimal digits, where there is a faster one. */
  readonly digest?: Digest | undefined;
}

/**
 * Model data of a `jetgrad-model/1` file: the JSON as text or already parsed, and the files beside it by name. Everything is
 * checked before anything is computed: fields, sizes against shapes, offsets against files, the SHA-256 of the bytes.
 * @throws InputError naming the field.
 * @example
 * const { data } = await loadModel('weights/scenes-vgg.json');
 * const read = parseModelData(serializeModel(data).json);
 * read.nodes.length === data.nodes.length // true
 */
export function parseModelData(json: unknown, options: ParseOptions = {}): ModelData {
  checkOptions(options, { readFile: 'function', digest: 'function' }, 'read the model');
  const { readFile, digest = sha256 } = options;
  const opened = new Map<string, TensorFile>();
  const open = (name: string): TensorFile => {
    const file = opened.get(name) ?? fileOf((readFile as ReadBeside)(name));
    opened.set(name, file);
    return file;
  };
  const { data, sha256: wanted } = layOutModel(json, readFile && open);
  if (wanted !== undefined) {
    checkDigest(digest([...data.tensors.values()].map(({ bytes }) => bytes)), wanted);
  }
  return data;
}
