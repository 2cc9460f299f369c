import { matmul, reshape, transpose, where } from '../autodiff/operations.ts';
import { InputError } from '../tensor/errors.ts';
import { largestOf, leastOf } from '../tensor/largest.ts';
import { roomFor } from '../tensor/room.ts';
import { normalizeAxis, type Shape, sizeOf } from '../tensor/shape.ts';
import { fromData, type Tensor } from '../tensor/tensor.ts';
import {
  choice,
  type Layer,
  type Layers,
  type NodeView,
  need,
  number,
  numbers,
  text,
  valuesOf,
  wholeMap,
  wrongAttribute,
} from './layer.ts';
import type { Attributes } from './types.ts';

interface AxisPlan {
  readonly input: number;
  readonly output: number;
  readonly scale: number;
  /** Region of interest for tf_crop_and_resize, relative. */
  readonly roi: readonly [start: number, end: number];
}

interface ResizeOptions {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly coordinates: string;
  readonly round: (x: number) => number;
  readonly cubic: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
  readonly extrapolation: number;
}

/** Where an output cell lies in the input, in cells. */
function sourceOf(i: number, { input, output, scale, roi }: AxisPlan, coordinates: string): number {
  // ONNX takes the length before it is rounded down.
  const length = scale * input;
  switch (coordinates) {
    case 'asymmetric':
      return i / scale;
    case 'align_corners':
      return length === 1 ? 0 : (i * (input - 1)) / (length - 1);
    case 'pytorch_half_pixel':
      return output === 1 ? 0 : (i + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric': {
      const shift = (input / 2) * (1 - output / (input * scale));
      return shift + (i + 0.5) / scale - 0.5;
    }
    case 'tf_half_pixel_for_nn':
      return (i + 0.5) / scale;
    case 'tf_crop_and_resize': {
      const [start, end] = roi;
      return output === 1
        ? 0.5 * (start + end) * (input - 1)
        : start * (input - 1) + (i * (end - start) * (input - 1)) / (length - 1);
    }
    case 'half_pixel':
      return (i + 0.5) / scale - 0.5;
    default:
      throw new InputError(`its coordinate_transformation_mode ${coordinates} is not one that ONNX defines`);
  }
}

const rounding: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Keys' cubic kernel with parameter a. */
function cubicWeight(t: number, a: number): number {
  const x = Math.abs(t);
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  return x < 2 ? a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a : 0;
}

/** Weights [output, input] of one axis, and which outputs lie outside the input altogether. */
function axisWeights(plan: AxisPlan, options: ResizeOptions): { weights: Float64Array; outside: boolean[] } {
  const { input, output, scale } = plan;
  // A matrix, though few of its weights are not 0: eight times what a tensor of as many cells may be.
  const weights = new Float64Array(roomFor(8 * output * input) / 8);
  const outside = new Array<boolean>(roomFor(output)).fill(false);
  const clamp = (at: number) => Math.min(input - 1, Math.max(0, at));
  // An antialiased filter is as wide as the input cells that one output cell covers.
  const stretch = options.antialias && scale < 1 ? scale : 1;
  const cubic = options.mode === 'cubic';
  const reach = (cubic ? 2 : 1) / stretch;
  for (let o = 0; o < output; o++) {
    const x = sourceOf(o, plan, options.coordinates);
    if (!Number.isFinite(x)) throw new InputError(`its output cell ${o} lies at ${x} of its input`);
    if (options.coordinates === 'tf_crop_and_resize' && (x < 0 || x > input - 1)) {
      outside[o] = true;
      continue;
    }
    if (options.mode === 'nearest') {
      weights[o * input + clamp(options.round(x))] = 1;
      continue;
    }
    let total = 0;
    const row: [number, number][] = [];
    for (let at = Math.ceil(x - reach); at <= Math.floor(x + reach); at++) {
      if (options.excludeOutside && (at < 0 || at >= input)) continue;
      const t = (at - x) * stretch;
      const weight = cubic ? cubicWeight(t, options.cubic) : Math.max(0, 1 - Math.abs(t));
      row.push([clamp(at), weight]);
      total += weight;
    }
    for (const [at, weight] of row) weights[o * input + at] += weight / total;
  }
  return { weights, outside };
}

/** x with one axis multiplied by a matrix [output, input]: linear, whatever the mode. */
function alongAxis(x: Tensor, axis: number, weights: Float64Array, output: number): Tensor {
  const input = x.shape[axis];
  const order = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const back = x.shape.map((_, i) => (i === axis ? x.shape.length - 1 : order.indexOf(i)));
  const last = transpose(x, [...order, axis]);
  const rows = reshape(last, [sizeOf(order.map((i) => x.shape[i])), input]);
  const data = x.dtype === 'float32' ? Float32Array.from(weights) : weights;
  const matrix = fromData(data, [output, input]);
  const product = matmul(rows, matrix, { right: true });
  return transpose(reshape(product, [...order.map((i) => x.shape[i]), output]), back);
}

/** Cells outside the region of interest get the extrapolation value. */
function extrapolated(x: Tensor, axis: number, outside: readonly boolean[], value: number): Tensor {
  if (!outside.includes(true)) return x;
  const shape = x.shape.map((length, i) => (i === axis ? length : 1));
  return where(fromData(Float64Array.from(outside, Number), shape), value, x);
}

const resizeKinds: Layer['attributes'] = {
  ...{ mode: 'text', coordinate_transformation_mode: 'text', nearest_mode: 'text' },
  ...{ keep_aspect_ratio_policy: 'text', cubic_coeff_a: 'float', extrapolation_value: 'float' },
  ...{ exclude_outside: 'int', antialias: 'int', axes: 'ints', scales: 'floats' },
};

function readOptions(attributes: Attributes, opset: number): ResizeOptions {
  const mode = choice(attributes, 'mode', ['nearest', 'linear', 'bilinear', 'cubic']);
  const nearest = text(attributes, 'nearest_mode', opset < 11 ? 'floor' : 'round_prefer_floor');
  const round = Object.hasOwn(rounding, nearest) ? rounding[nearest] : undefined;
  if (round === undefined) throw wrongAttribute('nearest_mode', Object.keys(rounding).join(', '), nearest);
  return {
    mode: mode === 'bilinear' ? 'linear' : mode,
    coordinates: text(attributes, 'coordinate_transformation_mode', opset < 11 ? 'asymmetric' : 'half_pixel'),
    round,
    cubic: number(attributes, 'cubic_coeff_a', -0.75),
    excludeOutside: number(attributes, 'exclude_outside', 0) === 1,
    antialias: number(attributes, 'antialias', 0) === 1,
    extrapolation: number(attributes, 'extrapolation_value', 0),
  };
}

const filled = (values: number[] | undefined) =>
  values === undefined || values.length === 0 ? undefined : values;

/** Output lengths and scales of the resized axes. */
function planAxes(
  shape: Shape,
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes,
  opset: number,
): Map<number, AxisPlan> {
  const old = opset < 11;
  const scales = filled(valuesOf(inputs[old ? 1 : 2])) ?? numbers(attributes, 'scales')?.slice();
  const sizes = old ? undefined : filled(valuesOf(inputs[3]));
  const roi = old ? undefined : filled(valuesOf(inputs[1]));
  const rank = shape.length;
  const axes =
    numbers(attributes, 'axes')?.map((axis) => normalizeAxis(axis, rank, 'resize')) ?? shape.map((_, i) => i);
  if (scales === undefined && sizes === undefined) throw new InputError('it has neither scales nor sizes');
  const asked = sizes ?? scales;
  if (asked?.length !== axes.length) {
    throw new InputError(
      `its scales or sizes must be ${axes.length} numbers, one for each axis, got ${asked?.length}`,
    );
  }
  const bad = asked.find((each) => !Number.isFinite(each) || each < 0);
  if (bad !== undefined)
    throw new InputError(`its scales and sizes must be at least 0 and finite, got ${bad}`);
  if (roi !== undefined && roi.length !== 2 * axes.length) {
    throw new InputError(`its roi must be ${2 * axes.length} numbers, got ${roi.length}`);
  }
  const policy = choice(attributes, 'keep_aspect_ratio_policy', ['stretch', 'not_larger', 'not_smaller']);
  const ratios = sizes?.map((size, i) => size / shape[axes[i]]);
  const common = policy === 'not_larger' ? leastOf(ratios ?? [1]) : largestOf(ratios ?? [1]);
  return new Map(
    axes.map((axis, i) => {
      const input = shape[axis];
      const kept = policy !== 'stretch' && ratios !== undefined;
      const scale = kept ? common : (ratios?.[i] ?? (scales as number[])[i]);
      const output = kept ? Math.floor(scale * input + 0.5) : (sizes?.[i] ?? Math.floor(input * scale));
      const region = roi === undefined ? ([0, 1] as const) : ([roi[i], roi[i + axes.length]] as const);
      return [axis, { input, output, scale, roi: region }];
    }),
  );
}

/** Separable: each axis is multiplied by the matrix of its weights. */
function resize(x: Tensor, plans: ReadonlyMap<number, AxisPlan>, options: ResizeOptions): Tensor {
  let y = x;
  for (const [axis, plan] of plans) {
    const crop = options.coordinates === 'tf_crop_and_resize';
    if (plan.input === plan.output && plan.scale === 1 && !crop) continue;
    const { weights, outside } = axisWeights(plan, options);
    y = extrapolated(alongAxis(y, axis, weights, plan.output), axis, outside, options.extrapolation);
  }
  return y;
}

/**
 * Weights [output, input] of each axis that a Resize changes, of a tensor of a shape; undefined where cells outside the input get a
 * value of their own.
 */
export function resizePlan(
  shape: Shape,
  given: { inputs: readonly (Tensor | undefined)[]; attributes: Attributes; isUpsample: boolean },
): { axis: number; weights: Float64Array; output: number }[] | undefined {
  const { inputs, attributes, isUpsample } = given;
  if (attributes.coordinate_transformation_mode === 'tf_crop_and_resize') return undefined;
  const opset = isUpsample ? 10 : 13;
  const options = readOptions(attributes, opset);
  return [...planAxes(shape, inputs, attributes, opset)].flatMap(([axis, plan]) =>
    plan.input === plan.output && plan.scale === 1
      ? []
      : [{ axis, weights: axisWeights(plan, options).weights, output: plan.output }],
  );
}

/** A region of interest may cut through the axis of images, too. */
const keepsImages = ({ attributes }: NodeView): boolean =>
  attributes.coordinate_transformation_mode !== 'tf_crop_and_resize';

export const resizing: Layers = {
  Resize: {
    affine: 'first',
    ...wholeMap,
    images: keepsImages,
    resizes: true,
    keepsClassMap: true,
    steeredFrom: 1,
    inputs: [1, 4],
    attributes: resizeKinds,
    evaluate: (inputs, attributes, { opset }) => {
      const x = need(inputs, 0, 'X');
      return resize(x, planAxes(x.shape, inputs, attributes, opset), readOptions(attributes, opset));
    },
  },
  Upsample: {
    affine: 'first',
    ...wholeMap,
    images: keepsImages,
    resizes: true,
    keepsClassMap: true,
    steeredFrom: 1,
    inputs: [1, 2],
    attributes: resizeKinds,
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'X');
      return resize(x, planAxes(x.shape, inputs, attributes, 10), readOptions(attributes, 10));
    },
  },
};
