import type { Attributes } from '../../../src/model/data/format.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import {
  type Builder,
  chance,
  channelCounts,
  type Grow,
  manyChannels,
  node,
  normals,
  pick,
  weights,
} from './builder.ts';

function windowLengths(shape: readonly number[], a: { [name: string]: readonly number[] }, ceil = false) {
  return shape.slice(1).map((length, i) => {
    const reach = a.dilations[i] * (a.kernel_shape[i] - 1) + 1;
    const steps = (length + a.pads[i] + a.pads[i + 2] - reach) / a.strides[i];
    const last = ceil ? Math.ceil(steps) : Math.floor(steps);
    const drops = ceil && last * a.strides[i] >= length + a.pads[i];
    return steps < 0 ? 0 : last + (drops ? 0 : 1);
  });
}

function randomWindow(b: Builder, kernels: readonly (readonly number[])[]) {
  const kernel = pick(b, kernels);
  const pads = chance(b, b.large ? 0.8 : 0.6)
    ? [...kernel, ...kernel].map((k) => Math.floor(k / 2))
    : [...kernel, ...kernel].map((k) => b.random.integer(k + 1));
  const strides = chance(b, b.large ? 0.85 : 0.7)
    ? [1, 1]
    : [1 + b.random.integer(3), 1 + b.random.integer(3)];
  const dilations = chance(b, 0.85) ? [1, 1] : [1 + b.random.integer(2), 1 + b.random.integer(3)];
  return { kernel_shape: kernel, pads, strides, dilations };
}

const convKernels = [
  [3, 3],
  [3, 3],
  [3, 3],
  [1, 1],
  [1, 1],
  [2, 2],
  [5, 5],
  [1, 3],
  [3, 1],
  [4, 7],
];

export const conv: Grow = (b, x) => {
  const [channels] = x.shape;
  const divisors = channelCounts.filter((n) => channels % n === 0);
  const groups = chance(b, b.large ? 0.15 : 0.35) ? pick(b, chance(b, 0.5) ? [channels] : divisors) : 1;
  const wanted = pick(b, b.large ? manyChannels : channelCounts);
  const filters = groups === 1 ? wanted : groups * (chance(b, 0.7) ? channels / groups : 1 + (wanted % 8));
  if (filters > 80) return undefined;
  const window = randomWindow(b, b.large && chance(b, 0.6) ? [[3, 3]] : convKernels);
  const spatial = windowLengths(x.shape, window);
  if (spatial.some((length) => length < 1)) return undefined;
  const shape = [filters, channels / groups, ...window.kernel_shape];
  const inputs = [x.name, weights(b, shape, sizeOf(shape.slice(1)))];
  if (chance(b, 0.7)) inputs.push(normals(b, [filters], 0.3));
  if (chance(b, 0.9)) {
    return node(b, 'Conv', {
      inputs,
      shape: [filters, ...spatial],
      attributes: { ...window, group: groups },
    });
  }
  const { pads: _, ...rest } = window;
  const attributes = { ...rest, auto_pad: pick(b, ['SAME_UPPER', 'SAME_LOWER']), group: groups };
  const lengths = x.shape.slice(1).map((length, i) => Math.ceil(length / window.strides[i]));
  return node(b, 'Conv', { inputs, shape: [filters, ...lengths], attributes });
};

const poolKernels = [
  [2, 2],
  [3, 3],
  [3, 3],
  [2, 3],
  [5, 1],
];

/** Whether a window along an axis lies in the pads altogether: the largest of nothing is −Infinity, which transforms of tiles spread. */
function hasEmptyWindow(
  length: number,
  output: number,
  a: { [name: string]: readonly number[] },
  axis: number,
): boolean {
  const taps = Array.from({ length: a.kernel_shape[axis] }, (_, k) => k * a.dilations[axis] - a.pads[axis]);
  return Array.from({ length: output }, (_, o) => o * a.strides[axis]).some((start) =>
    taps.every((tap) => start + tap < 0 || start + tap >= length),
  );
}

export function pool(op: 'MaxPool' | 'AveragePool'): Grow {
  return (b, x) => {
    const { dilations, ...window } = randomWindow(b, poolKernels);
    const all = { ...window, dilations: op === 'MaxPool' ? dilations : [1, 1] };
    const ceil = chance(b, 0.4);
    const spatial = windowLengths(x.shape, all, ceil);
    if (spatial.some((length, i) => length < 1 || hasEmptyWindow(x.shape[i + 1], length, all, i)))
      return undefined;
    const attributes: Attributes = {
      ...(op === 'MaxPool' ? all : window),
      ceil_mode: ceil ? 1 : 0,
      ...(op === 'AveragePool' && chance(b, 0.4) && { count_include_pad: 1 }),
    };
    return node(b, op, { inputs: [x.name], shape: [x.shape[0], ...spatial], attributes });
  };
}
