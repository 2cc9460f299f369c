import {
  broadcastTo,
  div,
  equal,
  matmul,
  max,
  maximum,
  min,
  minimum,
  mul,
  neg,
  reshape,
  round,
  sub,
  where,
} from '../autodiff/operations.ts';
import { inPrecision } from '../autodiff/primitives/staircase.ts';
import { concrete, isTraced } from '../autodiff/trace.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { formatShape, normalizeAxis, type Shape, sameShape, sizeOf } from '../tensor/shape.ts';
import { allocate, castTo, contiguous, type DType, fromData, type Tensor } from '../tensor/tensor.ts';
import { convolution } from './convolution.ts';
import {
  entrywise,
  isImageAxis,
  type Layer,
  type LayerContext,
  type Layers,
  type NodeView,
  need,
  number,
  wholeMap,
} from './layer.ts';
import { sliced } from './shaping.ts';
import { stairsOf, toStairs } from './stairs.ts';
import { type Attributes, type ElementType, elementTypeOf } from './types.ts';

/** Scales or zero points beside x: one for all, one for each index of an axis, or one for each block along it. */
function spreadBeside(part: Tensor, x: Shape, { axis, block_size: size }: Attributes): Tensor {
  if (sizeOf(part.shape) === 1) return reshape(part, []);
  const rank = x.length;
  const at = normalizeAxis(typeof axis === 'number' ? axis : 1, rank, 'quantize along');
  if (part.shape.length === 1) {
    return reshape(part, [part.shape[0], ...new Array<number>(rank - at - 1).fill(1)]);
  }
  const block = size as number;
  const before = part.shape.slice(0, at + 1);
  const after = part.shape.slice(at + 1);
  const repeated = broadcastTo(reshape(part, [...before, 1, ...after]), [...before, block, ...after]);
  const whole = reshape(repeated, [...part.shape.slice(0, at), part.shape[at] * block, ...after]);
  return sliced(whole, [{ axis: at, start: 0, end: x[at], step: 1 }]);
}

/** @throws ShapeError, InputError for scales and zero points that do not lie beside x. */
function checkScales(
  shapes: readonly (Shape | undefined)[],
  { axis = 1, block_size: size = 0 }: Attributes,
): void {
  const [x, scale, zero] = shapes;
  if (scale === undefined || sizeOf(scale) === 1) return;
  if (zero !== undefined && !sameShape(scale, zero)) {
    throw new ShapeError(
      `its scales ${formatShape(scale)} and zero points ${formatShape(zero)} must have one shape`,
    );
  }
  if (x === undefined) return;
  const at = normalizeAxis(axis as number, x.length, 'quantize along');
  const block = size as number;
  if (scale.length > 1 && !(Number.isInteger(block) && block >= 1)) {
    throw new InputError(
      `scales of shape ${formatShape(scale)} need a block_size of at least 1, got ${block}`,
    );
  }
  const wanted =
    scale.length === 1 ? [x[at]] : x.map((length, i) => (i === at ? Math.ceil(length / block) : length));
  if (!sameShape(scale, wanted)) {
    throw new ShapeError(
      `its scales must have shape ${formatShape(wanted)} beside ${formatShape(x)}, got ${formatShape(scale)}`,
    );
  }
}

/** Images meet nowhere, unless there is a scale for each of them. */
const apartUnlessScaled = (node: NodeView): boolean =>
  (node.constant(1)?.length ?? 1) === 1 || !isImageAxis(number(node.attributes, 'axis', 1), node);

/** The type that QuantizeLinear gives: that of its zero point, else the one named, else uint8. */
export function quantizedType(
  types: readonly (ElementType | undefined)[],
  { output_dtype: named }: Attributes,
): ElementType {
  return types[2] ?? (typeof named === 'number' ? elementTypeOf(named) : undefined) ?? 'uint8';
}

/** A constant part beside x, in its precision; one that was computed keeps what it depends on. */
function beside(part: Tensor, x: Tensor, attributes: Attributes): Tensor {
  return inPrecision(spreadBeside(part, x.shape, attributes), x.dtype);
}

function quantized(
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes,
  { types, opset }: LayerContext,
): Tensor {
  const x = need(inputs, 0, 'x');
  const type = quantizedType(types, attributes);
  const stairs = stairsOf(type, attributes, opset);
  if (stairs === undefined)
    throw new InputError(`it quantizes to ${type}; a type of at most 16 bits is wanted`);
  const scaled = div(x, beside(need(inputs, 1, 'y_scale'), x, attributes));
  const [, , zero] = inputs;
  if (zero === undefined) return toStairs(scaled, stairs);
  const own = beside(concrete(zero), x, attributes);
  return toStairs(scaled, stairs, sizeOf(own.shape) === 1 ? own : broadcastTo(own, x.shape));
}

/**
 * (x − zero) · scale of plain values in one loop, where there is one scale or one for each index of an axis: weights are millions. Each
 * number is rounded once, as in the operations one by one, since the difference of whole numbers is exact.
 */
function unpacked(
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes,
  precision: DType,
): Tensor | undefined {
  const [x, scale, zero] = inputs;
  if (x === undefined || scale === undefined || inputs.some((each) => each !== undefined && isTraced(each)))
    return undefined;
  const isSingle = sizeOf(scale.shape) === 1;
  if (!isSingle && scale.shape.length > 1) return undefined;
  const { shape } = x;
  const axis = isSingle ? 0 : normalizeAxis(number(attributes, 'axis', 1), shape.length, 'quantize along');
  const inner = isSingle ? sizeOf(shape) : sizeOf(shape.slice(axis + 1));
  const codes = contiguous(x).data;
  const scales = castTo(contiguous(scale), precision).data;
  const zeros = zero && contiguous(zero).data;
  const out = allocate(codes.length, precision);
  for (let from = 0, at = 0; from < out.length; from += inner, at = (at + 1) % scales.length) {
    const [factor, shift] = [scales[at], zeros?.[at] ?? 0];
    for (let i = from; i < from + inner; i++) out[i] = (codes[i] - shift) * factor;
  }
  return fromData(out, shape);
}

function dequantized(
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes,
  precision: DType,
): Tensor {
  const plain = unpacked(inputs, attributes, precision);
  if (plain !== undefined) return plain;
  const x = inPrecision(need(inputs, 0, 'x'), precision);
  const [, , zero] = inputs;
  const moved = zero === undefined ? x : sub(x, beside(zero, x, attributes));
  return mul(moved, beside(need(inputs, 1, 'x_scale'), x, attributes));
}

const parameters = { axis: 'int', block_size: 'int', output_dtype: 'int' } as const;

const scaledBeside: Omit<Layer, 'evaluate'> = {
  ...entrywise,
  images: apartUnlessScaled,
  inputs: [2, 3],
  keepsClassMap: true,
  fits: checkScales,
};

/** The range is that of the values themselves: what the rounding of its ends cuts off has its derivatives, too. */
const BYTES = {
  least: 0,
  most: 255,
  passes: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
} as const;

/**
 * The scale and the zero point of DynamicQuantizeLinear: choices made on all values of x. They are held for derivatives, so that what is
 * quantized and scaled back has the derivatives of x itself.
 */
function dynamicScale(x: Tensor): { scale: Tensor; zero: Tensor } {
  const low = concrete(minimum(min(x), 0));
  const high = concrete(maximum(max(x), 0));
  const wide = div(sub(high, low), 255);
  const scale = where(equal(wide, 0), 1, wide);
  return { scale, zero: round(minimum(maximum(div(low, neg(scale)), 0), 255)) };
}

/** Whole numbers less their zero point, in float64: sums of their products stay exact. */
function lessZero(
  x: Tensor,
  zero: Tensor | undefined,
  shapeOf: (zero: Shape) => Shape = (own) => own,
): Tensor {
  const wide = inPrecision(x, 'float64');
  if (zero === undefined) return wide;
  const shape = sizeOf(zero.shape) === 1 ? [] : shapeOf(zero.shape);
  return sub(wide, reshape(castTo(concrete(zero), 'float64'), shape));
}

export const quantization: Layers = {
  QuantizeLinear: {
    ...scaledBeside,
    attributes: { ...parameters, saturate: 'int' },
    straightThrough: 'fixed',
    evaluate: quantized,
    types: (types, attributes) => [quantizedType(types, attributes)],
  },
  DequantizeLinear: {
    ...scaledBeside,
    affine: 'first',
    attributes: parameters,
    evaluate: (inputs, attributes, { precision }) => dequantized(inputs, attributes, precision),
    types: ([, scale], { output_dtype: named }) => [
      (typeof named === 'number' && named !== 0 ? elementTypeOf(named) : scale) ?? 'float32',
    ],
  },
  DynamicQuantizeLinear: {
    ...wholeMap,
    images: () => false,
    inputs: [1, 1],
    outputs: 3,
    straightThrough: 'scaled',
    evaluate: (inputs) => {
      const x = need(inputs, 0, 'x');
      const { scale, zero } = dynamicScale(x);
      return [toStairs(div(x, scale), BYTES, zero), scale, zero];
    },
    types: ([type]) => ['uint8', type, 'uint8'],
  },
  MatMulInteger: {
    ...wholeMap,
    affine: 'singly',
    inputs: [2, 4],
    evaluate: (inputs) => {
      const a = lessZero(need(inputs, 0, 'A'), inputs[2], (own) => (own.length === 1 ? [...own, 1] : own));
      return matmul(a, lessZero(need(inputs, 1, 'B'), inputs[3]));
    },
    types: () => ['int32'],
  },
  ConvInteger: {
    ...convolution.Conv,
    weights: [],
    readOnce: [],
    inputs: [2, 4],
    fits: ([x, w], attributes) => convolution.Conv.fits?.([x, w], attributes),
    evaluate: (inputs, attributes, context) => {
      const w = need(inputs, 1, 'w');
      const ones = w.shape.slice(1).map(() => 1);
      const whole = [
        lessZero(need(inputs, 0, 'x'), inputs[2]),
        lessZero(w, inputs[3], (own) => [...own, ...ones]),
      ];
      return convolution.Conv.evaluate(whole, attributes, context);
    },
    types: () => ['int32'],
  },
};
