import { type Command, Option } from 'commander';
import type { MethodName } from '../../cam/methods.ts';
import { type ColormapName, sequentialNames } from '../../image/colormap.ts';
import { mapLook, pixelMapLook } from '../../image/looks.ts';
import { LONGEST_SIDE } from '../../image/resizePicture.ts';
import { checkCompared, checkFigure, type Spelling } from '../../node/explanation/checkFigure.ts';
import {
  type Differences,
  type Drawing,
  drawings,
  drawnSide,
  type FigureOptions,
  type Format,
  noDifferences,
} from '../../node/explanation/figure.ts';
import { InputError } from '../../tensor/errors.ts';
import type { Point } from '../shared/asking.ts';
import { collect, decimalNumber, numberList, oneOf, severalOf, wholeNumber } from '../shared/parseOptions.ts';

/** The flags that say how pictures are drawn; undefined where nothing is said. */
export interface FigureFlags {
  readonly draw?: readonly Drawing[];
  /** The longer side of drawn pictures, or [height, width] of the input of a network that leaves them open. */
  readonly size?: number | readonly [number, number];
  readonly colormap?: ColormapName;
  readonly opacity?: number;
  readonly contours?: boolean;
  /** A share of the maximum, or a point of the picture in the box of a detector. */
  readonly box?: number | Point;
  readonly commonScale?: boolean;
  readonly signed?: boolean;
  readonly difference?: readonly string[];
}

/** Reads a length in pixels, or a height and a width. @throws InputError */
function sizeOrSides(text: string): number | readonly [number, number] {
  const side = wholeNumber('size', drawnSide);
  if (!/x/i.test(text)) return side(text);
  const [height, width, ...others] = text.toLowerCase().split('x').map(side);
  if (others.length === 0) return [height, width];
  throw new InputError(`Cannot use --size ${text}: it must be pixels, such as 512, or HEIGHTxWIDTH`);
}

/** Reads a share, or a point with a comma. @throws InputError */
function shareOrPoint(text: string): number | Point {
  if (!text.includes(',')) return decimalNumber('box', { least: 0, most: 1 })(text);
  const point = numberList('box')(text);
  if (point.length === 2) return [point[0], point[1]];
  throw new InputError(`Cannot use --box ${text}: a point of the picture has two numbers, such as 320,200`);
}

const options: readonly Option[] = [
  new Option(
    '--draw <what,…>',
    `pictures to draw: ${drawings.join(', ')}; a grid has a row for each class, raw are maps alone, crop is what the network saw (default: overlay,panel)`,
  ).argParser(severalOf('draw', drawings)),
  new Option(
    '--size <pixels or HxW>',
    `longer side of each picture (default: as the photograph, at most ${LONGEST_SIDE}); HEIGHTxWIDTH: of the input of a network that leaves it open`,
  ).argParser(sizeOrSides),
  new Option('--colormap <name>', `${sequentialNames.join(', ')} (default: ember)`).argParser(
    oneOf('colormap', sequentialNames),
  ),
  new Option(
    '--opacity <share>',
    `of the colour over the photograph where the map is brightest, 0 to 1 (default: ${mapLook.opacity}; SmoothGrad ${pixelMapLook.opacity})`,
  ).argParser(decimalNumber('opacity', { least: 0, most: 1 })),
  new Option('--contours', 'lines at a quarter, a half and three quarters of the brightest'),
  new Option(
    '--box <share or x,y>',
    "outline the box round all cells of at least this share of the maximum, such as 0.2; x,y: explain the detector's box at this point of the picture",
  ).argParser(shareOrPoint),
  new Option('--signed', 'draw Σ w·A before its ReLU: red for the class, blue against it'),
  new Option(
    '--difference <a-b,…>',
    'maps less others, as they are drawn: of two methods, gradcam++-gradcam, or of two of the classes, boxer-282',
  ).argParser(collect),
  new Option('--common-scale', 'one scale for all classes of a method, so that they can be compared'),
];

/** Adds the flags of pictures to a command. */
export function addFigureOptions(command: Command): Command {
  return options.reduce((each, option) => each.addOption(option), command);
}

interface Asked extends FigureFlags {
  readonly format: readonly Format[];
  readonly method: readonly MethodName[];
}

/** What the flags say of files; `differences` as they were read. */
export const figureAsked = (
  { format, draw, size, colormap, opacity, contours, box, commonScale, signed }: Omit<Asked, 'method'>,
  differences?: Differences,
): FigureOptions & Pick<Asked, 'format'> => ({
  ...{ format, draw, colormap, opacity, contours, commonScale, signed, differences },
  size: typeof size === 'number' ? size : undefined,
  box: typeof box === 'number' ? box : undefined,
});

/** Options as flags. */
export const flagSpelling: Spelling = {
  option: (name) =>
    name === 'methods'
      ? '--method'
      : name === 'differences'
        ? '--difference'
        : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  naming: (which, classes) => `name ${which} by --class, such as --class ${classes.join()}`,
};

/** @throws InputError for a flag of pictures that would change nothing. */
export function checkFigureFlags(asked: Asked): void {
  checkFigure(figureAsked(asked, asked.difference && noDifferences), asked.method, flagSpelling);
}

/** @throws InputError for what compares classes where there is one. */
export function checkComparedFlags(asked: FigureFlags, count: number): void {
  checkCompared(asked, count, flagSpelling);
}
