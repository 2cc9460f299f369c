import { InputError } from './errors.ts';
import { beyond, limits } from './limits.ts';
import { wantBytes } from './options.ts';
import { formatShape, sizeOf } from './shape.ts';
import { allocate, contiguous, fromData, type Tensor, type TensorLike, toTensor } from './tensor.ts';

const MAGIC = '\x93NUMPY';
const ALIGNMENT = 64;
/** Magic, version and the header's length. */
const HEAD = MAGIC.length + 4;

/**
 * A tensor as an .npy file, version 1.0: float32 or float64 as it is, little-endian, row-major. Source: NumPy's format
 * specification, NEP 1.
 * @example
 * encodeNpy(tensor([1, 2])).length // 144
 */
export function encodeNpy(given: TensorLike): Uint8Array {
  const x = contiguous(toTensor(given, 'write the array'));
  const { data } = x;
  const shape = x.shape.length === 1 ? `${x.shape[0]},` : x.shape.join(', ');
  const kind = x.dtype === 'float32' ? '<f4' : '<f8';
  const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${shape}), }`;
  const start = Math.ceil((HEAD + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const out = new Uint8Array(start + data.byteLength);
  const view = new DataView(out.buffer);
  const header = `${text.padEnd(start - HEAD - 1)}\n`;
  const head = `${MAGIC}\x01\0\0\0${header}`;
  for (let i = 0; i < head.length; i++) out[i] = head.charCodeAt(i);
  view.setUint16(HEAD - 2, header.length, true);
  for (let i = 0; i < data.length; i++) {
    if (x.dtype === 'float32') view.setFloat32(start + 4 * i, data[i], true);
    else view.setFloat64(start + 8 * i, data[i], true);
  }
  return out;
}

type Read = (view: DataView, at: number, little: boolean) => number | bigint;

/** Element kinds by NumPy's letter and size. */
const kinds: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['f4', (view, at, little) => view.getFloat32(at, little)],
  ['f8', (view, at, little) => view.getFloat64(at, little)],
  ['i1', (view, at) => view.getInt8(at)],
  ['i2', (view, at, little) => view.getInt16(at, little)],
  ['i4', (view, at, little) => view.getInt32(at, little)],
  ['i8', (view, at, little) => view.getBigInt64(at, little)],
  ['u1', (view, at) => view.getUint8(at)],
  ['u2', (view, at, little) => view.getUint16(at, little)],
  ['u4', (view, at, little) => view.getUint32(at, little)],
  ['u8', (view, at, little) => view.getBigUint64(at, little)],
  ['b1', (view, at) => view.getUint8(at)],
]);

interface Header {
  /** NumPy's letter and size. */
  readonly kind: string;
  readonly read: Read;
  readonly little: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly start: number;
}

type Fail = (why: string) => InputError;

function readHeader(bytes: Uint8Array, fail: Fail): Header {
  if (bytes.length === 0) throw fail('the file is empty');
  if (Array.from(MAGIC).some((letter, i) => bytes[i] !== letter.charCodeAt(0)))
    throw fail('it is not an .npy file');
  const version = bytes[MAGIC.length];
  if (version !== undefined && (version < 1 || version > 3)) throw fail(`its version is ${version}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = version === 1 ? HEAD : HEAD + 2;
  if (bytes.length < first) throw fail('it is cut short');
  const start = first + (version === 1 ? view.getUint16(HEAD - 2, true) : view.getUint32(HEAD - 2, true));
  if (start - first > limits.npyHeader.value) throw fail(beyond(limits.npyHeader, start - first));
  if (bytes.length < start) throw fail('it is cut short');
  const text = new TextDecoder().decode(bytes.subarray(first, start));
  const kind = /['"]descr['"]:\s*['"]([<>|=])(\w+)['"]/.exec(text);
  const read = kinds.get(kind?.[2] ?? '');
  if (kind === null || read === undefined) {
    const descr = /['"]descr['"]:\s*([^,]*)/.exec(text)?.[1] ?? 'values of an unknown kind';
    throw fail(`it holds ${descr.slice(0, SHOWN)}, not float32, float64, integers or booleans`);
  }
  return {
    kind: kind[2],
    read,
    little: kind[1] !== '>',
    fortran: /['"]fortran_order['"]:\s*True/.test(text),
    shape: readShape(text, fail),
    start,
  };
}

/** Letters of a header that stand in a message. */
const SHOWN = 60;

/** Lengths as Python writes them: (), (2,), (2, 3), by Python 2 (2L, 3L). */
function readShape(header: string, fail: Fail): number[] {
  const list = /['"]shape['"]:\s*\(([^()]*)\)/.exec(header)?.[1].trim();
  if (list === undefined) throw fail('its header gives no shape');
  const lengths = list
    .replace(/,$/, '')
    .split(',')
    .map((part) => part.trim());
  const isLength = (part: string) => /^\d+L?$/.test(part) && Number.parseInt(part, 10) <= 2 ** 53;
  if (list !== '' && !lengths.every(isLength)) {
    throw fail(`its header gives the shape (${list.slice(0, SHOWN)}), which is no list of lengths`);
  }
  if (lengths.length > limits.npyAxes.value) throw fail(beyond(limits.npyAxes, lengths.length));
  return list === '' ? [] : lengths.map((part) => Number.parseInt(part, 10));
}

/** Strides of column-major order. */
function columnMajor(shape: readonly number[]): number[] {
  let step = 1;
  return shape.map((length) => {
    const stride = step;
    step *= length;
    return stride;
  });
}

/**
 * The array of an .npy file, versions 1 to 3, row-major whatever its order: float32 stays, float64, integers and
 * booleans become float64.
 * @throws InputError for a file that is not .npy, is cut short, or holds another kind or integers beyond ±2⁵³.
 * @example
 * decodeNpy(encodeNpy(tensor([[1, 2]])), 'x.npy') // [[1, 2]]
 */
export function decodeNpy(bytes: Uint8Array, name = 'the array'): Tensor {
  wantBytes(bytes, 'read an array');
  const fail: Fail = (why) =>
    new InputError(`Cannot read ${String(name)}: ${why}; give a complete .npy file of numbers`);
  const { kind, read, little, fortran, shape, start } = readHeader(bytes, fail);
  const size = Number(kind.slice(1));
  const count = shape.includes(0) ? 0 : sizeOf(shape);
  if (bytes.length - start !== count * size) {
    const needs = Number.isSafeInteger(count * size)
      ? `${count * size} bytes`
      : 'more bytes than a file can have';
    const has = bytes.length - start;
    throw fail(`its shape ${formatShape(shape)} needs ${needs} of values, it has ${has}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const dtype = kind === 'f4' ? 'float32' : 'float64';
  const data = allocate(count, dtype);
  const isWide = kind === 'i8' || kind === 'u8';
  for (let i = 0; i < count; i++) {
    data[i] = Number(read(view, i * size, little));
    if (isWide && !Number.isSafeInteger(data[i])) {
      throw fail(`its integer ${read(view, i * size, little)} is beyond ±2⁵³`);
    }
  }
  if (!fortran) return fromData(data, shape);
  return contiguous({ data, shape, stride: columnMajor(shape), offset: 0, dtype });
}
