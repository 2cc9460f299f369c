import { add, reshape } from '../autodiff/operations.ts';
import { lift, type Operand } from '../autodiff/primitives/lift.ts';
import { convInputRow, convRow } from '../autodiff/primitives/products.ts';
import { apply, isTraced } from '../autodiff/trace.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { checkWindow, windowOutput } from '../tensor/kernels/reference/window.ts';
import { checkOptions } from '../tensor/options.ts';
import { formatShape, type Shape } from '../tensor/shape.ts';
import { contiguous, type Tensor } from '../tensor/tensor.ts';
import { entrywise, type Layers, need, number, numbers, wholeMap, wrongAttribute } from './layer.ts';
import type { Attributes } from './types.ts';
import { kernelOf, readSides, readWindow, windowKinds } from './window.ts';

const rowMajorOf = (x: Tensor) => (isTraced(x) ? x : contiguous(x));

/** @throws ShapeError for a bias that does not hold one number for each filter. */
function checkBias(bias: Shape | undefined, filters: number): void {
  if (bias === undefined || (bias.length === 1 && bias[0] === filters)) return;
  throw new ShapeError(
    `Cannot convolve: the bias must have one number for each of ${filters} filters, got shape ${formatShape(bias)}`,
  );
}

function withBias(y: Tensor, bias: Tensor | undefined, spatial: number): Tensor {
  if (bias === undefined) return y;
  checkBias(bias.shape, y.shape[y.shape.length - spatial - 1]);
  return add(y, reshape(bias, [-1, ...new Array<number>(spatial).fill(1)]));
}

function groupsOf(attributes: Attributes): number {
  const groups = number(attributes, 'group', 1);
  if (Number.isInteger(groups) && groups >= 1) return groups;
  throw wrongAttribute('group', 'a whole number of at least 1', groups);
}

/** How a window moves, what surrounds the input, and what is added. */
export interface ConvOptions {
  /** Steps of the window, one a spatial axis: 1 unless given. */
  readonly strides?: readonly number[] | undefined;
  /** Distance of the window's cells: 1 unless given. */
  readonly dilations?: readonly number[] | undefined;
  /** Zeros before and after each spatial axis: 0 unless given; a negative pad crops. */
  readonly padsBefore?: readonly number[] | undefined;
  readonly padsAfter?: readonly number[] | undefined;
  /** Groups of channels that do not mix: 1 unless given. */
  readonly groups?: number | undefined;
  /** One number a filter, [O]. */
  readonly bias?: Operand | undefined;
}

/**
 * Convolution (cross-correlation) of x [N, C, spatial] with w [O, C/groups, kernel] → [N, O, spatial′], one to three spatial
 * axes. Strides and dilations are 1, pads 0 and groups 1 unless given.
 * @throws ShapeError when channels, groups and weights do not fit, or the window is larger than the padded input.
 * @example
 * const x = tensor([[[[1, 2, 3], [4, 5, 6]]]]);
 * const w = tensor([[[[1, -1]]]]);
 * conv(x, w) // [[[[-1, -1], [-1, -1]]]]
 * conv(x, w, { strides: [1, 2], padsAfter: [0, 1], bias: [10] }) // [[[[9, 13], [9, 16]]]]
 */
export function conv(image: Operand, weights: Operand, options: ConvOptions = {}): Tensor {
  const action = 'convolve';
  checkOptions(
    options,
    {
      ...{ strides: 'numbers', dilations: 'numbers', padsBefore: 'numbers', padsAfter: 'numbers' },
      ...{ groups: 'count', bias: 'any' },
    },
    action,
  );
  const x = lift(image, action);
  const w = lift(weights, action);
  const kernel = w.shape.slice(2);
  const spatial = kernel.length;
  const all = (value: number) => new Array<number>(spatial).fill(value);
  const {
    groups = 1,
    bias,
    strides = all(1),
    dilations = all(1),
    padsBefore = all(0),
    padsAfter = all(0),
  } = options;
  if (x.shape.length !== spatial + 2 || spatial < 1 || spatial > 3) {
    throw new ShapeError(
      `Cannot convolve: input [N, C, spatial] and weights [O, C, kernel] of 1 to 3 spatial axes are wanted, got ${formatShape(x.shape)} and ${formatShape(w.shape)}`,
    );
  }
  if (groups < 1 || x.shape[1] !== w.shape[1] * groups || w.shape[0] % groups !== 0) {
    throw new ShapeError(
      `Cannot convolve: input ${formatShape(x.shape)} does not fit weights ${formatShape(w.shape)} with ${groups} groups`,
    );
  }
  const attributes = { kernel, strides, dilations, padsBefore, padsAfter, groups };
  checkWindow(attributes, spatial, action);
  windowOutput(x.shape.slice(2), attributes, action);
  const y = apply(convRow, [x, w], attributes);
  return withBias(y, bias === undefined ? undefined : lift(bias, action), spatial);
}

/** Lengths and pads of a transposed convolution, from ONNX attributes. */
function transposedPlan(attributes: Attributes, kernel: readonly number[], spatial: readonly number[]) {
  const rank = spatial.length;
  const { strides, dilations, pads, autoPad } = readSides(attributes, kernel);
  const extra = numbers(attributes, 'output_padding', new Array<number>(rank).fill(0));
  const wanted = numbers(attributes, 'output_shape');
  if (extra.length !== rank || (wanted !== undefined && wanted.length < rank)) {
    throw new InputError(`its output_padding and output_shape must hold ${rank} numbers`);
  }
  const full = spatial.map(
    (length, i) => strides[i] * (length - 1) + extra[i] + dilations[i] * (kernel[i] - 1) + 1,
  );
  if (wanted === undefined && !autoPad.startsWith('SAME')) {
    const padsBefore = pads.slice(0, rank);
    const padsAfter = pads.slice(rank);
    return {
      strides,
      dilations,
      padsBefore,
      padsAfter,
      output: full.map((n, i) => n - padsBefore[i] - padsAfter[i]),
    };
  }
  const output = wanted?.slice(-rank) ?? spatial.map((length, i) => length * strides[i]);
  const total = full.map((n, i) => n - output[i]);
  // ONNX: the odd cell goes to the start, except for SAME_UPPER.
  const small = total.map((pad) => Math.floor(pad / 2));
  const large = total.map((pad, i) => pad - small[i]);
  const upper = autoPad === 'SAME_UPPER';
  return { strides, dilations, output, padsBefore: upper ? small : large, padsAfter: upper ? large : small };
}

export const convolution: Layers = {
  Conv: {
    affine: 'first',
    ...entrywise,
    sees: 'window',
    weights: [1],
    readOnce: [1],
    inputs: [2, 3],
    attributes: { ...windowKinds, group: 'int' },
    fits: ([, w, bias], attributes) => {
      if (w === undefined) return;
      readSides(attributes, kernelOf(attributes, w));
      groupsOf(attributes);
      checkBias(bias, w[0]);
    },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'X');
      const w = need(inputs, 1, 'W');
      const { kernel: _, ...window } = readWindow(
        attributes,
        kernelOf(attributes, w.shape),
        x.shape.slice(2),
      );
      return conv(x, w, { ...window, groups: groupsOf(attributes), bias: inputs[2] });
    },
  },
  ConvTranspose: {
    affine: 'first',
    ...wholeMap,
    weights: [1],
    inputs: [2, 3],
    attributes: { ...windowKinds, group: 'int', output_padding: 'ints', output_shape: 'ints' },
    fits: ([, w, bias], attributes) => {
      if (w === undefined) return;
      readSides(attributes, kernelOf(attributes, w));
      checkBias(bias, groupsOf(attributes) * w[1]);
    },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'X');
      const w = need(inputs, 1, 'W');
      const groups = groupsOf(attributes);
      const fits =
        x.shape.length === w.shape.length && x.shape[1] === w.shape[0] && x.shape[1] % groups === 0;
      if (!fits) {
        throw new ShapeError(`input ${formatShape(x.shape)} does not fit weights ${formatShape(w.shape)}`);
      }
      const kernel = kernelOf(attributes, w.shape);
      const { output, ...window } = transposedPlan(attributes, kernel, x.shape.slice(2));
      if (output.some((length) => length < 1))
        throw new InputError(`its output would be ${formatShape(output)}`);
      // ONNX weights [C, M/groups, kernel] are those of the convolution from the output back to x.
      const plan = { ...window, kernel, groups, inputSpatial: output };
      return withBias(apply(convInputRow, [rowMajorOf(x), rowMajorOf(w)], plan), inputs[2], kernel.length);
    },
  },
};
