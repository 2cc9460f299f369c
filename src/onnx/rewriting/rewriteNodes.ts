import type { Attributes, GraphNode, StoredTensor } from '../../model/data/format.ts';
import { withNode } from '../../model/graph/graph.ts';
import { InputError } from '../../tensor/errors.ts';
import { sizeOf } from '../../tensor/shape.ts';

/** A node that becomes several, as its row sees it. */
export interface Rewriting {
  readonly attributes: Attributes;
  /** How many inputs it names. */
  readonly count: number;
  /** Name of input i, '' where it is absent. */
  input(i: number): string;
  /** Whether input i is known to hold one number. */
  isSingle(i: number): boolean;
  /** Name of output i, '' where nobody wants it. */
  output(i: number): string;
  /** A node before the last; the tensor that it makes, of the given name or one of its own. */
  make(op: string, inputs: readonly string[], attributes?: Attributes, output?: string): string;
  /** The same for a node of several outputs. */
  makeAll(op: string, inputs: readonly string[], outputs: number): string[];
}

/** A node without its name and outputs. */
export type Body = readonly [op: string, inputs: readonly string[], attributes?: Attributes | undefined];

/** An operator that is read as others: those of ONNX's own domain, in versions of every operator set that has it. */
export interface RewritingRow {
  /** How many inputs it takes; those that are always needed come first. */
  readonly inputs: readonly [least: number, most: number];
  /** What it is read as, for its readers. */
  readonly becomes: string;
  /** The nodes before the last are made on the way; the last one, which has the outputs, is given back. */
  rewrite(node: Rewriting): Body;
}

export type RewritingRows = Readonly<Record<string, RewritingRow>>;

/** Names that nothing else has. */
export function createNames(taken: Iterable<string>): (wanted: string) => string {
  const used = new Set(taken);
  const tried = new Map<string, number>();
  return (wanted) => {
    let count = tried.get(wanted) ?? 1;
    let name = wanted;
    while (used.has(name)) name = `${wanted}_${++count}`;
    tried.set(wanted, count);
    used.add(name);
    return name;
  };
}

interface Place {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly nameTensor: (wanted: string) => string;
  readonly nameNode: (wanted: string) => string;
}

function rewriteNode(
  node: GraphNode,
  row: RewritingRow,
  { tensors, nameTensor, nameNode }: Place,
): GraphNode[] {
  const { inputs, outputs, attributes, name } = node;
  const count = inputs.findLastIndex((input) => input !== '') + 1;
  const [least, most] = row.inputs;
  if (count < least || count > most || inputs.slice(0, least).includes('')) {
    throw new InputError(
      `it takes ${least} to ${most} inputs, got ${count}, or one of the first ${least} is missing`,
    );
  }
  const made: GraphNode[] = [];
  const own = (op: string) => nameTensor(`${outputs[0]}/${op}`);
  const push = (op: string, given: readonly string[], rest: Pick<GraphNode, 'outputs' | 'attributes'>) =>
    made.push({ name: nameNode(`${name}/${op}`), op, inputs: trimmed(given), ...rest });
  const [op, last, parameters = {}] = row.rewrite({
    attributes,
    count,
    input: (i) => inputs[i] ?? '',
    output: (i) => outputs[i] ?? '',
    isSingle: (i) => sizeOf(tensors.get(inputs[i] ?? '')?.shape ?? [0]) === 1,
    make(each, given, parts = {}, wanted = '') {
      const output = wanted || own(each);
      push(each, given, { outputs: [output], attributes: parts });
      return output;
    },
    makeAll(each, given, several) {
      const results = Array.from({ length: several }, () => own(each));
      push(each, given, { outputs: results, attributes: {} });
      return results;
    },
  });
  const before = new Set(made.flatMap((each) => each.outputs));
  const kept = outputs.map((output) => (before.has(output) ? '' : output));
  return [...made, { name, op, inputs: trimmed(last), outputs: trimmed(kept), attributes: parameters }];
}

/** A node with the graphs inside of it rewritten. */
function withInner(
  node: GraphNode,
  tensors: ReadonlyMap<string, StoredTensor>,
  rows: RewritingRows,
): GraphNode {
  const graphs = Object.entries(node.attributes).flatMap(([name, value]) =>
    typeof value === 'object' && 'nodes' in value
      ? [[name, { ...value, nodes: rewriteNodes(value.nodes, tensors, rows) }] as const]
      : [],
  );
  return graphs.length === 0
    ? node
    : { ...node, attributes: { ...node.attributes, ...Object.fromEntries(graphs) } };
}

/** Names without those at the end that stand for nothing. */
const trimmed = (names: readonly string[]) => names.slice(0, names.findLastIndex((name) => name !== '') + 1);

/**
 * The nodes of a graph with those that have a row rewritten: what they become has kernels, plans and derivatives already. The last node
 * keeps the name and the outputs.
 * @throws InputError naming a node that its row cannot read.
 */
export function rewriteNodes(
  nodes: readonly GraphNode[],
  tensors: ReadonlyMap<string, StoredTensor>,
  rows: RewritingRows,
): GraphNode[] {
  const place = {
    tensors,
    nameTensor: createNames([
      ...tensors.keys(),
      ...nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]),
    ]),
    nameNode: createNames(nodes.map(({ name }) => name)),
  };
  return nodes.flatMap((given) => {
    const node = withInner(given, tensors, rows);
    const row = Object.hasOwn(rows, node.op) ? rows[node.op] : undefined;
    if (row === undefined) return [node];
    try {
      return rewriteNode(node, row, place);
    } catch (error) {
      throw withNode(error, node);
    }
  });
}
