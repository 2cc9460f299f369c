import {
  abs,
  add,
  broadcastTo,
  div,
  equal,
  mul,
  norm,
  power,
  reciprocal,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  where,
} from '../autodiff/operations.ts';
import { lift, type Operand } from '../autodiff/primitives/lift.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { checkOptions, wantNumber } from '../tensor/options.ts';
import { roomFor } from '../tensor/room.ts';
import { checkSpreads, formatShape, normalizeAxis, type Shape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { full } from '../tensor/tensor.ts';
import { conv } from './convolution.ts';
import {
  entrywise,
  isImageAxis,
  type Layers,
  need,
  number,
  numbers,
  simple,
  unlessAlongImages,
  wholeMap,
  wrongAttribute,
} from './layer.ts';

/** @throws ShapeError for parameters, as far as they are known, that do not hold one number for each channel. */
function checkChannels(parameters: readonly (Shape | undefined)[], channels: number | undefined): void {
  const known = parameters.filter((shape) => shape !== undefined);
  const count = channels ?? known[0]?.[0];
  for (const shape of known) {
    if (shape.length === 1 && shape[0] === count) continue;
    throw new ShapeError(
      `its parameters must have one number for each of ${count} channels, got the shape ${formatShape(shape)}`,
    );
  }
}

/** One value a channel [C], as an operand beside x [N, C, …]. */
function perChannel(value: Tensor, x: Tensor): Tensor {
  checkChannels([value.shape], x.shape[1]);
  return reshape(value, [-1, ...x.shape.slice(2).map(() => 1)]);
}

/** What a batch normalisation has learnt: a number for each channel, [C]. */
export interface BatchNorm {
  readonly scale: Operand;
  readonly bias: Operand;
  readonly mean: Operand;
  readonly variance: Operand;
  readonly epsilon: number;
}

/**
 * (x − mean) · scale / √(variance + ε) + bias, each [C]: piecewise linear in x, since all else is constant.
 * Source: Ioffe and Szegedy 2015.
 * @example
 * const x = tensor([[[1, 3], [5, 7]]]);
 * batchNorm(x, { scale: [2, 1], bias: [0, 1], mean: [1, 5], variance: [1, 4], epsilon: 0 }) // [[[0, 4], [1, 2]]]
 */
export function batchNorm(given: Operand, parameters: BatchNorm): Tensor {
  const action = 'normalize';
  const x = lift(given, action);
  checkOptions(
    parameters ?? null,
    { scale: 'any', bias: 'any', mean: 'any', variance: 'any', epsilon: 'number' },
    action,
  );
  const { epsilon } = parameters;
  wantNumber(epsilon, 'epsilon', action);
  const each = (name: 'scale' | 'bias' | 'mean' | 'variance'): Tensor => {
    const value = lift(parameters[name], action);
    if (x.shape.length >= 2 && sizeOf(value.shape) === x.shape[1]) return value;
    throw new ShapeError(
      `Cannot ${action}: ${name} must have one number for each channel of x [N, C, …], got ${formatShape(value.shape)} for x ${formatShape(x.shape)}`,
    );
  };
  const factor = div(each('scale'), sqrt(add(each('variance'), epsilon)));
  return add(mul(sub(x, perChannel(each('mean'), x)), perChannel(factor, x)), perChannel(each('bias'), x));
}

export function mean(x: Tensor, axes: readonly number[]): Tensor {
  const count = axes.reduce((n, axis) => n * x.shape[axis], 1);
  return mul(1 / count, sum(x, axes, { keepDimensions: true }));
}

/** (x − mean) / √(variance + ε) over axes; the parts too. */
function standardize(x: Tensor, axes: readonly number[], epsilon: number) {
  const average = mean(x, axes);
  const centred = sub(x, average);
  const deviation = sqrt(add(mean(square(centred), axes), epsilon));
  return { y: div(centred, deviation), average, deviation };
}

const axesFrom = (x: Tensor, first: number) => x.shape.flatMap((_, axis) => (axis >= first ? [axis] : []));

/** What `layerNorm` normalizes, and what it makes of the result. */
export interface LayerNormOptions {
  /** What the result is multiplied by and added to, broadcast: 1 and 0 unless given. */
  readonly scale?: Operand | undefined;
  readonly bias?: Operand | undefined;
  /** The first of the axes that are normalized together, up to the last: −1 unless given. */
  readonly axis?: number | undefined;
  /** Added to the variance: 1e-5 unless given. */
  readonly epsilon?: number | undefined;
}

/**
 * (x − mean) / √(variance + ε) · scale + bias, mean and variance over the last axes of each vector.
 * @throws ShapeError when there is no such axis, or scale or bias do not broadcast.
 * Source: Ba et al. 2016, "Layer normalization".
 * @example
 * layerNorm(tensor([[1, 3], [10, 30]]), { epsilon: 0 }) // [[-1, 1], [-1, 1]]
 * layerNorm(tensor([1, 3]), { epsilon: 0, scale: [2, 2], bias: 1 }) // [-1, 3]
 */
export function layerNorm(given: Operand, options: LayerNormOptions = {}): Tensor {
  const action = 'normalize';
  const x = lift(given, action);
  checkOptions(options, { scale: 'any', bias: 'any', axis: 'number', epsilon: 'number' }, action);
  const { scale = 1, bias = 0, axis = -1, epsilon = 1e-5 } = options;
  const { y } = standardize(x, axesFrom(x, normalizeAxis(axis, x.shape.length, action)), epsilon);
  return add(mul(y, scale), bias);
}

function groupNorm(
  x: Tensor,
  { groups, epsilon, scale, bias }: { groups: number; epsilon: number; scale: Tensor; bias: Tensor },
) {
  const [n, c, ...spatial] = x.shape;
  if (c % groups !== 0) throw new InputError(`${c} channels do not fall into ${groups} groups`);
  const grouped = reshape(x, [n, groups, (c / groups) * sizeOf(spatial)]);
  const y = reshape(standardize(grouped, [2], epsilon).y, x.shape);
  // Before operator set 21 scale and bias are given for each group.
  const spread = (value: Tensor) =>
    value.shape[0] === c
      ? value
      : reshape(broadcastTo(reshape(value, [groups, 1]), [groups, c / groups]), [c]);
  return add(mul(y, perChannel(spread(scale), x)), perChannel(spread(bias), x));
}

/** x / (bias + α/size Σ x²)^β, the sum over `size` neighbouring channels. Source: Krizhevsky et al. 2012. */
function localResponse(
  x: Tensor,
  size: number,
  { alpha, beta, bias }: { alpha: number; beta: number; bias: number },
): Tensor {
  if (roomFor(size) < 1) throw wrongAttribute('size', 'at least 1', size);
  const [n, c, ...spatial] = x.shape;
  const channels = reshape(square(x), [n, 1, c, sizeOf(spatial)]);
  // Beyond the first and the last channel there is nothing to add.
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)].map((reach) =>
    Math.min(reach, Math.max(0, c - 1)),
  );
  const ones = full([1, 1, before + 1 + after, 1], 1, x.dtype);
  const pads = { padsBefore: [before, 0], padsAfter: [after, 0] };
  const sums = reshape(conv(channels, ones, pads), x.shape);
  return mul(x, power(add(bias, mul(alpha / size, sums)), -beta));
}

export const normalization: Layers = {
  BatchNormalization: {
    // In training mode too few of its inputs are constants: the statistics are those of the batch.
    affine: ({ attributes }) => (number(attributes, 'training_mode', 0) === 0 ? 'first' : undefined),
    ...entrywise,
    images: ({ attributes }) => number(attributes, 'training_mode', 0) === 0,
    inputs: [5, 5],
    outputs: 5,
    attributes: { epsilon: 'float', momentum: 'float', training_mode: 'int' },
    fits: ([x, ...parameters]) => checkChannels(parameters, x?.[1]),
    evaluate: (inputs, attributes, { outputs }) => {
      const x = need(inputs, 0, 'X');
      const [scale, bias] = [need(inputs, 1, 'scale'), need(inputs, 2, 'B')];
      const [runningMean, runningVariance] = [need(inputs, 3, 'mean'), need(inputs, 4, 'var')];
      const epsilon = number(attributes, 'epsilon', 1e-5);
      if (number(attributes, 'training_mode', 0) === 0) {
        return batchNorm(x, { scale, bias, mean: runningMean, variance: runningVariance, epsilon });
      }
      const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
      const { y, average } = standardize(x, axes, epsilon);
      const variance = mean(square(sub(x, average)), axes);
      const momentum = number(attributes, 'momentum', 0.9);
      const blend = (old: Tensor, now: Tensor) =>
        add(mul(momentum, old), mul(1 - momentum, reshape(now, [-1])));
      const scaled = add(mul(y, perChannel(scale, x)), perChannel(bias, x));
      return [scaled, blend(runningMean, average), blend(runningVariance, variance)].slice(
        0,
        Math.max(1, outputs),
      );
    },
  },
  InstanceNormalization: {
    ...wholeMap,
    inputs: [3, 3],
    attributes: { epsilon: 'float' },
    fits: ([x, ...parameters]) => checkChannels(parameters, x?.[1]),
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'input');
      const { y } = standardize(x, axesFrom(x, 2), number(attributes, 'epsilon', 1e-5));
      return add(mul(y, perChannel(need(inputs, 1, 'scale'), x)), perChannel(need(inputs, 2, 'B'), x));
    },
  },
  GroupNormalization: {
    ...wholeMap,
    inputs: [3, 3],
    attributes: { epsilon: 'float', num_groups: 'int', stash_type: 'int' },
    evaluate: (inputs, attributes) =>
      groupNorm(need(inputs, 0, 'X'), {
        groups: number(attributes, 'num_groups', 1),
        epsilon: number(attributes, 'epsilon', 1e-5),
        scale: need(inputs, 1, 'scale'),
        bias: need(inputs, 2, 'bias'),
      }),
  },
  LayerNormalization: {
    ...wholeMap,
    images: unlessAlongImages(-1),
    inputs: [2, 3],
    outputs: 3,
    attributes: { axis: 'int', epsilon: 'float', stash_type: 'int' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'X');
      const first = normalizeAxis(number(attributes, 'axis', -1), x.shape.length, 'normalize');
      const { y, average, deviation } = standardize(
        x,
        axesFrom(x, first),
        number(attributes, 'epsilon', 1e-5),
      );
      for (const each of [inputs[1], inputs[2]]) if (each) checkSpreads(each.shape, x.shape, 'parameters');
      const scaled = mul(y, need(inputs, 1, 'Scale'));
      return [inputs[2] === undefined ? scaled : add(scaled, inputs[2]), average, reciprocal(deviation)];
    },
  },
  RMSNormalization: {
    ...wholeMap,
    images: unlessAlongImages(-1),
    inputs: [2, 2],
    attributes: { axis: 'int', epsilon: 'float', stash_type: 'int' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'X');
      const first = normalizeAxis(number(attributes, 'axis', -1), x.shape.length, 'normalize');
      checkSpreads(need(inputs, 1, 'scale').shape, x.shape, 'scale');
      const size = mean(square(x), axesFrom(x, first));
      return mul(div(x, sqrt(add(size, number(attributes, 'epsilon', 1e-5)))), need(inputs, 1, 'scale'));
    },
  },
  LRN: simple(
    (x, attributes) =>
      localResponse(x, number(attributes, 'size', 1), {
        alpha: number(attributes, 'alpha', 1e-4),
        beta: number(attributes, 'beta', 0.75),
        bias: number(attributes, 'bias', 1),
      }),
    entrywise,
    { size: 'int', alpha: 'float', beta: 'float', bias: 'float' },
  ),
  LpNormalization: simple(
    (x, attributes) => {
      const axes = [normalizeAxis(number(attributes, 'axis', -1), x.shape.length, 'normalize')];
      const kept = { keepDimensions: true };
      const size = number(attributes, 'p', 2) === 1 ? sum(abs(x), axes, kept) : norm(x, axes, kept);
      // What is 0 stays 0.
      return div(x, where(equal(size, 0), 1, size));
    },
    { ...wholeMap, images: unlessAlongImages(-1) },
    { axis: 'int', p: 'int' },
  ),
  MeanVarianceNormalization: simple(
    (x, attributes) => {
      const axes = numbers(attributes, 'axes', [0, 2, 3]);
      const centred = sub(x, mean(x, axes));
      return div(centred, add(sqrt(mean(square(centred), axes)), 1e-9));
    },
    {
      ...wholeMap,
      images: (node) => !numbers(node.attributes, 'axes', [0, 2, 3]).some((axis) => isImageAxis(axis, node)),
    },
    { axes: 'ints' },
  ),
};
