import { fromBase64 } from '../tensor/base64.ts';
import { InputError } from '../tensor/errors.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { elementSize } from './decode.ts';
import { type Json, readElementType, wrong } from './fields.ts';
import type { StoredTensor } from './format.ts';

/** Bytes of a file beside the JSON. */
export type ReadBeside = (name: string) => Uint8Array;

function readShape(value: unknown, where: string): readonly number[] {
  if (Array.isArray(value) && value.every((n) => Number.isInteger(n) && n >= 0)) return value;
  throw wrong(`${where}.shape`, 'a list of whole numbers', value ?? null);
}

/** One tensor's bytes: inline, or a range of a file beside the JSON. */
export function readStored(
  json: Json,
  where: string,
  readFile: ReadBeside | undefined,
  opened: Map<string, Uint8Array>,
): StoredTensor {
  const dtype = readElementType(json.dtype, where);
  const shape = readShape(json.shape, where);
  const wanted = sizeOf(shape) * elementSize[dtype];
  const bytes =
    typeof json.data === 'string'
      ? inlineBytes(json.data, where)
      : besideBytes(json, where, readFile, opened);
  if (bytes.length !== wanted) {
    throw new InputError(
      `Cannot read the model: ${where}: ${bytes.length} bytes of data, the shape ${formatShape(shape)} of ${dtype} needs ${wanted}`,
    );
  }
  return { dtype, shape, bytes };
}

function inlineBytes(data: string, where: string): Uint8Array {
  try {
    return fromBase64(data);
  } catch (error) {
    throw new InputError(`Cannot read the model: ${where}.data: ${(error as Error).message}`);
  }
}

function besideBytes(
  json: Json,
  where: string,
  readFile: ReadBeside | undefined,
  opened: Map<string, Uint8Array>,
): Uint8Array {
  const { file, offset, length } = json;
  if (typeof file !== 'string') throw wrong(where, 'given inline as data, or by file, offset and length');
  if (/[/\\]/.test(file) || file === '..' || file === '.' || file === '')
    throw wrong(`${where}.file`, 'a file name without a path', file);
  if (readFile === undefined)
    throw new InputError(`Cannot read the model: ${where} lies in ${file}, which is not given`);
  const bytes = opened.get(file) ?? readFile(file);
  opened.set(file, bytes);
  const [from, count] = [Number(offset), Number(length)];
  if (
    !Number.isInteger(from) ||
    !Number.isInteger(count) ||
    from < 0 ||
    count < 0 ||
    from + count > bytes.length
  ) {
    throw new InputError(
      `Cannot read the model: ${where}: bytes ${offset} to ${from + count} are wanted, ${file} has ${bytes.length}`,
    );
  }
  return bytes.subarray(from, from + count);
}
