import { choice, number, numbers } from '../../../layers/layer.ts';
import { padModes, padSource } from '../../../layers/padding.ts';
import { type Shape, sameShape } from '../../../tensor/shape.ts';
import { resizeMatrix } from '../lower/resizing.ts';
import { choosing, packSparse, type Sparse, transposedSparse } from '../lower/sparse.ts';
import { dataOf } from '../lower/weights.ts';
import type { BackwardContext, BackwardRule } from './backwardRule.ts';

/** Shapes of input i and of the first output. */
export function shapesOf({ node, shapeOf }: BackwardContext, i = 0): [Shape, Shape] | undefined {
  const [x, y] = [shapeOf(node.inputs[i] ?? ''), shapeOf(node.outputs[0])];
  return x && y && [x, y];
}

const listAt = ({ constant }: BackwardContext, i: number): number[] | undefined => {
  const x = constant(i);
  return x && Array.from(dataOf(x));
};

/** Axis of a node, from 0. */
function axisOf({ node }: BackwardContext, rank: number, fallback: number): number {
  const axis = number(node.attributes, 'axis', fallback);
  return axis < 0 ? axis + rank : axis;
}

/** A cotangent of shape `y` whose entries along some axes came from others: back to x, axis by axis. */
function mixedBack(
  context: BackwardContext,
  matrices: readonly { readonly axis: number; readonly matrix: Sparse }[],
  [x, y]: readonly [Shape, Shape],
): string {
  let { cotangent } = context;
  let shape = y;
  for (const { axis, matrix } of matrices) {
    const back = transposedSparse(matrix);
    shape = shape.map((length, i) => (i === axis ? x[axis] : length));
    const attributes = { axis, ...packSparse(back) };
    cotangent = context.emit({ op: 'Mix', inputs: [cotangent], attributes }, shape);
  }
  return cotangent;
}

const concat: BackwardRule = (context) => {
  const { node, cotangent, isWanted, emit, give } = context;
  let start = 0;
  for (const i of node.inputs.keys()) {
    const shapes = shapesOf(context, i);
    if (shapes === undefined) return false;
    const [x] = shapes;
    const axis = axisOf(context, x.length, 1);
    if (isWanted(i)) give(i, emit({ op: 'Stretch', inputs: [cotangent], attributes: { axis, start } }, x));
    start += x[axis];
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

const transpose: BackwardRule = (context) => {
  const { node, cotangent, emit, give } = context;
  const shapes = shapesOf(context);
  if (shapes === undefined) return false;
  const [x] = shapes;
  const order = numbers(node.attributes, 'perm') ?? x.map((_, axis) => axis).reverse();
  const perm = x.map((_, axis) => order.indexOf(axis));
  give(0, emit({ op: 'Transpose', inputs: [cotangent], attributes: { perm } }, x));
  return true;
};

/** Every step-th pixel of a map, from the first on, is spread as the pixels of a convolution are. */
function spreadPixels(context: BackwardContext, ranges: readonly Range[], x: Shape): string | undefined {
  const strides = [1, 1];
  for (const { axis, start, step, count } of ranges) {
    if (start !== 0 || step < 1 || count !== Math.ceil(x[axis] / step)) return undefined;
    if (axis < 2 && step !== 1) return undefined;
    if (axis >= 2) strides[axis - 2] = step;
  }
  return x.length === 4
    ? context.emit({ op: 'SpreadPixels', inputs: [context.cotangent], attributes: { strides } }, x)
    : undefined;
}

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

const slice: BackwardRule = (context) => {
  const { node, give } = context;
  const shapes = shapesOf(context);
  const at = (i: number, name: string) =>
    node.inputs[i] ? listAt(context, i) : (numbers(node.attributes, name)?.slice() as number[] | undefined);
  const starts = at(1, 'starts');
  if (shapes === undefined || starts === undefined) return false;
  const [x, y] = shapes;
  const axes = at(3, 'axes') ?? starts.map((_, i) => i);
  const steps = at(4, 'steps') ?? starts.map(() => 1);
  const ranges = axes.map((given, i): Range => {
    const axis = given < 0 ? given + x.length : given;
    const length = x[axis];
    const most = steps[i] < 0 ? length - 1 : length;
    const start = Math.min(Math.max(starts[i] < 0 ? starts[i] + length : starts[i], 0), most);
    return { axis, start, step: steps[i], count: y[axis] };
  });
  const matrices = ranges.map(({ axis, start, step, count }) => ({
    axis,
    matrix: choosing(
      Array.from({ length: count }, (_, i) => start + i * step),
      x[axis],
    ),
  }));
  give(0, spreadPixels(context, ranges, x) ?? mixedBack(context, matrices, shapes));
  return true;
};

const split: BackwardRule = (context) => {
  const { node, shapeOf, emit, give } = context;
  const x = shapeOf(node.inputs[0]);
  if (x === undefined) return false;
  const axis = axisOf(context, x.length, 0);
  let start = 0;
  for (const [i, output] of node.outputs.entries()) {
    const shape = shapeOf(output);
    if (shape === undefined) return false;
    const cotangent = context.cotangentOf(i);
    const chosen = Array.from({ length: x[axis] }, (_, at) => {
      const from = at - start;
      return from >= 0 && from < shape[axis] ? from : -1;
    });
    if (cotangent !== undefined) {
      const attributes = { axis, ...packSparse(choosing(chosen, shape[axis])) };
      give(0, emit({ op: 'Mix', inputs: [cotangent], attributes }, x));
    }
    start += shape[axis];
  }
  return true;
};

const gather: BackwardRule = (context) => {
  const shapes = shapesOf(context);
  const indices = listAt(context, 1);
  if (shapes === undefined || indices === undefined) return false;
  const [x] = shapes;
  const axis = axisOf(context, x.length, 0);
  const chosen = indices.map((each) => (each < 0 ? each + x[axis] : each));
  const y = x.map((length, i) => (i === axis ? chosen.length : length));
  const cotangent = context.emit({ op: 'ReshapeTo', inputs: [context.cotangent] }, y);
  context.give(
    0,
    mixedBack({ ...context, cotangent }, [{ axis, matrix: choosing(chosen, x[axis]) }], [x, y]),
  );
  return true;
};

const pad: BackwardRule = (context) => {
  const { node } = context;
  const shapes = shapesOf(context);
  const pads = listAt(context, 1);
  if (shapes === undefined || pads === undefined || (node.inputs[3] && !context.constant(3))) return false;
  const [x, y] = shapes;
  const axes = (listAt(context, 3) ?? [...x.keys()]).map((axis) => (axis < 0 ? axis + x.length : axis));
  const mode = choice(node.attributes, 'mode', padModes);
  const matrices = axes.map((axis, i) => ({
    axis,
    matrix: choosing(
      Array.from({ length: y[axis] }, (_, at) => padSource(at - pads[i], x[axis], mode)),
      x[axis],
    ),
  }));
  context.give(0, mixedBack(context, matrices, shapes));
  return true;
};

/** A cotangent summed to the shape of what was repeated. */
export function summed(
  { emit }: BackwardContext,
  cotangent: string,
  [x, y]: readonly [Shape, Shape],
): string {
  return sameShape(x, y) ? cotangent : emit({ op: 'SumTo', inputs: [cotangent] }, x);
}

const expand: BackwardRule = (context) => {
  const shapes = shapesOf(context);
  if (shapes === undefined) return false;
  context.give(0, summed(context, context.cotangent, shapes));
  return true;
};

const resize: BackwardRule = (context) => {
  const shapes = shapesOf(context);
  if (shapes === undefined) return false;
  const matrices = resizeMatrix(context.node, context.constant, shapes[0]);
  if (matrices === undefined) return false;
  context.give(0, mixedBack(context, matrices, shapes));
  return true;
};

/** How cotangents pass what moves entries. */
export const shapeRules: Readonly<Record<string, BackwardRule>> = {
  Concat: concat,
  Slice: slice,
  Split: split,
  Gather: gather,
  Pad: pad,
  Transpose: transpose,
  Expand: expand,
  Resize: resize,
  Identity: identity,
  Dropout: identity,
  Flatten: identity,
  Reshape: identity,
  Squeeze: identity,
  Unsqueeze: identity,
};
