import { number } from '../../../layers/layer.ts';
import { readWindow } from '../../../layers/window.ts';
import { type Shape, sameShape } from '../../../tensor/shape.ts';
import { boundsOf } from '../lower/bounds.ts';
import { normalizationScaling } from '../lower/scaling.ts';
import type { BackwardContext, BackwardRule } from './backwardRule.ts';
import { shapeRules, shapesOf } from './backwardShapes.ts';
import { scaleChannels, transposeKernels } from './transposeKernels.ts';

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

const attributesAsTheyAre: AttributesOf = ({ node }) => ({
  alpha: number(node.attributes, 'alpha', 0.01),
});

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

/** A cotangent of shape `y` summed to shape `x`: itself, or over the pixels of an image where x has one. */
function summed({ emit }: BackwardContext, cotangent: string, [x, y]: [Shape, Shape]): string | undefined {
  if (sameShape(x, y)) return cotangent;
  const isGate = x.length === 4 && sameShape(x, [y[0], y[1], 1, 1]);
  return isGate ? emit({ op: 'SumPixels', inputs: [cotangent] }, x) : undefined;
}

/** ∂x of f(x, other), for each side: `through` gives it at the shape of the output. */
function binary(through: (context: BackwardContext, other: string, y: Shape) => string): BackwardRule {
  return (context) => {
    const { node, isWanted, give } = context;
    for (const i of [0, 1]) {
      if (!isWanted(i)) continue;
      const shapes = shapesOf(context, i);
      const g = shapes && summed(context, through(context, node.inputs[1 - i], shapes[1]), shapes);
      if (g === undefined) return false;
      give(i, g);
    }
    return true;
  };
}

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
  Add: binary(({ cotangent }) => cotangent),
  Mul: binary(({ cotangent, emit }, other, y) => emit({ op: 'Mul', inputs: [cotangent, other] }, y)),
  ...shapeRules,
};
