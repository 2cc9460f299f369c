import { InputError } from '../tensor/errors.ts';
import type { GraphNode, ModelData } from './format.ts';

type Given = Pick<ModelData, 'nodes' | 'inputs' | 'outputs' | 'tensors'>;

const describe = ({ op, name }: GraphNode) => `${op} "${name}"`;

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
      throw new InputError(`${describe(node)} has no output`);
    }
    for (const output of node.outputs) {
      if (output === '') continue;
      if (given.has(output) || makers.has(output)) {
        throw new InputError(`${describe(node)} makes ${output}, which is there already`);
      }
      makers.set(output, index);
    }
  }
  for (const node of nodes) {
    const missing = node.inputs.find((input) => input !== '' && !given.has(input) && !makers.has(input));
    if (missing !== undefined) {
      throw new InputError(`${describe(node)} reads ${missing}, which nothing in the model makes`);
    }
  }
  return makers;
}

/**
 * The nodes in an order in which every tensor is made before it is read: the order given, where that is one.
 * @throws InputError for a graph that does not fit together: a tensor that nothing makes or that is made twice, a circle.
 */
export function orderNodes(graph: Given): readonly GraphNode[] {
  const { nodes, outputs, inputs, tensors } = graph;
  const makers = makersOf(graph);
  for (const { name } of outputs) {
    if (!makers.has(name) && !tensors.has(name) && inputs.every((input) => input.name !== name)) {
      throw new InputError(`nothing in the model makes its output ${name}`);
    }
  }
  const sorted: GraphNode[] = [];
  const begun = new Set<number>();
  const done = new Set<number>();
  for (const start of nodes.keys()) {
    const stack = done.has(start) ? [] : [start];
    while (stack.length > 0) {
      const at = stack[stack.length - 1];
      begun.add(at);
      const next = nodes[at].inputs
        .map((input) => makers.get(input))
        .find((maker) => maker !== undefined && !done.has(maker));
      if (next === undefined) {
        sorted.push(nodes[at]);
        done.add(at);
        stack.pop();
      } else if (begun.has(next)) {
        throw new InputError(`the graph runs in a circle through ${describe(nodes[next])}`);
      } else stack.push(next);
    }
  }
  return sorted;
}
