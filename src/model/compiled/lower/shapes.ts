import { number, numbers } from '../../../layers/layer.ts';
import { copyOperation, reshaped, restOf } from './copies.ts';
import { type Lower, type Lowered, type LoweringContext, operand } from './lowering.ts';
import { type DeviceValue, newValue, type Operation, orderOf } from './values.ts';
import { entries, expanded, type Range, sliced, transposed } from './views.ts';

const lowerReshape: Lower = (context) => {
  const x = operand(context, 0);
  return x && reshaped(x, context.shape);
};

const axisOf = (
  { node }: LoweringContext,
  { rank, fallback }: { rank: number; fallback: number },
): number => {
  const axis = number(node.attributes, 'axis', fallback);
  return axis < 0 ? axis + rank : axis;
};

/** Parts one after another along an axis: each is copied to its place. */
const lowerConcat: Lower = (context) => {
  const { node, shape } = context;
  const parts: DeviceValue[] = [];
  for (const i of node.inputs.keys()) {
    const part = operand(context, i);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  const axis = axisOf(context, { rank: shape.length, fallback: 1 });
  const order = orderOf(parts.find((_, i) => context.value(i)) ?? parts[0]);
  const output = newValue(shape, order);
  let start = 0;
  const operations: Operation[] = parts.map((part, i) => {
    const length = part.shape[axis];
    const place = entries(output, { axis, start, length });
    start += length;
    // Behind the last part of a strand nothing follows.
    const isLast = axis !== output.strand || i === parts.length - 1;
    return copyOperation(part, { ...place, zeros: isLast ? restOf(output) : 0 });
  });
  return { output, operations };
};

const lowerTranspose: Lower = (context) => {
  const x = operand(context, 0);
  if (x === undefined) return undefined;
  const backwards = x.shape.map((_, axis) => axis).reverse();
  return { output: transposed(x, numbers(context.node.attributes, 'perm') ?? backwards), operations: [] };
};

const lowerExpand: Lower = (context) => {
  const x = operand(context, 0);
  const output = x && expanded(x, context.shape);
  return output && { output, operations: [] };
};

/** A stretch of an axis, where it lies if its entries are vectors there. */
export function stretch(x: DeviceValue, range: Range): Lowered {
  const view = sliced(x, range);
  if (view !== undefined) return { output: view, operations: [] };
  const part = entries(x, range);
  const output = newValue(part.shape, orderOf(x));
  return { output, operations: [copyOperation(part, { ...output, zeros: restOf(output) })] };
}

const listOf = (context: LoweringContext, i: number): number[] | undefined => {
  const constant = context.constant(i);
  return constant && Array.from(constant.data);
};

const lowerSlice: Lower = (context) => {
  let output = operand(context, 0);
  const { node, shape } = context;
  const has = (i: number, name: string) =>
    node.inputs[i] ? listOf(context, i) : numbers(node.attributes, name);
  const starts = has(1, 'starts');
  if (output === undefined || starts === undefined) return undefined;
  const rank = shape.length;
  const axes = has(3, 'axes') ?? starts.map((_, i) => i);
  const steps = has(4, 'steps') ?? starts.map(() => 1);
  let operations: Operation[] = [];
  for (const [i, given] of axes.entries()) {
    const axis = given < 0 ? given + rank : given;
    if (steps[i] < 1) return undefined;
    const length = output.shape[axis];
    const start = Math.min(Math.max(starts[i] < 0 ? starts[i] + length : starts[i], 0), length);
    const part = stretch(output, { axis, start, length: shape[axis], step: steps[i] });
    operations = [...operations, ...part.operations];
    output = part.output;
  }
  return { output, operations };
};

const lowerSplit: Lower = (context) => {
  const x = operand(context, 0);
  if (x === undefined) return undefined;
  const axis = axisOf(context, { rank: x.shape.length, fallback: 0 });
  let start = 0;
  const parts: Lowered[] = [];
  for (const i of context.node.outputs.keys()) {
    const length = context.shapeOf(i)?.[axis];
    if (length === undefined) return undefined;
    parts.push(stretch(x, { axis, start, length }));
    start += length;
  }
  const [first, ...others] = parts;
  return {
    output: first.output,
    more: others.map(({ output }) => output),
    operations: parts.flatMap(({ operations }) => operations),
  };
};

export const shapeOperators: Readonly<Record<string, Lower>> = {
  Flatten: lowerReshape,
  Reshape: lowerReshape,
  Squeeze: lowerReshape,
  Unsqueeze: lowerReshape,
  Identity: lowerReshape,
  Dropout: (context) =>
    context.node.outputs.length === 1 && !context.node.inputs[2] ? lowerReshape(context) : undefined,
  Concat: lowerConcat,
  Transpose: lowerTranspose,
  Expand: lowerExpand,
  Slice: lowerSlice,
  Split: lowerSplit,
};
