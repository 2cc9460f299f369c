import { create } from '@bufbuild/protobuf';
import { InputError } from '../tensor/errors.ts';
import { beyond, limits } from '../tensor/limits.ts';
import type { AttributeProto, FunctionProto, GraphProto, NodeProto } from './generated/onnx_pb.ts';
import { NodeProtoSchema } from './generated/onnx_pb.ts';
import { attributeLike, boundNode, nodeLike, withGraph } from './innerGraphs.ts';
import { createNames } from './rewriting/rewriteNodes.ts';

const ownDomain = (domain: string) => (domain === 'ai.onnx' ? '' : domain);
const keyOf = (domain: string, name: string, overload: string) =>
  JSON.stringify([ownDomain(domain), name, overload]);

/** The functions that a node is inside of, innermost first. */
interface Calls {
  readonly key: string;
  readonly outer: Calls | undefined;
}

interface Pending {
  readonly node: NodeProto;
  readonly calls: Calls | undefined;
}

function isInside(calls: Calls | undefined, key: string): boolean {
  for (let at = calls; at !== undefined; at = at.outer) if (at.key === key) return true;
  return false;
}

/** An attribute in the body of a function: where it refers to one of the call it is that one, else the default, else none. */
function bound(attribute: AttributeProto, given: ReadonlyMap<string, AttributeProto>): AttributeProto[] {
  if (attribute.refAttrName === '') return [attribute];
  const value = given.get(attribute.refAttrName);
  return value === undefined ? [] : [attributeLike(value, { name: attribute.name })];
}

const describeCall = ({ name, domain, opType }: NodeProto) =>
  `${domain}.${opType}${name === '' ? '' : ` "${name}"`}`;

/** The body of a function in the place of a call: its tensors have names of their own, its inputs and outputs those of the call. */
function bodyOf(call: NodeProto, fn: FunctionProto, unique: (wanted: string) => string): NodeProto[] {
  if (call.input.length > fn.input.length || call.output.length > fn.output.length) {
    throw new InputError(
      `${describeCall(call)} has ${call.input.length} inputs and ${call.output.length} outputs, its function takes ${fn.input.length} and gives ${fn.output.length}`,
    );
  }
  const place = call.name || call.output.find((name) => name !== '') || call.opType;
  const names = new Map<string, string>([['', '']]);
  fn.input.forEach((name, i) => {
    names.set(name, call.input[i] ?? '');
  });
  const passed: NodeProto[] = [];
  fn.output.forEach((name, i) => {
    const wanted = call.output[i] ?? '';
    if (wanted === '') return;
    const known = names.get(name);
    if (known === undefined) names.set(name, wanted);
    else passed.push(create(NodeProtoSchema, { opType: 'Identity', input: [known], output: [wanted] }));
  });
  const renamed = (name: string) => {
    const known = names.get(name) ?? unique(`${place}/${name}`);
    names.set(name, known);
    return known;
  };
  const given = new Map([...fn.attributeProto, ...call.attribute].map((each) => [each.name, each]));
  const binding = { rename: renamed, bind: (attribute: AttributeProto) => bound(attribute, given) };
  const body = fn.node.map((node) =>
    nodeLike(boundNode(node, binding), {
      name: `${place}/${node.name || node.opType}`,
      output: node.output.map(renamed),
    }),
  );
  return [...body, ...passed];
}

/**
 * The nodes of a graph with the bodies of the model's own functions in the place of their calls, those inside of one another, too. What
 * operator set a function asks for may differ from the model's: ONNX demands that its nodes mean the same in both.
 * @throws InputError for a function that calls itself, through others or not, and for more nodes than a network may have.
 */
export function inlineFunctions(
  graph: GraphProto,
  functions: readonly FunctionProto[],
): readonly NodeProto[] {
  if (functions.length === 0) return graph.node;
  const known = new Map(functions.map((fn) => [keyOf(fn.domain, fn.name, fn.overload), fn]));
  const unique = createNames([
    ...graph.node.flatMap(({ input, output }) => [...input, ...output]),
    ...[...graph.input, ...graph.output, ...graph.initializer].map(({ name }) => name),
  ]);
  return inlined(graph.node, undefined, { known, unique, made: 0, depth: 0 });
}

interface Inlining {
  readonly known: ReadonlyMap<string, FunctionProto>;
  readonly unique: (wanted: string) => string;
  /** Nodes that bodies have made so far. */
  made: number;
  /** How many nodes the graph at hand is inside of. */
  depth: number;
}

/** A node with the calls in the graphs inside of it replaced. */
function withInner(node: NodeProto, calls: Calls | undefined, inlining: Inlining): NodeProto {
  if (node.attribute.every(({ g }) => g.length === 0)) return node;
  inlining.depth++;
  const attribute = node.attribute.map((each) =>
    withGraph(each, inlining.depth, (graph) => ({ node: inlined(graph.node, calls, inlining) })),
  );
  inlining.depth--;
  return nodeLike(node, { attribute });
}

function inlined(nodes: readonly NodeProto[], inside: Calls | undefined, inlining: Inlining): NodeProto[] {
  const { known, unique } = inlining;
  const out: NodeProto[] = [];
  const pending: Pending[] = nodes.map((node) => ({ node, calls: inside })).reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, calls } = next;
    const key = keyOf(node.domain, node.opType, node.overload);
    const fn = known.get(key);
    if (fn === undefined) {
      out.push(withInner(node, calls, inlining));
      continue;
    }
    if (isInside(calls, key)) {
      throw new InputError(`its function ${node.domain}.${node.opType} calls itself, which never ends`);
    }
    const body = bodyOf(node, fn, unique);
    inlining.made += body.length;
    if (inlining.made > limits.inlined.value) throw new InputError(beyond(limits.inlined, inlining.made));
    for (const each of body.reverse()) pending.push({ node: each, calls: { key, outer: calls } });
  }
  return out;
}
