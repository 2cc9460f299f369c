import { fromBinary } from '@bufbuild/protobuf';
import { decodeTensor } from '../model/decode.ts';
import type {
  Attributes,
  AttributeValue,
  GraphNode,
  ModelData,
  Preprocessing,
  StoredTensor,
  ValueInfo,
} from '../model/format.ts';
import { InputError } from '../tensor/errors.ts';
import { elementTypeOf } from './elementTypes.ts';
import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type ValueInfoProto,
} from './generated/onnx_pb.ts';
import { type ReadExternal, readTensor } from './readTensor.ts';

export interface ImportOptions {
  readonly name?: string | undefined;
  readonly file?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly preprocessing?: Preprocessing | undefined;
  readonly readExternal?: ReadExternal | undefined;
}

const decoder = new TextDecoder();

/** Attribute types by ONNX's number. Graphs and sparse tensors are left out: their operators are refused by name. */
const attributeReaders: Readonly<Record<number, (proto: AttributeProto) => AttributeValue | undefined>> = {
  1: ({ f }) => f,
  2: ({ i }) => Number(i),
  3: ({ s }) => decoder.decode(s),
  4: ({ t }) => {
    if (t === undefined) return undefined;
    const stored = readTensor(t);
    return { dtype: stored.dtype, shape: stored.shape, values: Array.from(decodeTensor(stored).data) };
  },
  6: ({ floats }) => floats,
  7: ({ ints }) => ints.map(Number),
  8: ({ strings }) => strings.map((s) => decoder.decode(s)),
};

/** Very old files leave the type out: whichever field is filled. */
function guessedType({ f, i, s, t, floats, ints, strings }: AttributeProto): number {
  if (t !== undefined) return 4;
  if (s.length > 0) return 3;
  if (ints.length > 0) return 7;
  if (floats.length > 0) return 6;
  if (strings.length > 0) return 8;
  return f !== 0 && i === 0n ? 1 : 2;
}

function readAttributes({ attribute }: NodeProto): Attributes {
  return Object.fromEntries(
    attribute.flatMap((proto) => {
      const value = attributeReaders[proto.type || guessedType(proto)]?.(proto);
      return value === undefined ? [] : [[proto.name, value]];
    }),
  );
}

/** The operator's name; one of another domain carries the domain, so that it is refused by name. */
function operatorOf({ domain, opType }: NodeProto): string {
  return domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
}

function readNodes({ node }: GraphProto): GraphNode[] {
  const taken = new Set(node.map(({ name }) => name).filter((name) => name !== ''));
  const used = new Set<string>();
  return node.map((proto, index) => {
    const op = operatorOf(proto);
    let name = proto.name === '' ? `${op}_${index}` : proto.name;
    while (used.has(name) || (proto.name === '' && taken.has(name))) name += '_';
    used.add(name);
    return { name, op, inputs: proto.input, outputs: proto.output, attributes: readAttributes(proto) };
  });
}

function readValue({ name, type }: ValueInfoProto): ValueInfo {
  const tensor = type?.tensorType;
  const dtype = elementTypeOf(tensor?.elemType ?? 1) ?? 'float32';
  const shape = tensor?.shape?.dim.map(({ dimValue, dimParam }, axis) =>
    dimParam !== '' ? dimParam : dimValue > 0n ? Number(dimValue) : `dim_${axis}`,
  );
  return shape === undefined ? { name, dtype } : { name, shape, dtype };
}

/** Nodes in an order in which every input is made before it is read. @throws InputError for what nothing makes. */
function inOrder(nodes: readonly GraphNode[], given: Iterable<string>, what: string): GraphNode[] {
  const known = new Set(given);
  const sorted: GraphNode[] = [];
  let waiting = [...nodes];
  while (waiting.length > 0) {
    const later: GraphNode[] = [];
    for (const node of waiting) {
      if (node.inputs.every((input) => input === '' || known.has(input))) {
        sorted.push(node);
        for (const output of node.outputs) known.add(output);
      } else later.push(node);
    }
    if (later.length === waiting.length) {
      const [node] = later;
      const missing = node.inputs.find((input) => input !== '' && !known.has(input));
      throw new InputError(
        `Cannot read ${what}: ${node.op} "${node.name}" reads ${missing}, which nothing before it makes`,
      );
    }
    waiting = later;
  }
  return sorted;
}

function parse(bytes: Uint8Array, what: string): { model: ModelProto; graph: GraphProto } {
  let model: ModelProto | undefined;
  try {
    if (bytes.length > 0) model = fromBinary(ModelProtoSchema, bytes);
  } catch {
    model = undefined;
  }
  if (model?.graph === undefined || model.opsetImport.length === 0) {
    const why = bytes.length === 0 ? 'the file is empty' : 'it is not an ONNX model, or it is cut short';
    throw new InputError(`Cannot read ${what}: ${why}; give a complete .onnx file`);
  }
  if (model.graph.node.length === 0 || model.graph.output.length === 0) {
    throw new InputError(`Cannot read ${what}: its graph has no nodes or no outputs; is the file cut short?`);
  }
  return { model, graph: model.graph };
}

/**
 * An ONNX file as model data: nodes with their original semantics, constants as tensors (views of the file's bytes where
 * it holds them raw).
 * @throws InputError when the bytes are not a whole ONNX model, or its graph does not fit together.
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): ModelData {
  const { name, file, labels, preprocessing, readExternal } = options;
  const what = file ?? name ?? 'the model';
  const { model, graph } = parse(bytes, what);
  const tensors = new Map<string, StoredTensor>();
  try {
    for (const proto of graph.initializer) tensors.set(proto.name, readTensor(proto, readExternal));
    const inputs = graph.input.map(readValue).filter((input) => !tensors.has(input.name));
    const nodes = inOrder(readNodes(graph), [...inputs.map((input) => input.name), ...tensors.keys()], what);
    const opset =
      model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 1n;
    return {
      name: name ?? graph.name,
      inputs: inputs.map((input, i) => (i === 0 && preprocessing ? { ...input, preprocessing } : input)),
      outputs: graph.output.map(readValue),
      ...(labels && { labels }),
      nodes,
      tensors,
      source: { producer: model.producerName, opset: Number(opset), ...(file && { file }) },
    };
  } catch (error) {
    if (!(error instanceof InputError) || error.message.startsWith('Cannot read')) throw error;
    throw new InputError(`Cannot read ${what}: ${error.message}`);
  }
}
