/** How cotangents pass products of matrices, normalizations and reductions. */
import { number } from '../../../layers/layer.ts';
import { deferred } from '../../../tensor/deferred.ts';
import { type Shape, sizeOf } from '../../../tensor/shape.ts';
import { fromData, type Tensor } from '../../../tensor/tensor.ts';
import { valuesOf } from '../lower/transposeKernels.ts';
import type { BackwardContext, BackwardRule } from './backwardRule.ts';
import { shapesOf, summed } from './backwardShapes.ts';

/** A constant matrix with its axes exchanged, computed when it is asked for. */
function turnedConstant(w: Tensor): Tensor {
  const [rows, columns] = w.shape;
  const read = () => {
    const data = valuesOf(w);
    const out = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j];
    return out;
  };
  return deferred([columns, rows], 'float32', { read, fill: (out) => out.set(read()) });
}

/** A list with its last two entries exchanged. */
const turned = (shape: Shape): number[] => [
  ...shape.slice(0, -2),
  shape.at(-1) as number,
  shape.at(-2) as number,
];

/** The tensor, or the constant, with its last two axes exchanged: its name. */
function turnedInput(context: BackwardContext, i: number): string | undefined {
  const { node, constant, shapeOf, emit, keep } = context;
  const w = constant(i);
  if (w?.shape.length === 2) return keep(turnedConstant(w));
  const shape = w?.shape ?? shapeOf(node.inputs[i]);
  if (shape === undefined || shape.length < 2) return undefined;
  const perm = turned(shape.map((_, axis) => axis));
  return emit({ op: 'Transpose', inputs: [node.inputs[i]], attributes: { perm } }, turned(shape));
}

/** ∂A = ∂Y Bᵀ, ∂B = Aᵀ ∂Y, summed over what was repeated. */
const matMul: BackwardRule = (context) => {
  const { node, cotangent, isWanted, emit, give, shapeOf } = context;
  const y = shapeOf(node.outputs[0]);
  if (y === undefined || y.length < 2) return false;
  for (const i of [0, 1]) {
    if (!isWanted(i)) continue;
    const x = shapeOf(node.inputs[i]);
    const other = turnedInput(context, 1 - i);
    if (x === undefined || x.length < 2 || other === undefined) return false;
    const full = [...y.slice(0, -2), ...x.slice(-2)];
    const inputs = i === 0 ? [cotangent, other] : [other, cotangent];
    give(i, summed(context, emit({ op: 'MatMul', inputs }, full), [x, full]));
  }
  return true;
};

/** ∂A = ∂Y Bᵀ for a constant B. */
const gemm: BackwardRule = (context) => {
  const { node, cotangent, isWanted, emit, keep, give } = context;
  const { attributes } = node;
  const w = context.constant(1);
  const shapes = shapesOf(context);
  const isPlain = number(attributes, 'alpha', 1) === 1 && number(attributes, 'transA', 0) === 0;
  if (w === undefined || shapes === undefined || !isPlain || isWanted(1)) return false;
  if (node.inputs[2] && isWanted(2)) return false;
  const isTurned = number(attributes, 'transB', 0) === 1;
  const back = isTurned ? node.inputs[1] : keep(turnedConstant(w));
  give(0, emit({ op: 'MatMul', inputs: [cotangent, back] }, shapes[0]));
  return true;
};

const softmax: BackwardRule = (context) => {
  const { node, cotangent, emit, give } = context;
  const shapes = shapesOf(context);
  if (shapes === undefined) return false;
  const axis = number(node.attributes, 'axis', -1);
  const inputs = [cotangent, node.outputs[0]];
  give(0, emit({ op: 'SoftmaxGradient', inputs, attributes: { axis } }, shapes[0]));
  return true;
};

const layerNormalization: BackwardRule = (context) => {
  const { node, cotangent, isWanted, emit, give } = context;
  const shapes = shapesOf(context);
  if (shapes === undefined || [1, 2].some((i) => node.inputs[i] && isWanted(i))) return false;
  const { epsilon = 1e-5, axis = -1 } = node.attributes;
  const inputs = [cotangent, node.inputs[0], node.inputs[1] ?? ''];
  give(0, emit({ op: 'LayerNormalizationGradient', inputs, attributes: { epsilon, axis } }, shapes[0]));
  return true;
};

/** The same cotangent for every entry that went into a sum, divided by their number for a mean. */
function reduction(isMean: boolean): BackwardRule {
  return (context) => {
    const { node, constant, cotangent, emit, keep, give } = context;
    const shapes = shapesOf(context);
    const given = node.inputs[1] ? constant(1) : undefined;
    if (shapes === undefined || (node.inputs[1] && given === undefined)) return false;
    const [x, y] = shapes;
    const listed =
      (node.attributes.axes as readonly number[] | undefined) ?? (given && Array.from(given.data));
    const axes = listed?.map((axis) => (axis < 0 ? axis + x.length : axis)) ?? [...x.keys()];
    const kept = x.map((length, axis) => (axes.includes(axis) ? 1 : length));
    let g = emit({ op: 'ReshapeTo', inputs: [cotangent] }, kept);
    if (isMean) {
      const share = keep(fromData(Float32Array.of(sizeOf(y) / sizeOf(x)), []));
      g = emit({ op: 'Mul', inputs: [g, share] }, kept);
    }
    give(0, emit({ op: 'ExpandTo', inputs: [g] }, x));
    return true;
  };
}

export const productRules: Readonly<Record<string, BackwardRule>> = {
  MatMul: matMul,
  Gemm: gemm,
  Softmax: softmax,
  LayerNormalization: layerNormalization,
  ReduceMean: reduction(true),
  ReduceSum: reduction(false),
};
