import * as op from '../autodiff/operations.ts';
import { add, clip, concat, reshape } from '../autodiff/operations.ts';
import { slice } from '../autodiff/selecting.ts';
import { InputError } from '../tensor/errors.ts';
import { beyond, limits } from '../tensor/limits.ts';
import { fromData, full, type Tensor } from '../tensor/tensor.ts';
import {
  type Cell,
  gated,
  gateFunctions,
  part,
  plain,
  remembering,
  type Step,
  times,
  type Unary,
} from './gates.ts';
import { choice, type Layer, type Layers, need, number, valuesOf, wholeMap } from './layer.ts';
import type { Attributes } from './types.ts';

interface Kind {
  readonly cell: Cell;
  readonly gates: number;
  readonly functions: readonly string[];
  /** Tensors of a state. */
  readonly states: number;
}

/** One direction of a network over x [time, rows, …]: all states, and the last ones. */
function walked(
  steps: readonly Tensor[],
  first: readonly Tensor[],
  {
    cell,
    step,
    isBack,
    lengths,
  }: { cell: Cell; step: Omit<Step, 'x'>; isBack: boolean; lengths: readonly number[] | undefined },
) {
  let state = first;
  const outputs: Tensor[] = [];
  for (let i = 0; i < steps.length; i++) {
    const t = isBack ? steps.length - 1 - i : i;
    const next = cell(state, { ...step, x: steps[t] });
    // Past the end of a sequence nothing goes on, and nothing comes out.
    const goesOn =
      lengths &&
      fromData(
        Float64Array.from(lengths, (length) => Number(t < length)),
        [lengths.length, 1],
      );
    const before = state;
    state = goesOn === undefined ? next : next.map((each, s) => op.where(goesOn, each, before[s]));
    outputs[t] = goesOn === undefined ? next[0] : op.where(goesOn, next[0], 0);
  }
  return { outputs, state };
}

function run(
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes,
  { cell, gates, functions: names, states }: Kind,
): Tensor[] {
  const isBatchFirst = number(attributes, 'layout', 0) === 1;
  const turned = (x: Tensor, order: readonly number[]) => (isBatchFirst ? op.transpose(x, order) : x);
  const x = turned(need(inputs, 0, 'X'), [1, 0, 2]);
  const [w, r] = [need(inputs, 1, 'W'), need(inputs, 2, 'R')];
  const [time, rows] = x.shape;
  const [ways, , hidden] = r.shape;
  if (time > limits.unrolled.value) throw new InputError(beyond(limits.unrolled, time));
  const direction = choice(attributes, 'direction', ['forward', 'reverse', 'bidirectional']);
  if (ways !== (direction === 'bidirectional' ? 2 : 1))
    throw new InputError(`its direction ${direction} does not fit weights of ${ways} directions`);
  const lengths = valuesOf(inputs[4]);
  if (lengths !== undefined && lengths.length !== rows)
    throw new InputError(`it has ${lengths.length} lengths, for ${rows} sequences`);
  const limit = number(attributes, 'clip', 0);
  const bounded: Unary = (y) => (limit > 0 ? clip(y, -limit, limit) : y);
  const each = names.length;
  const all = gateFunctions(attributes, new Array(ways).fill(names).flat());
  const at = (tensor: Tensor, way: number) =>
    reshape(slice(tensor, { start: way, end: way + 1 }), tensor.shape.slice(1));
  const bias = inputs[3] ?? full([ways, 2 * gates * hidden], 0, x.dtype);
  const starts = Array.from({ length: states }, (_, s) => {
    const given = inputs[5 + s];
    return given === undefined ? full([ways, rows, hidden], 0, x.dtype) : turned(given, [1, 0, 2]);
  });
  const done = Array.from({ length: ways }, (_, way) => {
    const own = add(times(x, at(w, way)), part(at(bias, way), 0, 2));
    const steps = Array.from({ length: time }, (_, t) => at(own, t));
    const step = {
      ...{ weights: at(r, way), bias: part(at(bias, way), 1, 2), attributes, bounded },
      peepholes: inputs[7] && at(inputs[7], way),
      functions: all.slice(way * each, (way + 1) * each),
    };
    const isBack = way === 1 || direction === 'reverse';
    return walked(
      steps,
      starts.map((start) => at(start, way)),
      { cell, step, isBack, lengths },
    );
  });
  const joined = done.map(({ outputs }) => reshape(concat(outputs, 0), [time, 1, rows, hidden]));
  const last = Array.from({ length: states }, (_, s) =>
    turned(op.stack(done.map(({ state }) => state[s])), [1, 0, 2]),
  );
  return [turned(concat(joined, 1), [2, 0, 1, 3]), ...last];
}

function recurrent(kind: Kind, most: number, more: Layer['attributes'] = {}): Layer {
  return {
    ...wholeMap,
    // Unless the layout says otherwise, the first axis is time.
    images: ({ attributes }) => number(attributes, 'layout', 0) === 1,
    inputs: [3, most],
    outputs: 1 + kind.states,
    attributes: {
      ...{ activation_alpha: 'floats', activation_beta: 'floats', activations: 'texts', clip: 'float' },
      ...{ direction: 'text', hidden_size: 'int', layout: 'int', ...more },
    },
    evaluate: (inputs, attributes) => run(inputs, attributes, kind),
  };
}

export const recurrentLayers: Layers = {
  RNN: recurrent({ cell: plain, gates: 1, functions: ['Tanh'], states: 1 }, 6),
  GRU: recurrent({ cell: gated, gates: 3, functions: ['Sigmoid', 'Tanh'], states: 1 }, 6, {
    linear_before_reset: 'int',
  }),
  LSTM: recurrent({ cell: remembering, gates: 4, functions: ['Sigmoid', 'Tanh', 'Tanh'], states: 2 }, 8, {
    input_forget: 'int',
  }),
};
