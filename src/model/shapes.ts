import { createShapeRun } from '../autodiff/shapes.ts';
import { InputError } from '../tensor/errors.ts';
import type { Shape } from '../tensor/shape.ts';
import type { GraphNode, ValueInfo } from './format.ts';
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

/** Shapes of all tensors and the cost of all nodes, found without computing values. */
export function inferShapes(program: Program): ShapeMap {
  const run = createShapeRun();
  const values = new Map<string, Value>(program.constants);
  for (const input of program.graph.data.inputs) {
    values.set(input.name, { tensor: run.input(assumedShape(input)), type: input.dtype });
  }
  const multiplyAdds = new Map<GraphNode, number>();
  for (const node of program.graph.data.nodes) {
    if (node.inputs.some((input) => input !== '' && !values.has(input))) continue;
    if (node.outputs.every((output) => output === '' || program.constants.has(output))) continue;
    for (const [name, value] of runNode(program, node, (input) => values.get(input))) values.set(name, value);
    multiplyAdds.set(node, run.takeMultiplyAdds());
  }
  return { shapes: new Map([...values].map(([name, { tensor }]) => [name, tensor.shape])), multiplyAdds };
}
