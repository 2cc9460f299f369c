import { fromBinary } from '@bufbuild/protobuf';
import { decodeTensor } from '../model/data/decode.ts';
import { encodeValues } from '../model/data/encode.ts';
import type {
  Attributes,
  AttributeValue,
  ElementType,
  GraphAttribute,
  GraphNode,
  StoredTensor,
} from '../model/data/format.ts';
import { InputError } from '../tensor/errors.ts';
import { beyond, limits } from '../tensor/limits.ts';
import { type AttributeProto, GraphProtoSchema, type NodeProto } from './generated/onnx_pb.ts';
import type { ReadExternal } from './readExternal.ts';
import { readTensor } from './readTensor.ts';

const decoder = new TextDecoder();

type Reader = (proto: AttributeProto, readExternal: ReadExternal | undefined) => AttributeValue | undefined;

const GRAPH = 5; // AttributeProto.type

/** Attribute types by ONNX's number; graphs are read with the node. Sparse tensors are left out: their operators are refused by name. */
const attributeReaders: Readonly<Record<number, Reader>> = {
  1: ({ f }) => f,
  2: ({ i }) => Number(i),
  3: ({ s }) => decoder.decode(s),
  4: ({ t }, readExternal) => {
    if (t === undefined) return undefined;
    const stored = readTensor(t, readExternal);
    return { dtype: stored.dtype, shape: stored.shape, values: Array.from(decodeTensor(stored).data) };
  },
  6: ({ floats }) => floats,
  7: ({ ints }) => ints.map(Number),
  8: ({ strings }) => strings.map((s) => decoder.decode(s)),
};

/** The first files of ONNX leave the type out: whichever field is filled. */
function guessedType({ f, i, s, t, g, floats, ints, strings }: AttributeProto): number {
  if (g.length > 0) return GRAPH;
  if (t !== undefined) return 4;
  if (s.length > 0) return 3;
  if (ints.length > 0) return 7;
  if (floats.length > 0) return 6;
  if (strings.length > 0) return 8;
  return f !== 0 && i === 0n ? 1 : 2;
}

function readAttributes({ attribute }: NodeProto, readExternal: ReadExternal | undefined): Attributes {
  return Object.fromEntries(
    attribute.flatMap((proto) => {
      const value = attributeReaders[proto.type || guessedType(proto)]?.(proto, readExternal);
      return value === undefined ? [] : [[proto.name, value]];
    }),
  );
}

/** The operator's name; one of another domain carries the domain, so that it is refused by name. */
export function operatorOf({ domain, opType }: NodeProto): string {
  return domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
}

/** Names of nodes: their own where nobody before has it, else with underscores; `Conv_3` for one without. */
function namesOf(nodes: readonly NodeProto[]): string[] {
  const reserved = new Set(nodes.map(({ name }) => name));
  const used = new Set<string>();
  return nodes.map((proto, index) => {
    let name = proto.name;
    if (name === '' || used.has(name)) {
      name ||= `${operatorOf(proto)}_${index}`;
      while (reserved.has(name) || used.has(name)) name += '_';
    }
    used.add(name);
    return name;
  });
}

/** Outputs of which the first, that nothing reads, has a name that nothing else has: of a GRU whose last state alone is wanted. */
function firstNamed({ output }: NodeProto, node: string, protos: readonly NodeProto[]): string[] {
  if (output.every((name) => name === '')) return output;
  const used = new Set(protos.flatMap((proto) => proto.output));
  let name = `${node}_0`;
  while (used.has(name)) name += '_';
  return [name, ...output.slice(1)];
}

const plain = (dtype: ElementType, values: readonly (number | bigint)[], shape: number[]): StoredTensor => ({
  dtype,
  shape,
  bytes: encodeValues(dtype, values),
});

/** The tensor of a Constant node, its bytes as they are; undefined for other nodes, and for text. */
function constantOf(proto: NodeProto, readExternal: ReadExternal | undefined): StoredTensor | undefined {
  if (operatorOf(proto) !== 'Constant' || proto.attribute.length !== 1) return undefined;
  const [{ name, t, f, i, floats, ints }] = proto.attribute;
  if (name === 'value') return t && readTensor(t, readExternal);
  if (name === 'value_float') return plain('float32', [f], []);
  if (name === 'value_int') return plain('int64', [i], []);
  if (name === 'value_floats') return plain('float32', floats, [floats.length]);
  return name === 'value_ints' ? plain('int64', ints, [ints.length]) : undefined;
}

interface Surroundings {
  /** Inputs and outputs of the graph: constants of these names stay nodes. */
  readonly fixed: ReadonlySet<string>;
  /** The tensors at hand; those of Constant nodes are added. */
  readonly tensors: Map<string, StoredTensor>;
  readonly readExternal: ReadExternal | undefined;
  /** The same for tensors, whose values are not looked at. */
  readonly takeExternal: ReadExternal | undefined;
  /** How many nodes the graph is inside of; none unless given. */
  readonly depth?: number;
}

/** The tensor under a name that none of the model's has yet. */
function keep(tensor: StoredTensor, name: string, tensors: Map<string, StoredTensor>): string {
  let free = name;
  while (tensors.has(free)) free += '_';
  tensors.set(free, tensor);
  return free;
}

/** A graph inside of the node `owner`. Its constants become the model's: what it reads from outside is told by its nodes alone. */
function readGraph(bytes: Uint8Array, owner: string, around: Surroundings): GraphAttribute {
  const depth = (around.depth ?? 0) + 1;
  if (depth > limits.graphs.value) throw new InputError(beyond(limits.graphs, depth));
  const graph = fromBinary(GraphProtoSchema, bytes, { readUnknownFields: false });
  const inputs = graph.input.map(({ name }) => name);
  const outputs = graph.output.map(({ name }) => name);
  const own = new Map(graph.initializer.map((proto) => [proto.name, readTensor(proto, around.takeExternal)]));
  const inner = { ...around, depth, tensors: own, fixed: new Set([...inputs, ...outputs]) };
  const nodes = readNodes(graph.node, inner);
  const names = new Map(
    [...own].map(([name, tensor]) => [name, keep(tensor, `${owner}/${name}`, around.tensors)]),
  );
  const renamed = (name: string) => names.get(name) ?? name;
  return {
    inputs,
    outputs: outputs.map(renamed),
    nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map(renamed) })),
  };
}

/** What a graph reads that it does not make. */
function freeNames({ inputs, outputs, nodes }: GraphAttribute): string[] {
  const made = new Set([...inputs, ...nodes.flatMap((node) => node.outputs)]);
  return [...nodes.flatMap((node) => node.inputs), ...outputs].filter(
    (name) => name !== '' && !made.has(name),
  );
}

/** A node with the graphs inside of it, and what they read as its last inputs. */
function withGraphs(node: GraphNode, { attribute }: NodeProto, around: Surroundings): GraphNode {
  const protos = attribute.filter((proto) => (proto.type || guessedType(proto)) === GRAPH);
  if (protos.length === 0) return node;
  const graphs = protos.map(({ name, g }) => [name, readGraph(g, `${node.name}/${name}`, around)] as const);
  const captured = [...new Set(graphs.flatMap(([, graph]) => freeNames(graph)))];
  const attributes = { ...node.attributes, ...Object.fromEntries(graphs), captured };
  return { ...node, inputs: [...node.inputs, ...captured], attributes };
}

/** The nodes of a graph, but for constants: those become tensors. @throws InputError for tensors that cannot be read. */
export function readNodes(protos: readonly NodeProto[], around: Surroundings): GraphNode[] {
  const { fixed, tensors, readExternal, takeExternal } = around;
  const names = namesOf(protos);
  return protos.flatMap((proto, index) => {
    const [output = ''] = proto.output;
    const isFree = output !== '' && !fixed.has(output) && !tensors.has(output);
    const constant = isFree ? constantOf(proto, takeExternal) : undefined;
    // A float64 one stays a node: it takes the precision of the run.
    if (constant !== undefined && constant.dtype !== 'float64') {
      tensors.set(output, constant);
      return [];
    }
    const node = {
      name: names[index],
      op: operatorOf(proto),
      inputs: proto.input,
      outputs: output === '' ? firstNamed(proto, names[index], protos) : proto.output,
      attributes: readAttributes(proto, readExternal),
    };
    return withGraphs(node, proto, around);
  });
}
