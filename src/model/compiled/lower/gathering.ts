import { choice, number } from '../../../layers/layer.ts';
import { padModes, padSource } from '../../../layers/padding.ts';
import { reshaped } from './copies.ts';
import { type Lower, operand } from './lowering.ts';
import { alongAxes, alongAxis, choosing } from './sparse.ts';
import { dataOf } from './weights.ts';

/** Gather by constant indices along one axis. */
const lowerGather: Lower = (context) => {
  const x = operand(context, 0);
  const indices = context.constant(1);
  if (x === undefined || indices === undefined) return undefined;
  const given = number(context.node.attributes, 'axis', 0);
  const axis = given < 0 ? given + x.shape.length : given;
  const length = x.shape[axis];
  const chosen = Array.from(dataOf(indices), (each) => (each < 0 ? each + length : each));
  const { output, operations } = alongAxis(context, x, {
    ...{ axis, matrix: choosing(chosen, length), name: 'gather' },
  });
  const moved = reshaped(output, context.shape);
  return { output: moved.output, operations: [...operations, ...moved.operations] };
};

/** Pad with zeros or with what is there. */
const lowerPad: Lower = (context) => {
  const x = operand(context, 0);
  const { node, shape } = context;
  const pads = node.inputs[1] ? context.constant(1) : undefined;
  const value = node.inputs[2] ? context.constant(2) : undefined;
  if (x === undefined || pads === undefined || (node.inputs[2] && value === undefined)) return undefined;
  if (value !== undefined && dataOf(value)[0] !== 0) return undefined;
  const given = node.inputs[3] ? context.constant(3) : undefined;
  if (node.inputs[3] && given === undefined) return undefined;
  const rank = shape.length;
  const axes = given
    ? Array.from(dataOf(given), (axis) => (axis < 0 ? axis + rank : axis))
    : [...shape.keys()];
  const mode = choice(node.attributes, 'mode', padModes);
  const matrices = axes.map((axis, i) => {
    const length = x.shape[axis];
    const chosen = Array.from({ length: shape[axis] }, (_, at) =>
      padSource(at - dataOf(pads)[i], length, mode),
    );
    return { axis, matrix: choosing(chosen, length) };
  });
  return alongAxes(context, x, matrices);
};

export const gatheringOperators: Readonly<Record<string, Lower>> = { Gather: lowerGather, Pad: lowerPad };
