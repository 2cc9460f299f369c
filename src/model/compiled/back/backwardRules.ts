import { number, text } from '../../../layers/layer.ts';
import { readWindow } from '../../../layers/window.ts';
import type { Shape } from '../../../tensor/shape.ts';
import { fromData } from '../../../tensor/tensor.ts';
import type { GraphNode } from '../../data/format.ts';
import { boundsOf } from '../lower/bounds.ts';
import { normalizationScaling } from '../lower/scaling.ts';
import { scaleChannels, transposeKernels } from '../lower/transposeKernels.ts';
import { productRules } from './backwardProducts.ts';
import type { BackwardContext, BackwardRule } from './backwardRule.ts';
import { shapeRules, shapesOf, summed } from './backwardShapes.ts';

const all = (list: readonly number[], value: number) => list.every((each) => each === value);

/** ∂x = the stride-1 convolution of ∂y, spread by the strides, with the kernels flipped and transposed. */
const conv: BackwardRule = (context) => {
  const { node, cotangent, factors, emit, keep, give } = context;
  const w = context.constant(1);
  const shapes = shapesOf(context);
  if (w === undefined || shapes?.[0].length !== 4 || w.shape.length !== 4) return false;
  if (context.isWanted(1) || (node.inputs[2] && context.isWanted(2))) return false;
  const [x, y] = shapes;
  const groups = number(node.attributes, 'group', 1);
  const kernel = w.shape.slice(2);
  const { strides, dilations, padsBefore } = readWindow(node.attributes, kernel, x.slice(2));
  const weights = keep(transposeKernels(w, { groups, factors }));
  const plain = { strides: [1, 1], dilations, group: groups, kernel_shape: kernel };
  const isStrided = !all(strides, 1);
  if (isStrided && all(kernel, 1) && all(padsBefore, 0)) {
    const small = emit(
      { op: 'Conv', inputs: [cotangent, weights], attributes: { ...plain, pads: [0, 0, 0, 0] } },
      [x[0], x[1], y[2], y[3]],
    );
    give(0, emit({ op: 'SpreadPixels', inputs: [small], attributes: { strides } }, x));
    return true;
  }
  const lengths = strides.map((stride, i) => (y[i + 2] - 1) * stride + 1);
  const wide = isStrided
    ? emit({ op: 'SpreadPixels', inputs: [cotangent], attributes: { strides } }, [y[0], y[1], ...lengths])
    : cotangent;
  const before = padsBefore.map((pad, i) => dilations[i] * (kernel[i] - 1) - pad);
  const after = padsBefore.map((pad, i) => x[i + 2] + pad - lengths[i]);
  const attributes = { ...plain, pads: [...before, ...after] };
  give(0, emit({ op: 'Conv', inputs: [wide, weights], attributes }, x));
  return true;
};

const batchNormalization: BackwardRule = (context) => {
  const { node, cotangent, factors, emit, keep, give } = context;
  const scaling = normalizationScaling(node, context.constant);
  const shapes = shapesOf(context);
  if (scaling === undefined || shapes === undefined || factors !== undefined) return false;
  if (context.takesFactors(0)) context.giveScaled(0, cotangent, scaling.factors);
  else {
    const [x] = shapes;
    const scale = keep(scaleChannels(scaling.factors, x.length));
    give(0, emit({ op: 'Mul', inputs: [cotangent, scale] }, x));
  }
  return true;
};

/** A gate on the cotangent by what the node gives ('output') or gets ('input'). */
function gate(op: string, by: 'input' | 'output', attributesOf = attributesAsTheyAre): BackwardRule {
  return (context) => {
    const { node, cotangent, emit, give } = context;
    const shapes = shapesOf(context);
    const attributes = attributesOf(context);
    if (shapes === undefined || attributes === undefined) return false;
    const other = by === 'input' ? node.inputs[0] : node.outputs[0];
    give(0, emit({ op, inputs: [cotangent, other], attributes }, shapes[0]));
    return true;
  };
}

type AttributesOf = (context: BackwardContext) => Readonly<Record<string, number>> | undefined;

const alphaOf =
  (fallback: number): AttributesOf =>
  ({ node }) => ({ alpha: number(node.attributes, 'alpha', fallback) });

const attributesAsTheyAre = /* @__PURE__ */ alphaOf(0.01);

const clamp = /* @__PURE__ */ gate('Gate', 'output', ({ node, constant }) => {
  const bounds = boundsOf(node, constant);
  // Relu has no upper bound to stop at, not even Infinity: nothing is above NaN.
  return bounds && { alpha: 1, low: bounds.low, high: node.op === 'Relu' ? Number.NaN : bounds.high };
});

/** A pool's cotangent, by what went in. */
function pool(op: string): BackwardRule {
  return (context) => {
    const { node, cotangent, emit, give } = context;
    const shapes = shapesOf(context);
    if (shapes?.[0].length !== 4 || shapes[1].length !== 4) return false;
    give(0, emit({ op, inputs: [cotangent, node.inputs[0]], attributes: node.attributes }, shapes[0]));
    return true;
  };
}

/** ∂x of f(x, other), for each side: `through` gives it at the shape of the output. */
function binary(through: (context: BackwardContext, i: number, y: Shape) => string): BackwardRule {
  return (context) => {
    for (const i of [0, 1]) {
      if (!context.isWanted(i)) continue;
      const shapes = shapesOf(context, i);
      if (shapes === undefined) return false;
      context.give(i, summed(context, through(context, i, shapes[1]), shapes));
    }
    return true;
  };
}

const negated = ({ emit, keep }: BackwardContext, name: string, y: Shape): string =>
  emit({ op: 'Mul', inputs: [name, keep(fromData(Float32Array.of(-1), []))] }, y);

/** ∂a = ∂y / b, ∂b = −∂y y / b. */
function quotient(context: BackwardContext, i: number, y: Shape): string {
  const { node, cotangent, emit } = context;
  const g = emit({ op: 'Div', inputs: [cotangent, node.inputs[1]] }, y);
  return i === 0 ? g : negated(context, emit({ op: 'Mul', inputs: [g, node.outputs[0]] }, y), y);
}

/** e^x hands on ∂y y. */
const exponential: BackwardRule = (context) => {
  const { node, cotangent, emit, give } = context;
  const shapes = shapesOf(context);
  if (shapes === undefined) return false;
  give(0, emit({ op: 'Mul', inputs: [cotangent, node.outputs[0]] }, shapes[0]));
  return true;
};

/** √x hands on ∂y / 2y. */
const root: BackwardRule = (context) => {
  const { node, cotangent, emit, keep, give } = context;
  const shapes = shapesOf(context);
  if (shapes === undefined) return false;
  const half = keep(fromData(Float32Array.of(0.5), []));
  const g = emit({ op: 'Mul', inputs: [cotangent, half] }, shapes[0]);
  give(0, emit({ op: 'Div', inputs: [g, node.outputs[0]] }, shapes[0]));
  return true;
};

const leakyBySlopes: BackwardRule = (context) => {
  const { node, cotangent, isWanted, emit, give } = context;
  const shapes = shapesOf(context);
  if (shapes === undefined || isWanted(1)) return false;
  const slope = emit({ op: 'LeakySlope', inputs: [node.inputs[0], node.inputs[1]] }, shapes[0]);
  give(0, emit({ op: 'Mul', inputs: [cotangent, slope] }, shapes[0]));
  return true;
};

/** A transposed convolution's way back is the convolution. */
const convTranspose: BackwardRule = (context) => {
  const { node, cotangent, isWanted, emit, give } = context;
  const shapes = shapesOf(context);
  if (shapes?.[0].length !== 4 || context.constant(1) === undefined || isWanted(1)) return false;
  if (text(node.attributes, 'auto_pad', 'NOTSET') !== 'NOTSET') return false;
  const { kernel_shape, strides, dilations, pads, group } = node.attributes;
  const known = { kernel_shape, strides, dilations, pads, group };
  const attributes = Object.fromEntries(
    Object.entries(known).filter(([, value]) => value !== undefined),
  ) as GraphNode['attributes'];
  give(0, emit({ op: 'Conv', inputs: [cotangent, node.inputs[1]], attributes }, shapes[0]));
  return true;
};

/** How cotangents pass the operators, by ONNX name. */
export const backwardRules: Readonly<Record<string, BackwardRule>> = {
  Conv: conv,
  BatchNormalization: batchNormalization,
  Relu: clamp,
  Clip: clamp,
  LeakyRelu: gate('LeakyGate', 'input'),
  HardSigmoid: gate('Gate', 'output', ({ node }) => ({
    alpha: number(node.attributes, 'alpha', 0.2),
    low: 0,
    high: 1,
  })),
  HardSwish: gate('HardSwishGate', 'input'),
  MaxPool: pool('MaxPoolGradient'),
  GlobalMaxPool: pool('GlobalMaxPoolGradient'),
  AveragePool: pool('AveragePoolGradient'),
  GlobalAveragePool: pool('GlobalAveragePoolGradient'),
  Sigmoid: gate('SigmoidGate', 'input'),
  Swish: gate('SwishGate', 'input', alphaOf(1)),
  Gelu: gate('GeluGate', 'input', ({ node }) =>
    text(node.attributes, 'approximate', 'none') === 'none' ? {} : undefined,
  ),
  Erf: gate('ErfGate', 'input'),
  Tanh: gate('TanhGate', 'input'),
  Elu: gate('EluGate', 'input', alphaOf(1)),
  PRelu: leakyBySlopes,
  Stairs: gate('StairsGate', 'input', ({ node: { attributes } }) => ({
    scale: number(attributes, 'scale', 1),
    low: number(attributes, 'low', 0),
    high: number(attributes, 'high', 0),
  })),
  Exp: exponential,
  Sqrt: root,
  ConvTranspose: convTranspose,
  Add: binary(({ cotangent }) => cotangent),
  Sub: binary((context, i, y) => (i === 0 ? context.cotangent : negated(context, context.cotangent, y))),
  Mul: binary(({ node, cotangent, emit }, i, y) =>
    emit({ op: 'Mul', inputs: [cotangent, node.inputs[1 - i]] }, y),
  ),
  Div: binary(quotient),
  ...shapeRules,
  ...productRules,
};
