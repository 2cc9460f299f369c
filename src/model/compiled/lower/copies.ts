import { type Step, step } from '../../../tensor/kernels/wasm/steps.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import { nestOf } from './nest.ts';
import {
  type AddressOf,
  type DeviceValue,
  newValue,
  type Operation,
  orderOf,
  padded,
  plainOrder,
} from './values.ts';
import { reshapedView, restrided } from './views.ts';

const CHUNK_FLOATS = 32768;

/** Where a copy goes: perhaps no vectors. Behind each strand `zeros` floats become 0. */
interface Target extends DeviceValue {
  readonly zeros?: number;
}

/** Loops of a copy from the slowest on: the axis along which what is read lies side by side comes last before the strand. */
function loopsOf(from: DeviceValue, to: Target): number[] {
  const order = orderOf({ ...to, shape: from.shape }).filter((axis) => axis !== to.strand);
  if (from.strand === to.strand || from.strand < 0) return order;
  return [...order.filter((axis) => axis !== from.strand), from.strand];
}

/** Steps of a copy between values of one shape; more than one where the loops of a kernel are too few. */
function copySteps(from: DeviceValue, to: Target, at: AddressOf): Step[] {
  const { shape } = from;
  const axes = loopsOf(from, to);
  const nest = nestOf(shape, axes, [from.strides, to.strides]);
  const [source, target] = [at(from.buffer), at(to.buffer)];
  const length = to.strand < 0 ? 1 : shape[to.strand];
  const inner = to.strand < 0 ? 0 : from.strides[to.strand];
  if (nest === undefined) {
    // The slowest axis is taken apart.
    const [axis] = axes;
    const without = (x: Target): Target => ({ ...x, shape: shape.map((each, i) => (i === axis ? 1 : each)) });
    return Array.from({ length: shape[axis] }, (_, i) =>
      copySteps(without(from), without(to), (buffer) => {
        const [base, x] = buffer === from.buffer ? [source, from] : [target, to];
        return base + i * x.strides[axis] * 4;
      }),
    ).flat();
  }
  const { lengths, steps } = nest;
  const rows = sizeOf(lengths);
  const block = Math.max(1, Math.floor(CHUNK_FLOATS / (length + 1)));
  return [
    step('copy', Math.ceil(rows / block), {
      ...{ input: source, output: target },
      ...{ n1: lengths[1], n2: lengths[2], n3: lengths[3] },
      ...{ a0: steps[0][0], a1: steps[0][1], a2: steps[0][2], a3: steps[0][3] },
      ...{ o0: steps[1][0], o1: steps[1][1], o2: steps[1][2], o3: steps[1][3] },
      ...{ rows, length, inputStep: inner * 4, zeros: to.zeros ?? 0, block },
    }),
  ];
}

/** Copies a value into another of the same shape. */
export function copyOperation(from: DeviceValue, to: Target): Operation {
  return {
    reads: [from.buffer],
    writes: [to.buffer],
    work: 2 * sizeOf(from.shape),
    steps: (at) => copySteps(from, to, at),
  };
}

/** The floats behind a strand that fill its last vector. */
export const restOf = ({ shape, strand }: DeviceValue): number =>
  strand < 0 ? 3 : padded(shape[strand]) - shape[strand];

export interface Moved {
  readonly output: DeviceValue;
  readonly operations: readonly Operation[];
}

/** The value with its axes in an order, from the slowest to the strand. */
export function inOrder(x: DeviceValue, order: readonly number[]): Moved {
  const output = newValue(x.shape, order);
  return { output, operations: [copyOperation(x, { ...output, zeros: restOf(output) })] };
}

/** Zeros behind strands that are filled piece by piece. */
function zerosBehind(x: DeviceValue): Operation[] {
  const zeros = restOf(x);
  if (zeros === 0) return [];
  const length = x.shape[x.strand] ?? 1;
  const end = { bytes: zeros * 4, within: { whole: x.buffer, from: length * 4 } };
  const ends = {
    ...x,
    buffer: end,
    shape: x.shape.map((each, axis) => (axis === x.strand ? 0 : each)),
    zeros,
  };
  return [copyOperation(ends, ends)];
}

/** The same entries in row-major order under another shape: where they lie if strides can say so, else copied. */
export function reshaped(x: DeviceValue, shape: DeviceValue['shape']): Moved {
  const view = reshapedView(x, shape);
  if (view !== undefined) return { output: view, operations: [] };
  const output = newValue(shape, plainOrder(shape));
  const target = restrided(output, x.shape);
  if (target !== undefined) {
    return { output, operations: [...zerosBehind(output), copyOperation(x, target)] };
  }
  const flat = newValue([sizeOf(shape)], [0]);
  const [there, back] = [restrided(flat, x.shape), restrided(flat, shape)] as [DeviceValue, DeviceValue];
  return {
    output,
    operations: [copyOperation(x, there), copyOperation(back, { ...output, zeros: restOf(output) })],
  };
}
