import { concat, reshape } from '../autodiff/operations.ts';
import { InputError, UnsupportedOperationError } from '../tensor/errors.ts';
import { beyond, limits } from '../tensor/limits.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import { evaluateNode } from './evaluateNode.ts';
import { type Layer, type LayerContext, type Value, wrongAttribute } from './layer.ts';
import type { Attributes, GraphAttribute } from './types.ts';

/** What a graph inside of a node may read besides its own inputs: tensors of the surroundings, which are the node's last inputs. */
export interface Surroundings {
  readonly attributes: Attributes;
  readonly captured: readonly (readonly [name: string, value: Value])[];
  readonly context: LayerContext;
}

export type Inputs = Parameters<Layer['evaluate']>[0];

/** The inputs of a node that are not captured, with their types, and what is around its graphs. */
export function opened(inputs: Inputs, attributes: Attributes, context: LayerContext) {
  const names = (attributes.captured ?? []) as readonly string[];
  const values = inputs.map((tensor, i) => tensor && { tensor, type: context.types[i] ?? 'float32' });
  const own = values.slice(0, values.length - names.length);
  const captured = names.flatMap((name, i): [string, Value][] => {
    const value = values[own.length + i];
    return value === undefined ? [] : [[name, value]];
  });
  return { own, surroundings: { attributes, captured, context } };
}

/** What a graph inside of a node gives. */
export function enter(
  name: string,
  given: readonly (Value | undefined)[],
  { attributes, captured, context }: Surroundings,
): Value[] {
  const graph = attributes[name] as GraphAttribute | undefined;
  if (graph === undefined) throw wrongAttribute(name, 'a graph', graph);
  const known = new Map<string, Value>(captured);
  graph.inputs.forEach((input, i) => {
    const value = given[i];
    if (value !== undefined) known.set(input, value);
  });
  const find = (tensor: string): Value => {
    const value = known.get(tensor);
    if (value === undefined) throw new InputError(`${tensor} is not given in its ${name}`);
    return value;
  };
  for (const node of graph.nodes) {
    const layer = context.layers?.[node.op];
    if (layer === undefined)
      throw new UnsupportedOperationError(`jetgrad has no rule for ${node.op} in its ${name}`, [node.op]);
    const values = node.inputs.map((input) => (input === '' ? undefined : find(input)));
    const made = evaluateNode(layer, node, { values, context });
    node.outputs.forEach((output, i) => {
      const value = made[i];
      if (value !== undefined) known.set(output, value);
    });
  }
  return graph.outputs.map(find);
}

/** Steps of the outermost loop so far, those of loops in it among them, and how many loops deep the computation is. */
const walk = { steps: 0, depth: 0 };

/** @throws InputError for one step too many. */
export function countStep(): void {
  walk.steps++;
  if (walk.steps > limits.unrolled.value)
    throw new InputError(beyond(limits.unrolled, `more than ${walk.steps - 1}`));
}

/** Values of each step as one, along a new axis. */
export function stacked(steps: readonly Value[], axis = 0): Value {
  if (steps.length === 0)
    throw new InputError('it runs no times, and what it would collect has no shape; leave the node out');
  const [{ tensor, type }] = steps;
  const rank = tensor.shape.length + 1;
  const place = normalizeAxis(axis, rank, 'collect');
  const apart = [...tensor.shape.slice(0, place), 1, ...tensor.shape.slice(place)];
  return {
    tensor: concat(
      steps.map((step) => reshape(step.tensor, apart)),
      place,
    ),
    type,
  };
}

type Run = NonNullable<Layer['evaluateTyped']>;

export function computed(run: Run): Pick<Layer, 'evaluate' | 'evaluateTyped'> {
  const evaluateTyped: Run = (...given) => {
    if (walk.depth === 0) walk.steps = 0;
    walk.depth++;
    try {
      return run(...given);
    } finally {
      walk.depth--;
    }
  };
  return { evaluate: (...given) => evaluateTyped(...given).map(({ tensor }) => tensor), evaluateTyped };
}
