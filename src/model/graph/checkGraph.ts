import { layerOf, layers as ownLayers } from '../../layers/index.ts';
import { type AttributeKind, type Layer, type Layers, wrongAttribute } from '../../layers/layer.ts';
import { describe } from '../../tensor/describe.ts';
import { InputError } from '../../tensor/errors.ts';
import { beyond, limits } from '../../tensor/limits.ts';
import type { AttributeValue, GraphNode, ModelData } from '../data/format.ts';
import { describeNode, withNode } from './graph.ts';

type Given = Pick<ModelData, 'nodes' | 'inputs' | 'outputs' | 'tensors' | 'source'>;

const isWhole = (value: unknown) => Number.isInteger(value);
const isNumber = (value: unknown) => typeof value === 'number';
const isRecord = (value: unknown): value is object => typeof value === 'object' && !Array.isArray(value);
const isText = (value: unknown) => typeof value === 'string';
const listOf = (is: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(is);

/** What is taken as each kind, and its name. */
const kinds: Readonly<Record<AttributeKind, readonly [fits: (value: unknown) => boolean, wanted: string]>> = {
  int: [isWhole, 'a whole number'],
  ints: [listOf(isWhole), 'a list of whole numbers'],
  float: [isNumber, 'a number'],
  floats: [listOf(isNumber), 'a list of numbers'],
  text: [isText, 'a text'],
  texts: [listOf(isText), 'a list of texts'],
  tensor: [(value) => isRecord(value) && 'values' in value, 'a tensor'],
  graph: [(value) => isRecord(value) && 'nodes' in value, 'a graph'],
};

function checkAttributes(attributes: Readonly<Record<string, AttributeValue>>, layer: Layer): void {
  for (const [name, kind] of Object.entries(layer.attributes ?? {})) {
    const value = attributes[name];
    if (value === undefined) continue;
    const [fits, wanted] = kinds[kind];
    if (!fits(value)) throw wrongAttribute(name, wanted, value);
  }
}

/** How many names there are, those at the end left out that stand for nothing. */
const countNamed = (names: readonly string[]) => names.findLastIndex((name) => name !== '') + 1;

function checkCounts({ inputs, outputs }: GraphNode, layer: Layer): void {
  const [least, most] = layer.inputs;
  const [given, made] = [countNamed(inputs), countNamed(outputs)];
  if (given < least || given > most) {
    const wanted =
      least === most ? least : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
    throw new InputError(`it takes ${wanted} inputs, got ${given}`);
  }
  const absent = inputs.slice(0, least).indexOf('');
  if (absent >= 0) throw new InputError(`its input ${absent} is missing`);
  const { outputs: gives = 1 } = layer;
  if (made > gives)
    throw new InputError(`it gives ${gives === 1 ? 'one output' : `${gives} outputs`}, got ${made} names`);
  if (outputs[0] === '') throw new InputError('its first output has no name');
}

/** What a node says against what its operator takes; one that jetgrad lacks is refused elsewhere. */
function checkNode(node: GraphNode, { tensors }: Given, layers: Layers): void {
  const layer = layerOf(node.op, layers);
  if (layer === undefined) return;
  try {
    checkCounts(node, layer);
    checkAttributes(node.attributes, layer);
    layer.fits?.(
      node.inputs.map((input) => tensors.get(input)?.shape),
      node.attributes,
    );
  } catch (error) {
    throw withNode(error, node);
  }
}

function checkNames({ inputs, outputs, tensors }: Given): void {
  for (const [kind, names] of [
    ['an input', inputs.map(({ name }) => name)],
    ['an output', outputs.map(({ name }) => name)],
    ['a tensor', [...tensors.keys()]],
  ] as const) {
    if (names.includes('')) throw new InputError(`${kind} of it has no name`);
  }
}

function checkOpset(opset: unknown): void {
  if (!Number.isInteger(opset) || (opset as number) < 1) {
    throw new InputError(`its operator set must be a whole number of at least 1, got ${describe(opset)}`);
  }
  if ((opset as number) > limits.opset.value) throw new InputError(beyond(limits.opset, opset as number));
}

/** The node, by number, that makes each tensor. @throws InputError where two make it, or it is given already. */
function makersOf({ nodes, inputs, tensors }: Given): Map<string, number> {
  const given = new Set(tensors.keys());
  for (const { name } of inputs) {
    if (given.has(name)) throw new InputError(`the input ${name} is there twice`);
    given.add(name);
  }
  const makers = new Map<string, number>();
  for (const [index, node] of nodes.entries()) {
    if (node.op === '') throw new InputError(`node ${index} does not say what it does`);
    if (node.outputs.every((output) => output === '')) {
      throw new InputError(`${describeNode(node)} has no output`);
    }
    for (const output of node.outputs) {
      if (output === '') continue;
      if (given.has(output) || makers.has(output)) {
        throw new InputError(`${describeNode(node)} makes ${output}, which is there already`);
      }
      makers.set(output, index);
    }
  }
  for (const node of nodes) {
    const missing = node.inputs.find((input) => input !== '' && !given.has(input) && !makers.has(input));
    if (missing !== undefined) {
      throw new InputError(`${describeNode(node)} reads ${missing}, which nothing in the model makes`);
    }
  }
  return makers;
}

/** The nodes in an order in which every tensor is made before it is read: the order given, where that is one. */
function inOrder(nodes: readonly GraphNode[], makers: ReadonlyMap<string, number>): readonly GraphNode[] {
  const sorted: GraphNode[] = [];
  /** How many inputs of each node have been looked at; a node is done when all have been. */
  const looked = new Map<number, number>();
  const done = new Set<number>();
  for (const start of nodes.keys()) {
    const stack = done.has(start) ? [] : [start];
    while (stack.length > 0) {
      const at = stack[stack.length - 1];
      const { inputs } = nodes[at];
      let next: number | undefined;
      let i = looked.get(at) ?? 0;
      for (; i < inputs.length && next === undefined; i++) {
        const maker = makers.get(inputs[i]);
        if (maker !== undefined && !done.has(maker)) next = maker;
      }
      looked.set(at, i);
      if (next === undefined) {
        sorted.push(nodes[at]);
        done.add(at);
        stack.pop();
      } else if (looked.has(next)) {
        throw new InputError(`the graph runs in a circle through ${describeNode(nodes[next])}`);
      } else stack.push(next);
    }
  }
  return sorted.every((node, i) => node === nodes[i]) ? nodes : sorted;
}

/**
 * The nodes of a graph in an order in which every tensor is made before it is read: the order given, where that is one. Whatever
 * format it is from, a graph that is taken has names for all that is given, one maker for each tensor, no circle, and nodes with as many
 * inputs and outputs as their operators have, attributes of the right kinds, and constants that fit them.
 * @throws InputError for a graph that does not fit together.
 */
export function checkGraph(graph: Given, layers: Layers = ownLayers): readonly GraphNode[] {
  const { nodes, outputs, inputs, tensors } = graph;
  checkOpset(graph.source.opset);
  checkNames(graph);
  const makers = makersOf(graph);
  for (const { name } of outputs) {
    if (!makers.has(name) && !tensors.has(name) && inputs.every((input) => input.name !== name)) {
      throw new InputError(`nothing in the model makes its output ${name}`);
    }
  }
  for (const node of nodes) checkNode(node, graph, layers);
  return inOrder(nodes, makers);
}
