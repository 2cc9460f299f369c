import { fromBase64 } from '../tensor/base64.ts';
import { InputError } from '../tensor/errors.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { elementSize } from './decode.ts';
import { type deferrable, tensorAt } from './deferredTensor.ts';
import { type Json, readElementType, wrong } from './fields.ts';
import type { StoredTensor } from './format.ts';
import type { FileRange, TensorFile } from './tensorFile.ts';

/** The file of a name beside the JSON. */
export type OpenBeside = (name: string) => TensorFile;

function readShape(value: unknown, where: string): readonly number[] {
  if (Array.isArray(value) && value.every((n) => Number.isInteger(n) && n >= 0)) return value;
  throw wrong(`${where}.shape`, 'a list of whole numbers', value ?? null);
}

/** What there is beside the JSON, and which tensors there are to be deferred. */
export interface Surroundings {
  readonly open: OpenBeside | undefined;
  readonly isDeferrable: ReturnType<typeof deferrable>;
}

/** One tensor: inline, or a range of a file beside the JSON. Memory is taken only for a range that fits. */
export function readStored(json: Json, name: string, { open, isDeferrable }: Surroundings): StoredTensor {
  const where = `tensors.${name}`;
  const dtype = readElementType(json.dtype, where);
  const shape = readShape(json.shape, where);
  const wanted = sizeOf(shape) * elementSize[dtype];
  const source =
    typeof json.data === 'string' ? inlineBytes(json.data, where) : rangeBeside(json, where, open);
  if (source.length !== wanted) {
    throw new InputError(
      `Cannot read the model: ${where}: ${source.length} bytes of data, the shape ${formatShape(shape)} of ${dtype} needs ${wanted}`,
    );
  }
  if (source instanceof Uint8Array) return { dtype, shape, bytes: source };
  return tensorAt(source, { dtype, shape }, isDeferrable(name, dtype, wanted));
}

function inlineBytes(data: string, where: string): Uint8Array {
  try {
    return fromBase64(data);
  } catch (error) {
    throw new InputError(`Cannot read the model: ${where}.data: ${(error as Error).message}`);
  }
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
  const [offset, length] = [Number(json.offset), Number(json.length)];
  const isWhole = Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0;
  if (!isWhole || offset + length > file.size) {
    throw new InputError(
      `Cannot read the model: ${where}: bytes ${json.offset} to ${offset + length} are wanted, ${name} has ${file.size}`,
    );
  }
  return { file, offset, length };
}
