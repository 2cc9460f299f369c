import { sizeOf } from '../../../tensor/shape.ts';
import { reshaped } from './copies.ts';
import type { Lower, Lowered, LoweringContext } from './lowering.ts';
import { reducedAxes, sumStrand } from './norms.ts';
import { pool } from './pools.ts';
import { alongAxis, type Sparse } from './sparse.ts';
import { asMap, type DeviceValue, type Operation } from './values.ts';
import { wholeWindow } from './windowGeometry.ts';

/** Sums along axes, which are left with length 1; `factor` multiplies them. */
function sumAlong(
  context: LoweringContext,
  given: DeviceValue,
  { axes, factor }: { axes: readonly number[]; factor: number },
): Lowered {
  let x = given;
  let left = factor;
  let operations: Operation[] = [];
  const long = axes.filter((axis) => x.shape[axis] > 1);
  // The strand last: it is short by then.
  for (const axis of [
    ...long.filter((each) => each !== x.strand),
    ...long.filter((each) => each === x.strand),
  ]) {
    const part =
      axis === x.strand
        ? sumStrand(context, x, { axis, factor: left })
        : alongAxis(context, x, { axis, matrix: total(x.shape[axis], left), name: `sum ${axis}` });
    left = 1;
    operations = [...operations, ...context.before.splice(0), ...part.operations];
    x = part.output;
  }
  return { output: x, operations };
}

/** One row of equal entries. */
const total = (columns: number, factor: number): Sparse => ({
  rows: [Array.from({ length: columns }, (_, i) => [i, factor] as const)],
  columns,
});

/** Sums along axes divided by a number, in the shape of the output. */
export function reduced(
  context: LoweringContext,
  x: DeviceValue,
  { axes, divisor }: { axes: readonly number[]; divisor: number },
): Lowered {
  const map = x.shape.length === 4 && axes.join() === '2,3' ? asMap(x) : undefined;
  // Over both sides of an image it is a pool.
  const { output, operations } =
    map === undefined
      ? sumAlong(context, x, { axes, factor: 1 / divisor })
      : pool({ ...context, shape: [map.images, map.channels, 1, 1] }, map, {
          ...{ kernel: 'averagePool', window: wholeWindow(map), divisor },
        });
  const moved = reshaped(output, context.shape);
  return { output: moved.output, operations: [...operations, ...moved.operations] };
}

function reduction(isMean: boolean): Lower {
  return (context) => {
    const x = context.value(0);
    const axes = x && reducedAxes(context, x.shape.length);
    if (x === undefined || axes === undefined) return undefined;
    return reduced(context, x, { axes, divisor: isMean ? sizeOf(axes.map((axis) => x.shape[axis])) : 1 });
  };
}

export const reductions: Readonly<Record<string, Lower>> = {
  ReduceMean: reduction(true),
  ReduceSum: reduction(false),
};
