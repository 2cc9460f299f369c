import { reshape, stack } from '../autodiff/operations.ts';
import { at, slice } from '../autodiff/selecting.ts';
import { InputError } from '../tensor/errors.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import { full } from '../tensor/tensor.ts';
import { computed, countStep, enter, type Inputs, opened, type Surroundings, stacked } from './innerGraph.ts';
import {
  type Facts,
  type LayerContext,
  type Layers,
  number,
  numbers,
  type Value,
  valuesOf,
  wholeMap,
} from './layer.ts';
import type { Attributes, GraphAttribute } from './types.ts';

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

const asMany = [0, Number.POSITIVE_INFINITY] as const;

export const control: Layers = {
  If: {
    ...controlFacts,
    inputs: [1, Number.POSITIVE_INFINITY],
    outputs: asMany[1],
    attributes: { then_branch: 'graph', else_branch: 'graph', captured: 'texts' },
    ...computed((inputs, attributes, context) => {
      const { own, surroundings } = opened(inputs, attributes, context);
      const isTrue = valuesOf(own[0]?.tensor)?.[0] !== 0;
      return enter(isTrue ? 'then_branch' : 'else_branch', [], surroundings);
    }),
  },
  Loop: {
    ...controlFacts,
    inputs: asMany,
    outputs: asMany[1],
    attributes: { body: 'graph', captured: 'texts' },
    ...computed(loop),
  },
  Scan: {
    ...controlFacts,
    steeredFrom: Number.POSITIVE_INFINITY,
    inputs: asMany,
    outputs: asMany[1],
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
