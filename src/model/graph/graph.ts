import { layerOf, layers as ownLayers } from '../../layers/index.ts';
import type { Layer, Layers } from '../../layers/layer.ts';
import { InputError, ShapeError, UnsupportedOperationError } from '../../tensor/errors.ts';
import type { GraphNode, ModelData } from '../data/format.ts';
import { type Links, linksOf } from './links.ts';

/** Which nodes of a graph depend on what. Tensor names; nodes in the order of the file, which is topological. */
export interface Graph extends Links {
  readonly data: ModelData;
  /** The rows of its operators, those that were given with the model among them. */
  readonly layers: Layers;
}

const LONGEST_NAME = 80;

/** A node as messages name it: 'Conv "features.0"'. */
export function describeNode({ op, name }: Pick<GraphNode, 'op' | 'name'>): string {
  const cut = (text: string) => (text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text);
  return `${cut(op)} "${cut(name)}"`;
}

export const createGraph = (data: ModelData, layers: Layers = ownLayers): Graph => ({
  data,
  layers,
  ...linksOf(data.nodes),
});

/** The row of a node's operator; undefined where there is none. */
export const rowOf = ({ layers }: Pick<Graph, 'layers'>, { op }: Pick<GraphNode, 'op'>): Layer | undefined =>
  layerOf(op, layers);

/** Tensors that are computed from the values of the sources, the sources included: not those of shapes alone. */
export function valuesFrom(graph: Graph, sources: Iterable<string>): Set<string> {
  const reached = new Set(sources);
  for (const node of graph.data.nodes) {
    if (rowOf(graph, node)?.readsShapes === true || !node.inputs.some((input) => reached.has(input)))
      continue;
    for (const output of node.outputs) if (output !== '') reached.add(output);
  }
  return reached;
}

/** Tensors that descend from the sources, the sources included. */
export function descendantsOf({ data }: Graph, sources: Iterable<string>): Set<string> {
  const reached = new Set(sources);
  for (const node of data.nodes) {
    if (node.inputs.some((input) => reached.has(input))) {
      for (const output of node.outputs) if (output !== '') reached.add(output);
    }
  }
  return reached;
}

/** Nodes needed for the targets when the `given` tensors are at hand, in order. */
export function nodesFor(
  { data }: Graph,
  targets: Iterable<string>,
  given: ReadonlySet<string>,
): GraphNode[] {
  const needed = new Set(targets);
  const nodes: GraphNode[] = [];
  for (let i = data.nodes.length - 1; i >= 0; i--) {
    const node = data.nodes[i];
    if (!node.outputs.some((output) => needed.has(output) && !given.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) if (input !== '' && !given.has(input)) needed.add(input);
  }
  return nodes.reverse();
}

/** Nodes that compute with values of a tensor, on the way to others; and the tensors that are computed from it. */
export function nodesBetween(
  graph: Graph,
  from: string,
  to: readonly string[],
): { nodes: GraphNode[]; values: ReadonlySet<string> } {
  const values = valuesFrom(graph, [from]);
  const nodes = nodesFor(graph, to, new Set([from])).filter(
    (node) => rowOf(graph, node)?.readsShapes !== true && node.inputs.some((input) => values.has(input)),
  );
  return { nodes, values };
}

/**
 * Tensors that every path from `source` to any of the targets crosses, in order, both ends included where there is one target; what is known
 * of shapes alone is no path. In topological order these are the tensors that are alone alive at some point.
 */
export function cutTensors(graph: Graph, source: string, targets: readonly string[]): string[] {
  const { nodes, values: fromSource } = nodesBetween(graph, source, targets);
  const lastUse = new Map<string, number>();
  nodes.forEach((node, at) => {
    for (const input of node.inputs) if (fromSource.has(input)) lastUse.set(input, at);
  });
  for (const target of targets) lastUse.set(target, nodes.length);
  const alive = new Set([source]);
  const cuts = [source];
  nodes.forEach((node, at) => {
    for (const output of node.outputs) if (lastUse.has(output)) alive.add(output);
    for (const input of node.inputs) if (lastUse.get(input) === at) alive.delete(input);
    if (alive.size === 1) cuts.push([...alive][0]);
  });
  return [...new Set(cuts)];
}

/** The error with the node's name in it. */
export function withNode(error: unknown, node: GraphNode): unknown {
  const named = describeNode(node);
  if (!(error instanceof InputError) || error.message.includes(named)) return error;
  const message = `Cannot run ${named}: ${error.message}`;
  if (error instanceof UnsupportedOperationError)
    return new UnsupportedOperationError(message, error.operations);
  return error instanceof ShapeError ? new ShapeError(message) : new InputError(message);
}
