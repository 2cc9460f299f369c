import type { GraphNode } from '../data/format.ts';
import { type Graph, nodesFor, rowOf, valuesFrom } from './graph.ts';

/** Operators that give no negative number where they are given none. */
const keeping: ReadonlySet<string> = new Set([
  'Add',
  'Sum',
  'Mean',
  'Max',
  'Min',
  'Concat',
  'Split',
  'Resize',
  'Upsample',
]);

/** What is known of a tensor: of which one it is a function entry by entry, and whether it is an activation. */
interface Known {
  readonly root: string;
  readonly activates: boolean;
}

function knownOf(
  graph: Graph,
  node: GraphNode,
  inputs: readonly Known[],
): Omit<Known, 'root'> & { root?: string } {
  const row = rowOf(graph, node);
  const all = inputs.every(({ activates }) => activates);
  const [first, ...others] = inputs;
  const root = row?.sees === 'cell' && others.length === 0 ? { root: first.root } : {};
  if (row?.activates === true || row?.gates === true) return { ...root, activates: true };
  const isKept = row?.moves !== undefined || row?.pools === true || keeping.has(node.op);
  if (isKept) return { ...root, activates: all };
  if (node.op === 'Mul' || node.op === 'Div') {
    // x · σ(x), in whatever nodes it is written, is an activation; so is one that is scaled, or that a gate multiplies.
    const isGated = others.some((other) => other.root === first.root);
    return { ...root, ...(isGated && { root: first.root }), activates: all || isGated };
  }
  return { ...root, activates: false };
}

/** Whether entries of a tensor may lie far on either side of 0: where it is no activation, nor made of such without a sign. */
export function isSigned(graph: Graph, image: string, tensor: string): boolean {
  const values = valuesFrom(graph, [image]);
  const known = new Map<string, Known>([[image, { root: image, activates: false }]]);
  for (const node of nodesFor(graph, [tensor], new Set([image]))) {
    const inputs = node.inputs.filter((input) => values.has(input)).map((input) => known.get(input));
    if (inputs.length === 0 || inputs.some((each) => each === undefined)) continue;
    const found = knownOf(graph, node, inputs as Known[]);
    for (const output of node.outputs) {
      if (output !== '') known.set(output, { root: found.root ?? output, activates: found.activates });
    }
  }
  return known.get(tensor)?.activates !== true;
}
