import type { GraphNode } from '../data/format.ts';

/** Who makes and who reads each tensor. */
export interface Links {
  /** The node that makes each tensor. */
  readonly producer: ReadonlyMap<string, GraphNode>;
  readonly consumers: ReadonlyMap<string, readonly GraphNode[]>;
}

/** Who makes and who reads each tensor of some nodes; a name that is left out is no tensor. */
export function linksOf(nodes: readonly GraphNode[]): Links {
  const producer = new Map<string, GraphNode>();
  const consumers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const output of node.outputs) if (output !== '') producer.set(output, node);
    for (const input of new Set(node.inputs)) {
      if (input === '') continue;
      const list = consumers.get(input);
      if (list === undefined) consumers.set(input, [node]);
      else list.push(node);
    }
  }
  return { producer, consumers };
}
