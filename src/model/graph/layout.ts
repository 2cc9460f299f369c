import { take } from '../../autodiff/operations.ts';
import type { Layout } from '../../autodiff/places/layout.ts';
import { describe } from '../../tensor/describe.ts';
import { InputError, ShapeError } from '../../tensor/errors.ts';
import { formatShape, type Shape } from '../../tensor/shape.ts';
import { contiguous, type Tensor } from '../../tensor/tensor.ts';

/** Axes of channels, rows and columns of a layer [N, …] of images; tokens have rows and columns in one. */
const axesOf = { NCHW: [1, 2, 3], NHWC: [3, 1, 2] } as const;

/** The names of layouts, as flags and files have them. */
export const layoutNames = ['NCHW', 'NHWC', 'NTC'] as const satisfies readonly Layout['kind'][];

/** [K, H, W] of a layer [N, …]: its tokens of no place left out. */
export function mapShape(layout: Layout, shape: Shape): readonly [number, number, number] {
  if (layout.kind === 'NTC') return [shape[2], ...layout.grid];
  const [channel, row, column] = axesOf[layout.kind];
  return [shape[channel], shape[row], shape[column]];
}

/** How many cells a map of a layer has. */
export function cellsOf(layout: Layout, shape: Shape): number {
  const [, height, width] = mapShape(layout, shape);
  return height * width;
}

/** How many maps a layer has. */
export const channelsOf = (layout: Layout, shape: Shape): number => mapShape(layout, shape)[0];

/** What a layer has, or its derivatives, of one image, in its own shape without the first axis, as maps [K, H, W]. */
export function toMaps(x: Tensor, layout: Layout): Tensor {
  if (layout.kind === 'NCHW') return contiguous(x);
  const shape = mapShape(layout, [1, ...x.shape]);
  const [channels, , width] = shape;
  const offset = layout.kind === 'NTC' ? layout.prefix * channels : 0;
  return take(contiguous(x), { shape, stride: [1, width * channels, channels], offset });
}

/** A layout in words. */
export function formatLayout(layout: Layout): string {
  if (layout.kind !== 'NTC') return layout.kind;
  const { grid, prefix } = layout;
  return `NTC ${grid.join('×')}${prefix === 0 ? '' : ` behind ${prefix}`}`;
}

/** A layout as manifests have it. */
export const layoutFacts = (layout: Layout): Record<string, unknown> =>
  layout.kind === 'NTC'
    ? { layout: layout.kind, grid: layout.grid, prefix: layout.prefix }
    : { layout: layout.kind };

const isCount = (value: unknown, least: number): value is number =>
  Number.isInteger(value) && (value as number) >= least;

/** @throws InputError for what is no layout. */
function wantLayout(layout: Layout): void {
  const kind: string | undefined = layout?.kind;
  if (!layoutNames.some((name) => name === kind)) {
    throw new InputError(
      `Cannot use the layout: its kind must be ${layoutNames.join(', ')}, got ${describe(kind ?? layout)}`,
    );
  }
  if (layout.kind !== 'NTC') return;
  const { grid, prefix } = layout;
  if (
    Array.isArray(grid) &&
    grid.length === 2 &&
    grid.every((side) => isCount(side, 1)) &&
    isCount(prefix, 0)
  )
    return;
  throw new InputError(
    `Cannot use the layout NTC: it needs a grid of rows and columns and how many tokens lie before it, such as { kind: 'NTC', grid: [14, 14], prefix: 1 }`,
  );
}

/** The layout, where a layer [N, …] of this shape can have it. @throws InputError, ShapeError where it cannot. */
export function checkLayout(layout: Layout, layer: string, shape: Shape): Layout {
  wantLayout(layout);
  const refuse = (wanted: string) =>
    new ShapeError(
      `Cannot read the layer ${layer} as ${formatLayout(layout)}: ${wanted}, it gives ${formatShape(shape)}`,
    );
  if (layout.kind !== 'NTC') {
    if (shape.length === 4) return layout;
    throw refuse('four axes are wanted');
  }
  const count = layout.prefix + layout.grid[0] * layout.grid[1];
  if (shape.length === 3 && shape[1] === count) return layout;
  throw refuse(`[N, ${count}, C] is wanted`);
}

/** Flags that would say the layout of a layer of this shape; undefined where none would. */
function flagsFor(shape: Shape): string | undefined {
  if (shape.length === 4) return '--layout NCHW or --layout NHWC';
  if (shape.length !== 3) return undefined;
  const side = Math.floor(Math.sqrt(shape[1]));
  return `--layout NTC with its grid, such as --grid ${side}x${side} --prefix ${shape[1] - side * side}`;
}

/** Why the layout of a layer has to be said, and how. */
export function unknownLayout(layer: string, shape: Shape | undefined): InputError {
  const known =
    shape === undefined ? 'its shape depends on values' : `what its axes ${formatShape(shape)} mean`;
  const flags = shape === undefined ? '--layout NCHW, NHWC or NTC' : flagsFor(shape);
  const unknown = shape === undefined ? known : `${known} is not known`;
  const way =
    flags === undefined
      ? 'name a layer of three or four axes'
      : `say it by ${flags} (layout: { kind: … } in code), or name another layer, as inspect lists them`;
  return new InputError(`Cannot explain the layer ${layer}: ${unknown}; ${way}`);
}
