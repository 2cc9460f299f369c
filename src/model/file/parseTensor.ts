import { fromBase64 } from '../../tensor/base64.ts';
import { InputError } from '../../tensor/errors.ts';
import { formatShape, sameShape, sizeOf } from '../../tensor/shape.ts';
import { bytesOf } from '../data/decode.ts';
import type { StoredTensor } from '../data/format.ts';
import { type deferrable, tensorAt } from './deferredTensor.ts';
import { type Json, readElementType, shapeAt, wrong } from './fields.ts';
import type { HeaderEntry, readSafetensorsHeader } from './safetensors.ts';
import type { FileRange, TensorFile } from './tensorFile.ts';

/** The file of a name beside the JSON. */
export type OpenBeside = (name: string) => TensorFile;

/** What there is beside the JSON, and which tensors there are to be deferred. */
export interface Surroundings {
  readonly open: OpenBeside | undefined;
  /** What the header of a safetensors file says; undefined for files that have none. */
  readonly headerOf: (file: TensorFile, name: string) => ReturnType<typeof readSafetensorsHeader> | undefined;
  readonly isDeferrable: ReturnType<typeof deferrable>;
}

/** One tensor: inline, or a range of a file beside the JSON. Memory is taken only for a range that fits. */
export function readStored(json: Json, name: string, surroundings: Surroundings): StoredTensor {
  const { open, isDeferrable, headerOf } = surroundings;
  const where = `tensors.${name}`;
  const dtype = readElementType(json.dtype, where);
  const shape = shapeAt(json, 'shape', where);
  const wanted = bytesOf(dtype, sizeOf(shape));
  const source =
    typeof json.data === 'string' ? inlineBytes(json.data, where) : rangeBeside(json, where, open);
  if (source.length !== wanted) {
    throw new InputError(
      `Cannot read the model: ${where}: ${source.length} bytes of data, the shape ${formatShape(shape)} of ${dtype} needs ${wanted}`,
    );
  }
  if (source instanceof Uint8Array) return { dtype, shape, bytes: source };
  const header = headerOf(source.file, json.file as string);
  if (header !== undefined) checkAgainst(header.get(name), { dtype, shape, ...source }, where);
  return tensorAt(source, { dtype, shape }, isDeferrable(name, dtype, wanted));
}

/** @throws InputError where the JSON and the header of the file do not say the same of a tensor. */
function checkAgainst(entry: HeaderEntry | undefined, wanted: HeaderEntry, where: string): void {
  const same =
    entry !== undefined &&
    entry.dtype === wanted.dtype &&
    sameShape(entry.shape, wanted.shape) &&
    entry.offset === wanted.offset &&
    entry.length === wanted.length;
  if (same) return;
  const says =
    entry === undefined
      ? 'does not name it'
      : `has ${entry.dtype} ${formatShape(entry.shape)} at bytes ${entry.offset} to ${entry.offset + entry.length}`;
  throw new InputError(
    `Cannot read the model: ${where}: the header of its file ${says}; the two files do not belong together`,
  );
}

function inlineBytes(data: string, where: string): Uint8Array {
  try {
    return fromBase64(data);
  } catch (error) {
    throw new InputError(`Cannot read the model: ${where}.data: ${(error as Error).message}`);
  }
}

function wholeAt(json: Json, field: string, where: string): number {
  const value = json[field];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw wrong(`${where}.${field}`, 'a whole number of bytes', value ?? null);
}

/** @throws InputError for a range that is not in its file, and for a file elsewhere. */
function rangeBeside(json: Json, where: string, open: OpenBeside | undefined): FileRange {
  const { file: name } = json;
  if (typeof name !== 'string') throw wrong(where, 'given inline as data, or by file, offset and length');
  if (/[/\\]/.test(name) || name === '..' || name === '.' || name === '')
    throw wrong(`${where}.file`, 'a file name without a path', name);
  if (open === undefined)
    throw new InputError(`Cannot read the model: ${where} lies in ${name}, which is not given`);
  const file = open(name);
  const [offset, length] = [wholeAt(json, 'offset', where), wholeAt(json, 'length', where)];
  if (offset + length > file.size) {
    throw new InputError(
      `Cannot read the model: ${where}: bytes ${offset} to ${offset + length} are wanted, ${name} has ${file.size}`,
    );
  }
  return { file, offset, length };
}
