import { fromBinary } from '@bufbuild/protobuf';
import { decodeTensor, elementSize } from '../model/decode.ts';
import type { ElementType, StoredTensor } from '../model/format.ts';
import { InputError } from '../tensor/errors.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { elementTypeOf } from './elementTypes.ts';
import { type TensorProto, TensorProtoSchema } from './generated/onnx_pb.ts';

/** Gives bytes of a file beside the model. */
export type ReadExternal = (location: string, offset: number, length: number | undefined) => Uint8Array;

type Writer = (view: DataView, at: number, value: number | bigint) => void;

const writers: Readonly<Record<ElementType, Writer>> = {
  float64: (view, at, value) => view.setFloat64(at, Number(value), true),
  float32: (view, at, value) => view.setFloat32(at, Number(value), true),
  // float16 in int32_data holds the bits.
  float16: (view, at, value) => view.setUint16(at, Number(value), true),
  int64: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  uint64: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
  int32: (view, at, value) => view.setInt32(at, Number(value), true),
  uint32: (view, at, value) => view.setUint32(at, Number(value), true),
  int16: (view, at, value) => view.setInt16(at, Number(value), true),
  uint16: (view, at, value) => view.setUint16(at, Number(value), true),
  int8: (view, at, value) => view.setInt8(at, Number(value)),
  uint8: (view, at, value) => view.setUint8(at, Number(value)),
  bool: (view, at, value) => view.setUint8(at, Number(value)),
};

/** Little-endian bytes of values of an element type. */
export function encodeValues(dtype: ElementType, values: ArrayLike<number | bigint>): Uint8Array {
  const step = elementSize[dtype];
  const bytes = new Uint8Array(values.length * step);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) writers[dtype](view, i * step, values[i]);
  return bytes;
}

function typedValues(proto: TensorProto, dtype: ElementType): ArrayLike<number | bigint> {
  if (dtype === 'float32') return proto.floatData;
  if (dtype === 'float64') return proto.doubleData;
  if (dtype === 'int64') return proto.int64Data;
  return dtype === 'uint64' || dtype === 'uint32' ? proto.uint64Data : proto.int32Data;
}

function externalBytes(proto: TensorProto, readExternal: ReadExternal | undefined): Uint8Array {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  if (/^[/\\]|(^|[/\\])\.\.([/\\]|$)|^[A-Za-z]:/.test(location) || location === '') {
    throw new InputError(`tensor ${proto.name} lies in "${location}", which leaves the model's folder`);
  }
  if (readExternal === undefined) {
    throw new InputError(
      `tensor ${proto.name} lies in the file ${location}, which is not given; keep it beside the model`,
    );
  }
  const length = entries.get('length');
  return readExternal(
    location,
    Number(entries.get('offset') ?? 0),
    length === undefined ? undefined : Number(length),
  );
}

/** A TensorProto's values as stored bytes. @throws InputError for other types or sizes than the shape's. */
export function readTensor(proto: TensorProto, readExternal?: ReadExternal): StoredTensor {
  const dtype = elementTypeOf(proto.dataType);
  if (dtype === undefined) {
    throw new InputError(
      `tensor ${proto.name} has the ONNX element type ${proto.dataType}, which jetgrad does not hold`,
    );
  }
  const shape = proto.dims.map(Number);
  const bytes =
    proto.dataLocation === 1
      ? externalBytes(proto, readExternal)
      : proto.rawData.length > 0
        ? proto.rawData
        : encodeValues(dtype, typedValues(proto, dtype));
  const wanted = sizeOf(shape) * elementSize[dtype];
  if (shape.some((length) => length < 0) || bytes.byteLength !== wanted) {
    throw new InputError(
      `tensor ${proto.name} holds ${bytes.byteLength} bytes, its shape ${formatShape(shape)} of ${dtype} needs ${wanted}`,
    );
  }
  return { dtype, shape, bytes };
}

/**
 * A serialized TensorProto, as the ONNX backend tests keep inputs and outputs.
 * @throws InputError when the bytes are not one.
 */
export function readTensorProto(bytes: Uint8Array): { name: string; dtype: ElementType; tensor: Tensor } {
  let proto: TensorProto;
  try {
    proto = fromBinary(TensorProtoSchema, bytes);
  } catch {
    throw new InputError('Cannot read the tensor: the bytes are not a TensorProto');
  }
  const stored = readTensor(proto);
  return { name: proto.name, dtype: stored.dtype, tensor: decodeTensor(stored) };
}
