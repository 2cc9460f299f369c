import type { Layout } from '../../autodiff/places/layout.ts';
import type { Shape } from '../../tensor/shape.ts';

/** Axes of rows, columns and channels of a layer [N, …] of images; tokens have theirs in one. */
const axesOf = { NCHW: [2, 3, 1], NHWC: [1, 2, 3] } as const;

/** Rows, columns and channels of a layer. */
function mapSides(layout: Layout, shape: Shape): readonly [channels: number, height: number, width: number] {
  if (layout.kind === 'NTC') return [shape[2], ...layout.grid];
  const [row, column, channel] = axesOf[layout.kind];
  return [shape[channel], shape[row], shape[column]];
}

/** How many cells a map of a layer has. */
export function cellsOf(layout: Layout, shape: Shape): number {
  const [, height, width] = mapSides(layout, shape);
  return height * width;
}

/** How many maps a layer has. */
export const channelsOf = (layout: Layout, shape: Shape): number => mapSides(layout, shape)[0];

/** A layout in words. */
export function formatLayout(layout: Layout): string {
  if (layout.kind !== 'NTC') return layout.kind;
  const { grid, prefix } = layout;
  return `NTC ${grid.join('×')}${prefix === 0 ? '' : ` behind ${prefix}`}`;
}
