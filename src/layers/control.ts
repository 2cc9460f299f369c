import { concat, reshape, stack } from '../autodiff/operations.ts';
import { at, slice } from '../autodiff/selecting.ts';
import { InputError, UnsupportedOperationError } from '../tensor/errors.ts';
import { beyond, limits } from '../tensor/limits.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import { full } from '../tensor/tensor.ts';
import { evaluateNode } from './evaluateNode.ts';
import {
  type Facts,
  type Layer,
  type LayerContext,
  type Layers,
  number,
  numbers,
  type Value,
  valuesOf,
  wholeMap,
  wrongAttribute,
} from './layer.ts';
import type { Attributes, GraphAttribute } from './types.ts';

/** What a graph inside of a node may read besides its own inputs: tensors of the surroundings, which are the node's last inputs. */
interface Surroundings {
  readonly attributes: Attributes;
  readonly captured: readonly (readonly [name: string, value: Value])[];
  readonly context: LayerContext;
}

type Inputs = Parameters<Layer['evaluate']>[0];

/** The inputs of a node that are not captured, with their types, and what is around its graphs. */
function opened(inputs: Inputs, attributes: Attributes, context: LayerContext) {
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
function enter(
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
function countStep(): void {
  walk.steps++;
  if (walk.steps > limits.unrolled.value)
    throw new InputError(beyond(limits.unrolled, `more than ${walk.steps - 1}`));
}

/** Values of each step as one, along a new axis. */
function stacked(steps: readonly Value[], axis = 0): Value {
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

const single = (value: number, type: Value['type']): Value => ({ tensor: full([], value), type });

/** What is chosen, or how often something is done, is read from values, and held for derivatives. */
const controlFacts = { ...wholeMap, images: () => false, steeredFrom: 0 } as const satisfies Facts;

function loop(inputs: Inputs, attributes: Attributes, context: LayerContext): Value[] {
  const { own, surroundings } = opened(inputs, attributes, context);
  const most = valuesOf(own[0]?.tensor)?.[0] ?? Number.POSITIVE_INFINITY;
  let goesOn = valuesOf(own[1]?.tensor)?.[0] !== 0;
  let state = own.slice(2);
  const collected: Value[][] = [];
  const { outputs } = attributes.body as GraphAttribute;
  const count = outputs.length - 1 - state.length;
  for (let i = 0; i < most && goesOn; i++) {
    countStep();
    const made = enter('body', [single(i, 'int64'), single(1, 'bool'), ...state], surroundings);
    goesOn = valuesOf(made[0].tensor)?.[0] !== 0;
    state = made.slice(1, 1 + state.length);
    collected.push(made.slice(1 + state.length));
  }
  const results = Array.from({ length: Math.max(0, count) }, (_, k) =>
    stacked(collected.map((each) => each[k])),
  );
  return [...(state as Value[]), ...results];
}

function scan(own: readonly (Value | undefined)[], surroundings: Surroundings): Value[] {
  const { attributes } = surroundings;
  const count = number(attributes, 'num_scan_inputs', 1);
  let state = own.slice(0, own.length - count) as Value[];
  const list = (name: string) => numbers(attributes, name, []);
  // Before operator set 9 the attribute had another name.
  const readBack = numbers(attributes, 'scan_input_directions') ?? list('directions');
  const [readAxes, writtenAxes] = [list('scan_input_axes'), list('scan_output_axes')];
  const writtenBack = list('scan_output_directions');
  const xs = (own.slice(own.length - count) as Value[]).map(({ tensor, type }, i) => {
    const axis = normalizeAxis(readAxes[i] ?? 0, tensor.shape.length, 'scan');
    return { tensor, type, axis };
  });
  const [length = 0, ...others] = xs.map(({ tensor, axis }) => tensor.shape[axis]);
  if (others.some((each) => each !== length))
    throw new InputError(`its inputs have ${[length, ...others].join(', ')} steps`);
  const collected: Value[][] = [];
  for (let t = 0; t < length; t++) {
    countStep();
    const parts = xs.map(({ tensor, type, axis }, i) => {
      const start = readBack[i] === 1 ? length - 1 - t : t;
      const part = slice(tensor, { axis, start, end: start + 1 });
      return {
        tensor: reshape(
          part,
          tensor.shape.filter((_, k) => k !== axis),
        ),
        type,
      };
    });
    const made = enter('body', [...state, ...parts], surroundings);
    state = made.slice(0, state.length);
    collected.push(made.slice(state.length));
  }
  const { outputs } = attributes.body as GraphAttribute;
  const results = Array.from({ length: outputs.length - state.length }, (_, k) => {
    const steps = collected.map((each) => each[k]);
    return stacked(writtenBack[k] === 1 ? steps.reverse() : steps, writtenAxes[k]);
  });
  return [...state, ...results];
}

/** Before operator set 9 every input had an axis of batches first, which were scanned one by one. */
function scanBatches(own: readonly (Value | undefined)[], surroundings: Surroundings): Value[] {
  const [lengths, ...rest] = own;
  if (lengths !== undefined)
    throw new InputError('its sequence_lens must be left out; use a newer operator set');
  const count = rest[0]?.tensor.shape[0] ?? 0;
  const batches = Array.from({ length: count }, (_, n) =>
    scan(
      rest.map((value) => value && { ...value, tensor: at(value.tensor, n) }),
      surroundings,
    ),
  );
  return batches[0].map(({ type }, i) => ({ tensor: stack(batches.map((each) => each[i].tensor)), type }));
}

type Run = NonNullable<Layer['evaluateTyped']>;

function computed(run: Run): Pick<Layer, 'evaluate' | 'evaluateTyped'> {
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

const any = [0, Number.POSITIVE_INFINITY] as const;

export const control: Layers = {
  If: {
    ...controlFacts,
    inputs: [1, Number.POSITIVE_INFINITY],
    outputs: any[1],
    attributes: { then_branch: 'graph', else_branch: 'graph', captured: 'texts' },
    ...computed((inputs, attributes, context) => {
      const { own, surroundings } = opened(inputs, attributes, context);
      const isTrue = valuesOf(own[0]?.tensor)?.[0] !== 0;
      return enter(isTrue ? 'then_branch' : 'else_branch', [], surroundings);
    }),
  },
  Loop: {
    ...controlFacts,
    inputs: any,
    outputs: any[1],
    attributes: { body: 'graph', captured: 'texts' },
    ...computed(loop),
  },
  Scan: {
    ...controlFacts,
    steeredFrom: Number.POSITIVE_INFINITY,
    inputs: any,
    outputs: any[1],
    attributes: {
      ...{ body: 'graph', captured: 'texts', num_scan_inputs: 'int', directions: 'ints' },
      ...{ scan_input_axes: 'ints', scan_input_directions: 'ints' },
      ...{ scan_output_axes: 'ints', scan_output_directions: 'ints' },
    },
    ...computed((inputs, attributes, context) => {
      const { own, surroundings } = opened(inputs, attributes, context);
      return context.opset < 9 ? scanBatches(own, surroundings) : scan(own, surroundings);
    }),
  },
};
