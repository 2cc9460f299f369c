import { isFloat } from '../../../layers/types.ts';
import { type Shape, sameShape } from '../../../tensor/shape.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { GraphNode } from '../../data/format.ts';
import { descendantsOf } from '../../graph/graph.ts';
import type { Program } from '../../run/program.ts';
import type { Outline } from '../../run/shapes.ts';
import type { BackwardContext } from './backwardRule.ts';
import { backwardRules } from './backwardRules.ts';

/** The backward pass of a graph as nodes of operators that exist only as device kernels: cotangents of targets → that of the source. */
export interface Backward {
  readonly nodes: readonly GraphNode[];
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Weights of the backward pass, computed when they are first read. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /** The cotangent of the source. */
  readonly output: string;
}

export interface BackwardTask {
  readonly program: Program;
  /** The nodes from the source to the targets. */
  readonly nodes: readonly GraphNode[];
  readonly outlines: ReadonlyMap<string, Outline>;
  readonly source: string;
  readonly targets: readonly string[];
  /** What is known whatever is given. */
  constant(name: string): Tensor | undefined;
}

/** The name of the cotangent of a target. */
export const cotangentOf = (name: string): string => `∂${name}`;

/** A backward pass that is being built. */
interface Building extends Omit<BackwardTask, 'nodes' | 'source'> {
  readonly fromSource: ReadonlySet<string>;
  readonly nodes: GraphNode[];
  readonly shapes: Map<string, Shape>;
  readonly constants: Map<string, Tensor>;
  /** The cotangent of each tensor, as far as it has been gathered. */
  readonly held: Map<string, string>;
  /** Factors of channels that a cotangent still lacks. */
  readonly scaled: Map<string, Float64Array>;
}

function push(
  { nodes }: Building,
  node: Omit<GraphNode, 'name' | 'attributes'>,
  attributes: GraphNode['attributes'] = {},
): void {
  nodes.push({ name: node.outputs[0], attributes, ...node });
}

/** Adds to the cotangent of a tensor. */
function give(building: Building, name: string, cotangent: string): void {
  const { held, nodes, shapes, outlines } = building;
  const before = held.get(name);
  if (before === undefined) {
    held.set(name, cotangent);
    return;
  }
  const sum = `∂${name} + ${nodes.length}`;
  push(building, { op: 'Add', inputs: [before, cotangent], outputs: [sum] });
  shapes.set(sum, outlines.get(name)?.shape as Shape);
  held.set(name, sum);
}

/** What the rule of a node is told. */
function contextOf(building: Building, node: GraphNode, cotangent: string): BackwardContext {
  const { program, outlines, targets, fromSource, shapes, constants, held, scaled } = building;
  const [output] = node.outputs;
  // Names say what a tensor is made of, whatever the targets: weights are kept on the device under them.
  let made = 0;
  const newName = () => `∂${output} ${scaled.get(output) ? 'scaled ' : ''}→ ${made++}`;
  return {
    node,
    constant: (i) => building.constant(node.inputs[i] ?? ''),
    shapeOf: (name) => outlines.get(name)?.shape,
    cotangent,
    cotangentOf: (i) => held.get(node.outputs[i]),
    factors: scaled.get(output),
    isWanted: (i) => fromSource.has(node.inputs[i]),
    emit({ op, inputs, attributes }, shape) {
      const name = newName();
      push(building, { op, inputs, outputs: [name] }, attributes);
      shapes.set(name, shape);
      return name;
    },
    keep(tensor) {
      const name = newName();
      constants.set(name, tensor);
      return name;
    },
    give: (i, each) => give(building, node.inputs[i], each),
    giveScaled(i, each, factors) {
      held.set(node.inputs[i], each);
      scaled.set(node.inputs[i], factors);
    },
    takesFactors(i) {
      const name = node.inputs[i];
      const { producer, consumers } = program.graph;
      const isReadOnce = consumers.get(name)?.length === 1;
      return producer.get(name)?.op === 'Conv' && isReadOnce && !targets.includes(name);
    },
  };
}

/** Builds the backward pass; undefined where a node on it has no rule. */
export function backwardOf(task: BackwardTask): Backward | undefined {
  const { program, nodes: forward, outlines, source, targets, constant } = task;
  const building: Building = {
    ...{
      program,
      outlines,
      targets,
      constant,
      nodes: [],
      shapes: new Map(),
      constants: new Map(),
      scaled: new Map(),
    },
    fromSource: descendantsOf(program.graph, [source]),
    held: new Map(targets.map((name) => [name, cotangentOf(name)])),
  };
  const { fromSource, nodes, shapes, constants, held } = building;
  for (const name of targets) {
    const outline = outlines.get(name);
    if (outline === undefined || !isFloat(outline.type)) return undefined;
    shapes.set(cotangentOf(name), outline.shape);
  }
  for (const node of [...forward].reverse()) {
    if (node.inputs.every((input) => !fromSource.has(input))) continue;
    const [cotangent, ...others] = node.outputs.map((output) => held.get(output));
    const isSplit = node.op === 'Split';
    if (!isSplit && others.some((other) => other !== undefined)) return undefined;
    if (cotangent === undefined && others.every((other) => other === undefined)) continue;
    if (!Object.hasOwn(backwardRules, node.op)) return undefined;
    if (!backwardRules[node.op](contextOf(building, node, cotangent ?? ''))) return undefined;
  }
  const output = held.get(source);
  const shape = outlines.get(source)?.shape;
  const fits = output !== undefined && shape !== undefined && sameShape(shapes.get(output) ?? [], shape);
  return fits ? { nodes, shapes, constants, output } : undefined;
}
