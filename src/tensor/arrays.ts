import { InputError } from './errors.ts';
import { roomFor } from './room.ts';

/**
 * What Float64Array and Float32Array both do, said once: of two signatures of their own TypeScript calls none, and what they give would be of
 * two kinds again.
 */
export interface FloatMethods {
  slice(start?: number, end?: number): FloatArray;
  subarray(begin?: number, end?: number): FloatArray;
  map(f: (value: number, index: number, array: FloatArray) => number): FloatArray;
  filter(f: (value: number, index: number, array: FloatArray) => unknown): FloatArray;
  reduce(f: (previous: number, value: number, index: number, array: FloatArray) => number): number;
  reduce<T>(f: (previous: T, value: number, index: number, array: FloatArray) => T, initial: T): T;
  reduceRight(f: (previous: number, value: number, index: number, array: FloatArray) => number): number;
  reduceRight<T>(f: (previous: T, value: number, index: number, array: FloatArray) => T, initial: T): T;
}

/** The values of a tensor: a Float64Array or a Float32Array. */
export type FloatArray = FloatMethods & (Float64Array | Float32Array);
/** The precision of a tensor. */
export type DType = 'float64' | 'float32';

/**
 * Small arrays are dear: one of more than 64 bytes has memory outside the engine's heap, which takes about a microsecond however short
 * it is, and a shorter one has 200 bytes of its own to be moved by the garbage collector. So while a transformation runs, which makes
 * many of them that live briefly, they are cut from one buffer, a slab: 40 ns, 100 bytes. A slab stays in memory as long as any of
 * them, and handing it to another thread would take them all away: results are copied out of it (`ownArray`).
 */
const SLAB_BYTES = 2 ** 16;
const LARGEST_BYTES = 2 ** 12;

let users = 0;
let slab = new ArrayBuffer(0);
let used = 0;
const slabs = new WeakSet<ArrayBufferLike>();

/** Runs a synchronous function. The small arrays that are allocated meanwhile lie in slabs. */
export function withSlabs<T>(run: () => T): T {
  users += 1;
  try {
    return run();
  } finally {
    users -= 1;
  }
}

/** Where so many bytes begin in the slab. */
function cut(bytes: number): number {
  if (used + bytes > slab.byteLength) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabs.add(slab);
    used = 0;
  }
  const at = used;
  used += Math.ceil(bytes / 8) * 8;
  return at;
}

/** Zeros for the entries of a tensor. @throws InputError as `roomFor`. */
export function allocate(size: number, dtype: DType): FloatArray {
  roomFor(size);
  const bytes = size * (dtype === 'float32' ? 4 : 8);
  if (users > 0 && bytes <= LARGEST_BYTES) {
    const at = cut(bytes);
    return dtype === 'float32' ? new Float32Array(slab, at, size) : new Float64Array(slab, at, size);
  }
  try {
    return dtype === 'float32' ? new Float32Array(size) : new Float64Array(size);
  } catch {
    throw new InputError(`Cannot make a tensor: there is no room for ${size} values`);
  }
}

/** The same values in an array that shares its memory with no slab. */
export function ownArray(data: FloatArray): FloatArray {
  return slabs.has(data.buffer) ? data.slice() : data;
}
