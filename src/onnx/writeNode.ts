import { create } from '@bufbuild/protobuf';
import { typeNumbers } from '../layers/types.ts';
import { encodeValues, toInt64 } from '../model/data/encode.ts';
import type { AttributeValue, GraphNode, StoredTensor } from '../model/data/format.ts';
import { InputError } from '../tensor/errors.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from './generated/onnx_pb.ts';

/** Attributes that ONNX defines as floats wherever they occur: a JSON number does not say. Source: its operator schemas. */
const floatAttributes: ReadonlySet<string> = new Set(
  `activation_alpha activation_beta activation_params alpha beta bias clip cubic_coeff_a epsilon extrapolation_value gamma height_scale high lambd
  low mask_filter_value mean momentum ratio scale scales softcap spatial_scale threshold value_float value_floats weights width_scale`.split(
    /\s+/,
  ),
);
/** Attributes that are floats for these operators alone. */
const floatFor: ReadonlyMap<string, readonly string[]> = new Map([
  ['min', ['Clip']],
  ['max', ['Clip']],
  ['value', ['Pad']],
  [
    'seed',
    ['Bernoulli', 'Multinomial', 'RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike'],
  ],
]);
const stringLists: ReadonlySet<string> = new Set(['activations', 'value_strings']);
/** Operators that are nothing without their subgraphs, which are not kept. */
const needSubgraphs: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);

interface Place {
  readonly op: string;
  readonly name: string;
  readonly opset: number;
}

function isFloat({ op, name, opset }: Place, values: readonly number[]): boolean {
  if (values.some((value) => !Number.isInteger(value))) return true;
  // The p of pools was a float before version 2.
  if (name === 'p' && (op === 'LpPool' || op === 'GlobalLpPool')) return opset < 2;
  return floatAttributes.has(name) || floatFor.get(name)?.includes(op) === true;
}

export function writeTensor(name: string, { dtype, shape, bytes }: StoredTensor): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: typeNumbers[dtype],
    rawData: bytes,
  });
}

const encoder = new TextEncoder();

type Fields = Partial<Pick<AttributeProto, 'type' | 'f' | 'i' | 's' | 't' | 'floats' | 'ints' | 'strings'>>;

function listFields(place: Place, list: readonly (number | string)[]): Fields {
  const isText = list.length === 0 ? stringLists.has(place.name) : typeof list[0] === 'string';
  if (isText) return { type: 8, strings: list.map((each) => encoder.encode(String(each))) };
  const numbers = list as readonly number[];
  if (isFloat(place, numbers)) return { type: 6, floats: numbers.map(Math.fround) };
  return { type: 7, ints: numbers.map(toInt64) };
}

function attributeFields(place: Place, value: AttributeValue): Fields {
  if (typeof value === 'string') return { type: 3, s: encoder.encode(value) };
  if (typeof value === 'number') {
    return isFloat(place, [value]) ? { type: 1, f: Math.fround(value) } : { type: 2, i: toInt64(value) };
  }
  if ('values' in value && 'dtype' in value) {
    const { dtype, shape, values } = value;
    return { type: 4, t: writeTensor(place.name, { dtype, shape, bytes: encodeValues(dtype, values) }) };
  }
  return listFields(place, value as readonly (number | string)[]);
}

/** The domain of an operator's name, '' for ONNX's own. */
export const domainOf = (op: string): string => op.slice(0, Math.max(0, op.lastIndexOf('.')));

/** @throws InputError for an operator whose subgraphs are gone. */
export function writeNode({ name, op, inputs, outputs, attributes }: GraphNode, opset: number): NodeProto {
  if (needSubgraphs.has(op)) {
    throw new InputError(
      `Cannot write the model as ONNX: the graphs inside ${op} "${name}" are not kept by jetgrad`,
    );
  }
  return create(NodeProtoSchema, {
    name,
    opType: op.slice(op.lastIndexOf('.') + 1),
    domain: domainOf(op),
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([key, value]) =>
      create(AttributeProtoSchema, { name: key, ...attributeFields({ op, name: key, opset }, value) }),
    ),
  });
}
