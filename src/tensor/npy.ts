import { InputError } from './errors.ts';
import { formatShape, sizeOf } from './shape.ts';
import { contiguous, fromData, type Tensor } from './tensor.ts';

const MAGIC = '\x93NUMPY';
const ALIGNMENT = 64;

/** A tensor as an .npy file, version 1.0, little-endian, row-major. Source: NumPy's format specification. */
export function encodeNpy(x: Tensor): Uint8Array {
  const { data } = contiguous(x);
  const shape = x.shape.length === 1 ? `${x.shape[0]},` : x.shape.join(', ');
  const kind = x.dtype === 'float32' ? '<f4' : '<f8';
  const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${shape}), }`;
  const length = Math.ceil((MAGIC.length + 4 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const out = new Uint8Array(length + data.byteLength);
  const header = `${text.padEnd(length - MAGIC.length - 5)}\n`;
  const write = (at: number, ascii: string) => {
    for (let i = 0; i < ascii.length; i++) out[at + i] = ascii.charCodeAt(i);
  };
  write(0, MAGIC);
  out[6] = 1;
  new DataView(out.buffer).setUint16(8, header.length, true);
  write(10, header);
  const view = new DataView(out.buffer, length);
  for (let i = 0; i < data.length; i++) {
    if (x.dtype === 'float32') view.setFloat32(4 * i, data[i], true);
    else view.setFloat64(8 * i, data[i], true);
  }
  return out;
}

type Read = (view: DataView, at: number, little: boolean) => number;

/** Element kinds by NumPy's letter and size. */
const kinds: Readonly<Record<string, readonly [size: number, read: Read]>> = {
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
  i1: [1, (view, at) => view.getInt8(at)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  u1: [1, (view, at) => view.getUint8(at)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  b1: [1, (view, at) => view.getUint8(at)],
};

/** Column-major values in row-major order. */
function fromFortran(values: Float64Array | Float32Array, shape: readonly number[]): Tensor {
  const stride: number[] = [];
  let step = 1;
  for (const length of shape) {
    stride.push(step);
    step *= length;
  }
  const dtype = values instanceof Float32Array ? 'float32' : 'float64';
  return contiguous({ data: values, shape, stride, offset: 0, dtype });
}

/**
 * The array of an .npy file, versions 1 to 3: float32 stays, all other kinds become float64.
 * @throws InputError for a file that is not .npy, is cut short, or holds another kind.
 */
export function decodeNpy(bytes: Uint8Array, name: string): Tensor {
  const fail = (why: string) =>
    new InputError(`Cannot read ${name}: ${why}; give a complete .npy file of numbers`);
  if (bytes.length < 10 || !Array.from(MAGIC).every((letter, i) => bytes[i] === letter.charCodeAt(0))) {
    throw fail(bytes.length === 0 ? 'the file is empty' : 'it is not an .npy file');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6] > 1;
  if (wide && bytes.length < 12) throw fail('its header is cut short');
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw fail('its header is cut short');
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const descr = /'descr':\s*'([<>|=])(\w+)'/.exec(header);
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header);
  const kind = descr === null ? undefined : kinds[descr[2]];
  if (descr === null || shapeText === null || kind === undefined)
    throw fail('it holds no numbers that jetgrad reads');
  const shape = shapeText[1]
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const [size, read] = kind;
  const count = sizeOf(shape);
  if (bytes.length - end !== count * size) {
    throw fail(
      `its shape ${formatShape(shape)} needs ${count * size} bytes of data, it has ${bytes.length - end}`,
    );
  }
  const values = descr[2] === 'f4' ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, end + i * size, descr[1] !== '>');
  return /'fortran_order':\s*True/.test(header) ? fromFortran(values, shape) : fromData(values, shape);
}
