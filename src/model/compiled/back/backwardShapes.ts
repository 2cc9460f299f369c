import { text } from '../../../layers/layer.ts';
import { type Shape, sameShape } from '../../../tensor/shape.ts';
import type { BackwardContext, BackwardRule } from './backwardRule.ts';

/** Shapes of input i and of the first output. */
export function shapesOf({ node, shapeOf }: BackwardContext, i = 0): [Shape, Shape] | undefined {
  const [x, y] = [shapeOf(node.inputs[i] ?? ''), shapeOf(node.outputs[0])];
  return x && y && [x, y];
}

const concat: BackwardRule = (context) => {
  const { node, cotangent, isWanted, emit, give } = context;
  const { axis } = node.attributes;
  let start = 0;
  for (const i of node.inputs.keys()) {
    const shapes = shapesOf(context, i);
    if (shapes === undefined || (axis !== 1 && axis !== 1 - shapes[0].length)) return false;
    const [x] = shapes;
    if (isWanted(i)) {
      give(i, emit({ op: 'SliceChannels', inputs: [cotangent], attributes: { start } }, x));
    }
    start += x[1];
  }
  return true;
};

const identity: BackwardRule = (context) => {
  const { node, cotangent, give } = context;
  const shapes = shapesOf(context);
  if (shapes === undefined || node.outputs.length > 1 || (node.op === 'Dropout' && node.inputs[2]))
    return false;
  const g = sameShape(...shapes)
    ? cotangent
    : context.emit({ op: 'ReshapeTo', inputs: [cotangent] }, shapes[0]);
  give(0, g);
  return true;
};

/** Every step-th pixel, from the first on. */
const slice: BackwardRule = (context) => {
  const { cotangent, constant, emit, give } = context;
  const shapes = shapesOf(context);
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map(
    (i) => constant(i) && Array.from(constant(i)?.data ?? []),
  );
  if (shapes?.[0].length !== 4 || !starts || !ends || !axes || !steps) return false;
  const [x, y] = shapes;
  const strides = [1, 1];
  for (const [i, given] of axes.entries()) {
    const axis = given < 0 ? given + 4 : given;
    if (starts[i] !== 0 || steps[i] < 1 || y[axis] !== Math.ceil(x[axis] / steps[i])) return false;
    if (axis < 2 && steps[i] !== 1) return false;
    if (axis >= 2) strides[axis - 2] = steps[i];
  }
  give(0, emit({ op: 'SpreadPixels', inputs: [cotangent], attributes: { strides } }, x));
  return true;
};

/** Channels of a constant before and after those of x. */
const pad: BackwardRule = (context) => {
  const { node, cotangent, constant, emit, give } = context;
  const shapes = shapesOf(context);
  const given = constant(1);
  const pads = given && Array.from(given.data);
  const isConstant = text(node.attributes, 'mode', 'constant') === 'constant';
  if (shapes?.[0].length !== 4 || pads?.length !== 8 || !isConstant || node.inputs[3]) return false;
  if (pads.some((each, i) => each < 0 || (each > 0 && i % 4 !== 1))) return false;
  const attributes = { start: pads[1] };
  give(0, emit({ op: 'SliceChannels', inputs: [cotangent], attributes }, shapes[0]));
  return true;
};

/** How cotangents pass what moves entries. */
export const shapeRules: Readonly<Record<string, BackwardRule>> = {
  Concat: concat,
  Slice: slice,
  Pad: pad,
  Identity: identity,
  Dropout: identity,
  Flatten: identity,
  Reshape: identity,
  Squeeze: identity,
  Unsqueeze: identity,
};
