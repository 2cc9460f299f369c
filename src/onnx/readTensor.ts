import { elementTypeOf, isFloat } from '../layers/types.ts';
import { bytesOf, elementSize } from '../model/data/decode.ts';
import { encodeValues } from '../model/data/encode.ts';
import type { ElementType, StoredTensor } from '../model/data/format.ts';
import { leavesFolder } from '../model/file/leavesFolder.ts';
import { InputError } from '../tensor/errors.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { describeUnheld } from './elementTypes.ts';
import type { TensorProto } from './generated/onnx_pb.ts';
import type { ReadExternal } from './readExternal.ts';

const EXTERNAL = 1; // TensorProto.DataLocation

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const out = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** As what the elements stand in int32_data: narrow floats as their bits, those of four and two bits as their bytes. */
function bitsIn32(dtype: ElementType): ElementType {
  if (dtype === 'float16' || dtype === 'bfloat16') return 'uint16';
  return isFloat(dtype) || elementSize[dtype] < 1 ? 'uint8' : dtype;
}

function typedBytes(proto: TensorProto, dtype: ElementType): Uint8Array {
  if (dtype === 'float32') return joined(proto.floatData);
  if (dtype === 'float64') return joined(proto.doubleData);
  if (dtype === 'int64') return encodeValues(dtype, proto.int64Data);
  if (dtype === 'uint64' || dtype === 'uint32') return encodeValues(dtype, proto.uint64Data);
  return encodeValues(bitsIn32(dtype), proto.int32Data);
}

/** A tensor's bytes in a file of their own; `wanted` is how many its shape needs. */
function externalBytes(
  { name, externalData }: TensorProto,
  wanted: number,
  readExternal: ReadExternal | undefined,
): Uint8Array {
  const entries = new Map(externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  if (leavesFolder(location)) {
    throw new InputError(
      `tensor ${name} lies in ${JSON.stringify(location)}; a file in the model's own folder is wanted`,
    );
  }
  const [offset, length] = [entries.get('offset') ?? '0', entries.get('length') ?? String(wanted)];
  if (!/^\d{1,15}$/.test(offset) || Number(length) !== wanted) {
    throw new InputError(
      `tensor ${name} lies at offset ${offset} of ${location} with ${length} bytes, its shape needs ${wanted}`,
    );
  }
  if (readExternal === undefined) {
    throw new InputError(
      `tensor ${name} lies in the file ${location}, which is not given; keep it beside the model`,
    );
  }
  return readExternal(location, Number(offset), wanted);
}

/** A tensor's raw bytes where they are not in the message. */
export interface LargeBytes {
  readonly length: number;
  take(outline: Pick<StoredTensor, 'dtype' | 'shape'>): StoredTensor;
}

/**
 * A TensorProto's values as stored bytes: views of the file's where it holds them as bytes, narrow floats as they are.
 * @throws InputError for a type that jetgrad does not hold, or data that do not fill the shape.
 */
export function readTensor(
  proto: TensorProto,
  readExternal?: ReadExternal,
  large?: LargeBytes,
): StoredTensor {
  const { name, rawData, dataLocation } = proto;
  const dtype = elementTypeOf(proto.dataType);
  if (dtype === undefined) {
    throw new InputError(`tensor ${name} ${describeUnheld(proto.dataType)}`);
  }
  const shape = proto.dims.map(Number);
  const wanted = bytesOf(dtype, sizeOf(shape));
  if (shape.some((length) => length < 0 || !Number.isSafeInteger(length)) || !Number.isSafeInteger(wanted)) {
    throw new InputError(`tensor ${name} cannot have the shape ${formatShape(shape)}`);
  }
  const checked = ({ length }: { readonly length: number }) => {
    if (length === wanted) return;
    throw new InputError(
      `tensor ${name} holds ${length} bytes, its shape ${formatShape(shape)} of ${dtype} needs ${wanted}`,
    );
  };
  if (dataLocation !== EXTERNAL && large !== undefined) {
    checked(large);
    return large.take({ dtype, shape });
  }
  const inside = () => (rawData.length > 0 ? rawData : typedBytes(proto, dtype));
  const bytes = dataLocation === EXTERNAL ? externalBytes(proto, wanted, readExternal) : inside();
  checked(bytes);
  return { dtype, shape, bytes };
}
