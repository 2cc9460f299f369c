import { type Command, Option } from 'commander';
import type { Preprocessing } from '../../model/data/format.ts';
import { filterNames } from '../../model/file/parsePreprocessing.ts';
import { numberList, oneOf, sides } from './parseOptions.ts';

/** What the flags say of how pictures are prepared; undefined where nothing is said. */
export interface PreprocessFlags {
  readonly preprocess?: string | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly std?: readonly number[] | undefined;
  /** [side] or [height, width]. */
  readonly resize?: readonly number[] | undefined;
  readonly crop?: readonly number[] | undefined;
  readonly filter?: (typeof filterNames)[number] | undefined;
}

const preprocessOptions: readonly Option[] = [
  new Option('--preprocess <how>', 'imagenet, unit, bytes or a .json file (default: as the model says)'),
  new Option('--mean <numbers>', 'taken from pixels · scale, per channel, such as 0.5,0.5,0.5').argParser(
    numberList('mean'),
  ),
  new Option('--std <numbers>', 'divided by after that, per channel').argParser(numberList('std')),
  new Option('--resize <pixels>', 'shorter side, or HEIGHTxWIDTH').argParser(sides('resize')),
  new Option('--crop <pixels>', 'side of the centre that is kept, or HEIGHTxWIDTH').argParser(sides('crop')),
  new Option('--filter <filter>', `of the resize: ${filterNames.join(', ')}`).argParser(
    oneOf('filter', filterNames),
  ),
];

/** What a preprocessing file holds, for help. */
export const preprocessHelp = `
A .json file for --preprocess, of which any field may be left out; value = (pixel · scale − mean) / std:
  {"channels": "RGB" | "BGR" | "gray", "scale": 0.00392, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
   "resize": {"shorterSide": 256} | {"width": 256, "height": 256}, "crop": 224 | [224, 224],
   "filter": ${filterNames.map((name) => `"${name}"`).join(' | ')}}`;

/** Class names in place of the model's own. */
export const labelsOption = () => new Option('--labels <file>', 'class names, one a line or JSON');

/** Which of several outputs is explained. */
export const outputOption = () =>
  new Option('--output <name>', 'the output whose entries are the logits, where there are several');

/** Adds the flags of how pictures are prepared to a command. */
export function addPreprocessOptions(command: Command): Command {
  return preprocessOptions.reduce((each, option) => each.addOption(option), command);
}

/** Fields of preprocessing that flags say, by the names of the flags. */
export function saidOf(flags: PreprocessFlags): Readonly<Partial<Record<keyof PreprocessFlags, unknown>>> {
  const { mean, std, resize, crop, filter } = flags;
  const [height, width] = resize ?? [];
  const said = {
    ...{ mean, std, crop: crop?.length === 1 ? crop[0] : crop, filter },
    resize: resize && (width === undefined ? { shorterSide: height } : { width, height }),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

/** A preprocessing with what the flags say in place of its own fields, to be checked; one number counts for all channels. */
export function withFlags(base: Preprocessing, flags: PreprocessFlags): Record<string, unknown> {
  const said = saidOf(flags);
  const all = (values: unknown) =>
    Array.isArray(values) && values.length === 1 ? base.mean.map(() => values[0]) : values;
  return {
    ...base,
    ...said,
    ...(said.mean !== undefined && { mean: all(said.mean) }),
    ...(said.std !== undefined && { std: all(said.std) }),
  };
}
