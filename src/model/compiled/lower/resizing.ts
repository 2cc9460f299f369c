import { resizePlan } from '../../../layers/resizing.ts';
import type { Shape } from '../../../tensor/shape.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { GraphNode } from '../../data/format.ts';
import { type Lower, operand } from './lowering.ts';
import { alongAxes, type Sparse } from './sparse.ts';

/** What a Resize multiplies each axis with; undefined where that does not say it all. */
export function resizeMatrix(
  { inputs, attributes, op }: GraphNode,
  constant: (i: number) => Tensor | undefined,
  shape: Shape,
): { axis: number; matrix: Sparse }[] | undefined {
  const others = inputs.map((name, i) => (i === 0 || name === '' ? undefined : constant(i)));
  if (inputs.some((name, i) => i > 0 && name !== '' && others[i] === undefined)) return undefined;
  return resizePlan(shape, {
    inputs: others,
    attributes,
    isUpsample: op === 'Upsample' || inputs.length === 2,
  })?.map(({ axis, weights, output }) => {
    const columns = weights.length / output;
    const rows = Array.from({ length: output }, (_, o) => {
      const row: [number, number][] = [];
      for (let i = 0; i < columns; i++) {
        const factor = weights[o * columns + i];
        if (factor !== 0) row.push([i, factor]);
      }
      return row;
    });
    return { axis, matrix: { rows, columns } };
  });
}

const lowerResize: Lower = (context) => {
  const x = operand(context, 0);
  const matrices = x && resizeMatrix(context.node, context.constant, x.shape);
  return x && matrices && alongAxes(context, x, matrices);
};

export const resizingOperators: Readonly<Record<string, Lower>> = { Resize: lowerResize };
