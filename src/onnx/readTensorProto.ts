import { fromBinary } from '@bufbuild/protobuf';
import { decodeTensor } from '../model/data/decode.ts';
import type { ElementType } from '../model/data/format.ts';
import { InputError } from '../tensor/errors.ts';
import { wantBytes } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type TensorProto, TensorProtoSchema } from './generated/onnx_pb.ts';
import { readTensor } from './readTensor.ts';

/**
 * A serialized TensorProto, as the ONNX backend tests keep inputs and outputs. Integers and booleans come as float64 values.
 * @throws InputError when the bytes are not one.
 * @example
 * // field 1: dims [2]; field 2: float32; field 9: raw values, little-endian
 * const bytes = Uint8Array.of(8, 2, 16, 1, 74, 8, 0, 0, 128, 63, 0, 0, 0, 64);
 * readTensorProto(bytes).tensor // [1, 2]
 */
export function readTensorProto(bytes: Uint8Array): { name: string; dtype: ElementType; tensor: Tensor } {
  wantBytes(bytes, 'read the tensor');
  let proto: TensorProto | undefined;
  try {
    if (bytes.length > 0) proto = fromBinary(TensorProtoSchema, bytes);
  } catch {
    // Said below.
  }
  if (proto === undefined) throw new InputError('Cannot read the tensor: the bytes are not a TensorProto');
  try {
    const stored = readTensor(proto);
    return { name: proto.name, dtype: stored.dtype, tensor: decodeTensor(stored) };
  } catch (error) {
    throw error instanceof InputError ? new InputError(`Cannot read the tensor: ${error.message}`) : error;
  }
}
