import { InputError } from '../tensor/errors.ts';
import { sizeOf } from '../tensor/shape.ts';
import { elementSize } from './decode.ts';
import type { ElementType, StoredTensor } from './format.ts';

/** Names of element types in the safetensors format. */
const typeNames: Readonly<Record<ElementType, string>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint64: 'U64',
  uint32: 'U32',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
};

const ALIGNMENT = 8;

/** A safetensors file in pieces, and where in it each tensor's bytes stand. */
export interface SafetensorsFile {
  readonly chunks: readonly Uint8Array[];
  readonly places: ReadonlyMap<string, { readonly offset: number; readonly length: number }>;
}

/** Largest elements first, so that every tensor starts at a multiple of its element's size. */
function inFileOrder(tensors: ReadonlyMap<string, StoredTensor>): [string, StoredTensor][] {
  return [...tensors].sort(([, a], [, b]) => elementSize[b.dtype] - elementSize[a.dtype]);
}

/**
 * Tensors as a safetensors file: eight bytes of header length, a JSON header padded to 8 bytes, the tensors' bytes.
 * Source: the safetensors format of Hugging Face.
 */
export function writeSafetensors(tensors: ReadonlyMap<string, StoredTensor>): SafetensorsFile {
  const header: Record<string, unknown> = {};
  let at = 0;
  const sorted = inFileOrder(tensors);
  for (const [name, { dtype, shape, bytes }] of sorted) {
    header[name] = { dtype: typeNames[dtype], shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  const json = JSON.stringify(header);
  const plain = new TextEncoder().encode(json);
  const padded = new Uint8Array(Math.ceil(plain.length / ALIGNMENT) * ALIGNMENT).fill(0x20);
  padded.set(plain);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  const start = 8 + padded.length;
  const places = new Map<string, { offset: number; length: number }>();
  let offset = start;
  for (const [name, { bytes }] of sorted) {
    places.set(name, { offset, length: bytes.length });
    offset += bytes.length;
  }
  return { chunks: [length, padded, ...sorted.map(([, { bytes }]) => bytes)], places };
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** The tensors of a safetensors file, as views of its bytes. @throws InputError for a file that is cut short or not one. */
export function readSafetensors(bytes: Uint8Array, file: string): Map<string, StoredTensor> {
  const fail = (why: string) =>
    new InputError(`Cannot read ${file}: ${why}; give a complete safetensors file`);
  if (bytes.length < 8) throw fail('it is shorter than its header');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) throw fail('its header is cut short');
  let header: Record<string, HeaderEntry>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch {
    throw fail('its header is not JSON');
  }
  const types = new Map(Object.entries(typeNames).map(([name, code]) => [code, name as ElementType]));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const dtype = types.get(entry.dtype);
    if (dtype === undefined) throw fail(`tensor ${name} has the type ${entry.dtype}`);
    const [from, to] = entry.data_offsets;
    const data = bytes.subarray(8 + length + from, 8 + length + to);
    if (data.length !== to - from || data.length !== sizeOf(entry.shape) * elementSize[dtype]) {
      throw fail(`tensor ${name} has ${data.length} bytes, which is not what its shape needs`);
    }
    tensors.set(name, { dtype, shape: entry.shape, bytes: data });
  }
  return tensors;
}
