import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { InputError } from '../tensor/errors.ts';
import { beyond, limits } from '../tensor/limits.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  ValueInfoProtoSchema,
} from './generated/onnx_pb.ts';

/** A message like another but for some fields: those that are not set are the prototype's, which a spread would lose. */
export const nodeLike = (node: NodeProto, fields: Partial<NodeProto>): NodeProto =>
  Object.assign(create(NodeProtoSchema), node, fields);
export const attributeLike = (attribute: AttributeProto, fields: Partial<AttributeProto>): AttributeProto =>
  Object.assign(create(AttributeProtoSchema), attribute, fields);

/** An attribute with the graph in it changed, where it holds one at this depth. @throws InputError for more levels than there may be. */
export function withGraph(
  attribute: AttributeProto,
  depth: number,
  change: (graph: GraphProto) => Partial<GraphProto>,
): AttributeProto {
  if (attribute.g.length === 0) return attribute;
  if (depth > limits.graphs.value) throw new InputError(beyond(limits.graphs, depth));
  const graph = fromBinary(GraphProtoSchema, attribute.g, { readUnknownFields: false });
  return attributeLike(attribute, { g: toBinary(GraphProtoSchema, Object.assign(graph, change(graph))) });
}

/** How names and attributes of a function's body become those of a call. */
export interface Binding {
  readonly rename: (name: string) => string;
  readonly bind: (attribute: AttributeProto) => AttributeProto[];
}

/** A node of a function's body as a call has it: its inputs, its attributes, and what the graphs inside of it read from outside. */
export function boundNode(node: NodeProto, { rename, bind }: Binding, depth = 1): NodeProto {
  const attribute = node.attribute
    .flatMap(bind)
    .map((each) => withGraph(each, depth, (graph) => boundGraph(graph, { rename, bind }, depth)));
  return nodeLike(node, { input: node.input.map(rename), attribute });
}

function boundGraph(graph: GraphProto, { rename, bind }: Binding, depth: number): Partial<GraphProto> {
  const given = [...graph.input, ...graph.initializer].map(({ name }) => name);
  const own = new Set([...given, ...graph.node.flatMap(({ output }) => output)]);
  const inner = { rename: (name: string) => (own.has(name) ? name : rename(name)), bind };
  return {
    node: graph.node.map((node) => boundNode(node, inner, depth + 1)),
    output: graph.output.map((value) =>
      Object.assign(create(ValueInfoProtoSchema), value, { name: inner.rename(value.name) }),
    ),
  };
}
