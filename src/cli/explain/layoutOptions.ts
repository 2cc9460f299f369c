import { type Command, Option } from 'commander';
import type { Layout } from '../../autodiff/places/layout.ts';
import { layoutNames } from '../../model/graph/layout.ts';
import { InputError } from '../../tensor/errors.ts';
import { oneOf, wholeNumber } from '../shared/parseOptions.ts';

/** What the flags say of the layer's axes, where the network does not. */
export interface LayoutFlags {
  readonly layout?: Layout['kind'];
  /** [height, width]. */
  readonly grid?: readonly [number, number];
  readonly prefix?: number;
}

function readGrid(text: string): readonly [number, number] {
  const [, height, width] = /^(\d+)x(\d+)$/i.exec(text) ?? [];
  if (Number(height) > 0 && Number(width) > 0) return [Number(height), Number(width)];
  throw new InputError(`Cannot use --grid ${text}: it must be ROWSxCOLUMNS of tokens, such as 14x14`);
}

/** Adds the flags of what a layer's axes mean. */
export function addLayoutOptions(command: Command): Command {
  return command
    .option(
      '--layout <layout>',
      `what the layer's axes mean, where the network does not say: ${layoutNames.join(', ')}`,
      oneOf('layout', layoutNames),
    )
    .addOption(new Option('--grid <rowsxcolumns>', 'of the tokens of --layout NTC').argParser(readGrid))
    .option(
      '--prefix <n>',
      'tokens before those of the grid (default: 0)',
      wholeNumber('prefix', { least: 0 }),
    );
}

/** The layout that the flags say; undefined where they say none. @throws InputError where they say half of it. */
export function layoutOfFlags({ layout, grid, prefix }: LayoutFlags): Layout | undefined {
  if (layout === 'NTC') {
    if (grid !== undefined) return { kind: layout, grid, prefix: prefix ?? 0 };
    throw new InputError(
      'Cannot use --layout NTC: give the rows and columns of its tokens, such as --grid 14x14',
    );
  }
  if (grid === undefined && prefix === undefined) return layout && { kind: layout };
  throw new InputError(
    `Cannot use --${grid === undefined ? 'prefix' : 'grid'}: it is of tokens; give --layout NTC`,
  );
}
