import { allLayers } from '../layers/more.ts';
import type { GraphAttribute } from '../layers/types.ts';
import type { GraphNode, ModelData } from '../model/data/format.ts';
import { prepareProgram, unsupportedOperations } from '../model/run/program.ts';
import { inferFrom } from '../model/run/shapes.ts';
import { limits } from '../tensor/limits.ts';
import { contiguous, type Tensor } from '../tensor/tensor.ts';

/** What is known of tensors before any picture: constants, and what follows from shapes that the file gives. */
function knownBefore(data: ModelData): (name: string) => Tensor | undefined {
  if (unsupportedOperations(data.nodes, allLayers).length > 0) return () => undefined;
  const program = prepareProgram(data, 'float32', { layers: allLayers });
  const given = data.inputs.flatMap(({ name, shape, dtype }) =>
    shape?.every((length) => typeof length === 'number' && length > 0)
      ? [[name, { shape: shape as number[], type: dtype }] as const]
      : [],
  );
  const { values, unknown } = inferFrom(program, new Map(given), data.nodes, { lenient: true });
  return (name) => (unknown.has(name) ? undefined : values.get(name)?.tensor);
}

/** The nodes of a branch in place of the node that has it, under names of their own; what it gives has the names of the node's outputs. */
function inPlace(node: GraphNode, branch: GraphAttribute): GraphNode[] {
  const made = new Set(branch.nodes.flatMap(({ outputs }) => outputs));
  const names = new Map([...made].map((name) => [name, `${node.name}/${name}`]));
  const passed: GraphNode[] = [];
  branch.outputs.forEach((name, i) => {
    const output = node.outputs[i] ?? '';
    if (output === '') return;
    // What is given once has the name at once.
    if (made.delete(name)) names.set(name, output);
    else
      passed.push({
        name: `${node.name}/${output}`,
        op: 'Identity',
        inputs: [name],
        outputs: [output],
        attributes: {},
      });
  });
  const renamed = (name: string) => names.get(name) ?? name;
  return [...branch.nodes, ...passed].map((inner) => ({
    ...inner,
    name: passed.includes(inner) ? inner.name : `${node.name}/${inner.name}`,
    inputs: inner.inputs.map(renamed),
    outputs: inner.outputs.map(renamed),
  }));
}

/** The model without the constants that only branches read which are never taken. */
function withoutUnread(data: ModelData, before: readonly GraphNode[]): ModelData {
  const read = new Set([
    ...data.nodes.flatMap(({ inputs }) => inputs),
    ...data.outputs.map(({ name }) => name),
  ]);
  const once = new Set(before.flatMap(({ op, inputs }) => (op === 'If' ? inputs : [])));
  const tensors = [...data.tensors].filter(([name]) => read.has(name) || !once.has(name));
  return { ...data, tensors: new Map(tensors) };
}

/**
 * The model with the branch in place of every If whose condition is known before any picture: it is a constant, or follows from shapes
 * that the file gives. Other conditions are looked at when the network runs.
 */
export function foldBranches(given: ModelData): ModelData {
  let data = given;
  for (let depth = 0; depth <= limits.graphs.value && data.nodes.some(({ op }) => op === 'If'); depth++) {
    const known = knownBefore(data);
    const nodes = data.nodes.flatMap((node) => {
      const condition = node.op === 'If' ? known(node.inputs[0]) : undefined;
      if (condition === undefined) return [node];
      const name = contiguous(condition).data[0] === 0 ? 'else_branch' : 'then_branch';
      return inPlace(node, node.attributes[name] as GraphAttribute);
    });
    if (nodes.every((node, i) => node === data.nodes[i])) break;
    data = withoutUnread({ ...data, nodes }, data.nodes);
  }
  return data;
}
