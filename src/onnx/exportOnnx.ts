import { create, toBinary } from '@bufbuild/protobuf';
import { encodeValues } from '../model/encode.ts';
import type {
  AttributeValue,
  ElementType,
  GraphNode,
  ModelData,
  StoredTensor,
  ValueInfo,
} from '../model/format.ts';
import { typeNumbers } from './elementTypes.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './generated/onnx_pb.ts';

/** Attributes that ONNX defines as floats: a JSON number does not say. `value_float` and `value_floats` are of Constant. */
const floatAttributes: ReadonlySet<string> = new Set([
  ...[
    'alpha',
    'beta',
    'gamma',
    'epsilon',
    'momentum',
    'ratio',
    'lambd',
    'bias',
    'cubic_coeff_a',
    'extrapolation_value',
  ],
  ...[
    'value_float',
    'value_floats',
    'scales',
    'spatial_scale',
    'mean',
    'scale',
    'high',
    'low',
    'threshold',
    'clip',
  ],
]);
/** Attributes that are floats only for these operators. */
const floatFor: Readonly<Record<string, readonly string[]>> = {
  Clip: ['min', 'max'],
  Pad: ['value'],
  Upsample: ['scales', 'width_scale', 'height_scale'],
  Dropout: ['ratio'],
};
/** … and integers for these. */
const integerFor: Readonly<Record<string, readonly string[]>> = { LpNormalization: ['p'], LpPool: ['p'] };

const encoder = new TextEncoder();

function isFloat(op: string, name: string, values: readonly number[]): boolean {
  if (integerFor[op]?.includes(name)) return false;
  return (
    floatAttributes.has(name) ||
    floatFor[op]?.includes(name) === true ||
    values.some((v) => !Number.isInteger(v))
  );
}

/** Versions of the file format that go with an operator set. Source: the ONNX table of released versions. */
function irVersion(opset: number): bigint {
  const table = [
    [21, 10n],
    [20, 9n],
    [15, 8n],
    [12, 7n],
    [11, 6n],
    [10, 5n],
    [9, 4n],
  ] as const;
  return table.find(([least]) => opset >= least)?.[1] ?? 3n;
}

function writeTensor(name: string, { dtype, shape, bytes }: StoredTensor): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: typeNumbers[dtype],
    rawData: bytes,
  });
}

function bytesOf(dtype: ElementType, values: readonly number[]): Uint8Array {
  return encodeValues(dtype, dtype.endsWith('64') && dtype !== 'float64' ? values.map(BigInt) : values);
}

function writeAttribute(op: string, name: string, value: AttributeValue): AttributeProto {
  const attribute = (fields: Partial<Omit<AttributeProto, '$typeName' | '$unknown'>>) =>
    create(AttributeProtoSchema, { name, ...fields });
  if (typeof value === 'string') return attribute({ type: 3, s: encoder.encode(value) });
  if (typeof value === 'number') {
    return isFloat(op, name, [value])
      ? attribute({ type: 1, f: value })
      : attribute({ type: 2, i: BigInt(value) });
  }
  if ('values' in value && 'dtype' in value) {
    const { dtype, shape, values } = value;
    return attribute({ type: 4, t: writeTensor(name, { dtype, shape, bytes: bytesOf(dtype, values) }) });
  }
  const list = value as readonly (number | string)[];
  if (list.some((each) => typeof each === 'string')) {
    return attribute({ type: 8, strings: list.map((each) => encoder.encode(String(each))) });
  }
  const numbers = list as readonly number[];
  return isFloat(op, name, numbers)
    ? attribute({ type: 6, floats: [...numbers] })
    : attribute({ type: 7, ints: numbers.map(BigInt) });
}

function writeNode({ name, op, inputs, outputs, attributes }: GraphNode): NodeProto {
  const dot = op.lastIndexOf('.');
  return create(NodeProtoSchema, {
    name,
    opType: op.slice(dot + 1),
    domain: op.slice(0, Math.max(0, dot)),
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([key, value]) => writeAttribute(op, key, value)),
  });
}

function writeValue({ name, shape, dtype }: ValueInfo): ValueInfoProto {
  const dim = shape?.map((length) =>
    typeof length === 'string' ? { dimParam: length } : { dimValue: BigInt(length) },
  );
  const tensorType = { elemType: typeNumbers[dtype], ...(dim && { shape: { dim } }) };
  return create(ValueInfoProtoSchema, { name, type: { tensorType } });
}

/** The highest operator set of each domain but ONNX's own is not known: 1. */
function domainsOf(nodes: readonly GraphNode[]): string[] {
  return [...new Set(nodes.map(({ op }) => op.slice(0, Math.max(0, op.lastIndexOf('.')))))].filter(
    (domain) => domain !== '',
  );
}

/**
 * Model data as an ONNX file, with the operator set it was read with. Labels and preprocessing have no place in ONNX and are
 * left out.
 */
export function exportOnnx(model: ModelData): Uint8Array {
  const { name, nodes, outputs, tensors, source } = model;
  const others = domainsOf(nodes).map((domain) => ({ domain, version: 1n }));
  const proto = create(ModelProtoSchema, {
    irVersion: irVersion(source.opset),
    producerName: 'jetgrad',
    opsetImport: [{ domain: '', version: BigInt(source.opset) }, ...others],
    graph: {
      name,
      node: nodes.map(writeNode),
      initializer: [...tensors].map(([key, stored]) => writeTensor(key, stored)),
      input: exportedInputs(model).map(writeValue),
      output: outputs.map(writeValue),
    },
  });
  return toBinary(ModelProtoSchema, proto);
}

/** Before file version 4 constants had to be listed among the inputs. */
function exportedInputs({ inputs, tensors, source }: ModelData): readonly ValueInfo[] {
  if (irVersion(source.opset) >= 4n) return inputs;
  return [...inputs, ...[...tensors].map(([name, { shape, dtype }]) => ({ name, shape, dtype }))];
}
