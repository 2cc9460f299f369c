import { InputError } from '../../tensor/errors.ts';
import { beyond, limits } from '../../tensor/limits.ts';
import { elementSize } from '../data/decode.ts';
import type { ElementType, StoredTensor } from '../data/format.ts';
import { parseJson } from './parseJson.ts';
import type { TensorFile } from './tensorFile.ts';

/** Names of element types in the safetensors format. */
const typeNames: Readonly<Record<ElementType, string>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  float8e4m3fn: 'F8_E4M3',
  float8e4m3fnuz: 'F8_E4M3FNUZ',
  float8e5m2: 'F8_E5M2',
  float8e5m2fnuz: 'F8_E5M2FNUZ',
  float8e8m0: 'F8_E8M0',
  float4e2m1: 'F4',
  // The format has no integers of two and four bits: these are readable here alone.
  int2: 'I2',
  uint2: 'U2',
  int4: 'I4',
  uint4: 'U4',
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

const LENGTH_BYTES = 8; // the header's length, before it
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
  const header: [string, unknown][] = [];
  let at = 0;
  const sorted = inFileOrder(tensors);
  for (const [name, { dtype, shape, bytes }] of sorted) {
    header.push([name, { dtype: typeNames[dtype], shape, data_offsets: [at, at + bytes.length] }]);
    at += bytes.length;
  }
  const json = JSON.stringify(Object.fromEntries(header));
  const plain = new TextEncoder().encode(json);
  const padded = new Uint8Array(Math.ceil(plain.length / ALIGNMENT) * ALIGNMENT).fill(0x20);
  padded.set(plain);
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  const start = LENGTH_BYTES + padded.length;
  const places = new Map<string, { offset: number; length: number }>();
  let offset = start;
  for (const [name, { bytes }] of sorted) {
    places.set(name, { offset, length: bytes.length });
    offset += bytes.length;
  }
  return { chunks: [length, padded, ...sorted.map(([, { bytes }]) => bytes)], places };
}

/** What the header of a safetensors file says of a tensor. */
export interface HeaderEntry {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** In the whole file. */
  readonly offset: number;
  readonly length: number;
}

const typesByName: ReadonlyMap<unknown, ElementType> = new Map(
  Object.entries(typeNames).map(([name, code]) => [code, name as ElementType]),
);

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readEntry(json: unknown, start: number): HeaderEntry | undefined {
  const { dtype: code, shape, data_offsets: range } = (json ?? {}) as Record<string, unknown>;
  const dtype = typesByName.get(code);
  if (dtype === undefined || !Array.isArray(shape) || !shape.every(isWhole)) return undefined;
  if (!Array.isArray(range) || range.length !== 2 || !range.every(isWhole)) return undefined;
  return { dtype, shape, offset: start + range[0], length: range[1] - range[0] };
}

/**
 * What the header of a safetensors file says of its tensors, by name.
 * @throws InputError for a header that is cut short, too long, or does not say where each of its tensors is.
 */
export function readSafetensorsHeader(
  file: Pick<TensorFile, 'size' | 'read'>,
  name: string,
): ReadonlyMap<string, HeaderEntry> {
  const fail = (why: string) =>
    new InputError(`Cannot read the model: ${name}: ${why}; give a complete safetensors file`);
  if (file.size < LENGTH_BYTES) throw fail('it is shorter than its header');
  const prefix = file.read(0, LENGTH_BYTES);
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true));
  if (length > file.size - LENGTH_BYTES) throw fail('its header is cut short');
  if (length > limits.header.value) throw fail(beyond(limits.header, length));
  const header = parseJson(new TextDecoder().decode(file.read(LENGTH_BYTES, length)));
  if (typeof header !== 'object' || header === null) throw fail('its header is not JSON');
  const entries = new Map<string, HeaderEntry>();
  for (const [tensor, json] of Object.entries(header)) {
    if (tensor === '__metadata__') continue;
    const entry = readEntry(json, LENGTH_BYTES + length);
    if (entry === undefined) throw fail(`its header does not say what tensor ${tensor} is, and where`);
    entries.set(tensor, entry);
  }
  return entries;
}
