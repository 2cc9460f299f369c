import { createShapeRun, type ShapeRun } from '../../autodiff/shapes.ts';
import { fillOf } from '../../tensor/deferred.ts';
import { InputError } from '../../tensor/errors.ts';
import { beyond } from '../../tensor/limits.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { ElementType, GraphNode, ValueInfo } from '../data/format.ts';
import { type Program, runNode, type Value } from './program.ts';

/** Length assumed for a symbolic dimension: 1 for a batch, 224 for a picture's side. */
const DEFAULT_SIDE = 224;

/** An input's shape with numbers for symbols. */
export function assumedShape(input: ValueInfo): number[] {
  const { shape, preprocessing } = input;
  if (shape === undefined)
    throw new InputError(`Cannot tell shapes: the model does not give the shape of its input ${input.name}`);
  return shape.map((length, axis) => {
    if (typeof length === 'number' && length > 0) return length;
    if (axis === 0) return 1;
    const crop = preprocessing?.crop;
    return shape.length === 4 && axis >= 2 ? (crop?.[axis - 2] ?? DEFAULT_SIDE) : 1;
  });
}

export interface ShapeMap {
  /** Shapes of tensors by name; a tensor whose shape depends on values is absent. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Multiply-adds of each node's products. */
  readonly multiplyAdds: ReadonlyMap<GraphNode, number>;
}

/** A tensor of which only shape and element type are known. */
export interface Outline {
  readonly shape: Shape;
  readonly type: ElementType;
}

/** Shapes of all tensors and the cost of all nodes, found without computing values. */
export function inferShapes(program: Program): ShapeMap {
  const inputs = program.graph.data.inputs;
  const given = inputs.map(
    (input) => [input.name, { shape: assumedShape(input), type: input.dtype }] as const,
  );
  const { values, multiplyAdds } = inferFrom(program, new Map(given), program.graph.data.nodes);
  return { shapes: new Map([...values].map(([name, { tensor }]) => [name, tensor.shape])), multiplyAdds };
}

/** How outlines are inferred. */
export interface InferOptions {
  /** Leaves out nodes that fail. */
  readonly lenient?: boolean;
  /** What follows tensors through the nodes: their shapes alone unless given. */
  readonly run?: Pick<ShapeRun<unknown>, 'input' | 'takeMultiplyAdds'>;
  /** A tensor of the run in place of one that a node gave. */
  revise?(node: GraphNode, y: Tensor, inputs: readonly (Tensor | undefined)[]): Tensor;
  /** A tensor of the run in place of one that is given. */
  place?(name: string, shape: Shape): Tensor | undefined;
}

export interface Inferred {
  readonly values: ReadonlyMap<string, Value>;
  /** Tensors whose values are not those of any run. */
  readonly unknown: ReadonlySet<string>;
  /** Those, and constants whose values are not read, and what is made of them: the others are what shapes and constants make, whatever is given. */
  readonly blank: ReadonlySet<string>;
  readonly multiplyAdds: ReadonlyMap<GraphNode, number>;
}

/**
 * Outlines of what the nodes compute from tensors of given outlines; a tensor whose shape depends on values is
 * absent.
 */
export function inferFrom(
  program: Program,
  given: ReadonlyMap<string, Outline>,
  nodes: readonly GraphNode[],
  { lenient = false, run = createShapeRun(), revise, place }: InferOptions = {},
): Inferred {
  const { entries, tables } = program.bounds;
  const room = { most: entries, total: { limit: tables, taken: 0 } };
  const values = new Map<string, Value>(program.constants);
  const blank = new Set(given.keys());
  for (const [name, { tensor, type }] of program.constants) {
    if (fillOf(tensor) === undefined) continue;
    values.set(name, { tensor: run.input(tensor.shape, tensor.dtype), type });
    blank.add(name);
  }
  for (const [name, { shape, type }] of given) {
    const size = sizeOf(shape);
    if (!(size <= entries.value))
      throw new InputError(`Cannot tell shapes: input ${name}: ${beyond(entries, size)}`);
    values.set(name, { tensor: place?.(name, shape) ?? run.input(shape), type });
  }
  const unknown = new Set(given.keys());
  const multiplyAdds = new Map<GraphNode, number>();
  for (const node of nodes) {
    if (node.inputs.some((input) => input !== '' && !values.has(input))) continue;
    if (node.outputs.every((output) => output === '' || program.constants.has(output))) continue;
    const { steeredFrom: from, readsShapes } = program.graph.layers[node.op];
    if (node.inputs.some((input, i) => i >= from && unknown.has(input))) continue;
    for (const set of [unknown, blank]) {
      if (readsShapes === true || !node.inputs.some((input) => set.has(input))) continue;
      for (const output of node.outputs) if (output !== '') set.add(output);
    }
    try {
      const results = runNode(program, node, { lookUp: (input) => values.get(input), room });
      for (const [name, value] of results) {
        const inputs = () => node.inputs.map((input) => values.get(input)?.tensor);
        const tensor = revise === undefined ? value.tensor : revise(node, value.tensor, inputs());
        values.set(name, { ...value, tensor });
      }
    } catch (error) {
      if (!lenient || !(error instanceof InputError)) throw error;
    }
    multiplyAdds.set(node, run.takeMultiplyAdds());
  }
  return { values, unknown, blank, multiplyAdds };
}
