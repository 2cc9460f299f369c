import { type Command, Option } from 'commander';
import { type MethodName, methodOf } from '../../cam/methods.ts';
import { type ColormapName, sequentialNames } from '../../image/colormap.ts';
import { mapLook, pixelMapLook } from '../../image/looks.ts';
import { LONGEST_SIDE } from '../../image/resizePicture.ts';
import { InputError } from '../../tensor/errors.ts';
import type { Point } from '../shared/asking.ts';
import { collect, decimalNumber, numberList, oneOf, severalOf, wholeNumber } from '../shared/parseOptions.ts';
import { type Drawing, drawings, type Format } from './outputNames.ts';

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

/** Pixels of the longer side of a drawn picture. */
const SMALLEST = 16;
const LARGEST = 8192;

/** The share of --box, where it is one. */
export const shareOf = (box: FigureFlags['box']): number | undefined =>
  typeof box === 'number' ? box : undefined;

/** The longer side of drawn pictures, where --size says it. */
export const drawnSide = (size: FigureFlags['size']): number | undefined =>
  typeof size === 'number' ? size : undefined;

/** Reads a length in pixels, or a height and a width. @throws InputError */
function sizeOrSides(text: string): number | readonly [number, number] {
  const side = wholeNumber('size', { least: SMALLEST, most: LARGEST });
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

/** What is drawn: as --draw says, else overlays as PNG files, and panels. */
export function drawingsOf({ draw, format }: Pick<FigureFlags, 'draw'> & { format: readonly Format[] }) {
  if (!format.includes('png') && !format.includes('svg')) return [];
  return draw ?? (format.includes('png') ? (['overlay', 'panel'] as const) : (['panel'] as const));
}

interface Asked extends FigureFlags {
  readonly format: readonly Format[];
  readonly method: readonly MethodName[];
  readonly class?: readonly string[];
}

const flagNames = {
  draw: '--draw',
  size: '--size',
  colormap: '--colormap',
  opacity: '--opacity',
  contours: '--contours',
  box: '--box',
  commonScale: '--common-scale',
  signed: '--signed',
  difference: '--difference',
} as const satisfies Record<keyof FigureFlags, string>;

/** Whether a method's map is a sum of weighted feature maps, which may be below 0 before its ReLU. */
export function isSummed(name: MethodName): boolean {
  const row = methodOf(name);
  return row.of === 'layer' && row.weighs === 'maps';
}

const isTiled = (each: Drawing) => each === 'panel' || each === 'grid';
const isOverPhotograph = (each: Drawing) => each === 'overlay' || isTiled(each);

/** What is to be drawn that no format asked for can hold, and the way out. */
function undrawable({ format, draw = [] }: Asked): string | undefined {
  if (format.includes('svg') && draw.length > 0 && !draw.some(isTiled))
    return 'svg is for panels and grids; add one of them, or leave svg out of --format';
  const onlyPng = format.includes('png') ? undefined : draw.find((each) => !isTiled(each));
  return onlyPng && `${onlyPng} is a png file; add png to --format`;
}

/** A flag that changes nothing beside the others, and the way out. */
function uselessFlag(flags: Asked): readonly [flag: keyof FigureFlags, why: string] | undefined {
  const drawn: readonly Drawing[] = drawingsOf(flags);
  const given = (...names: readonly (keyof FigureFlags)[]) => names.find((name) => flags[name] !== undefined);
  const any = given('draw', 'size', 'colormap', 'opacity', 'contours', 'box', 'commonScale', 'signed');
  if (any !== undefined && drawn.length === 0)
    return [any, 'no pictures are written; add png or svg to --format'];
  const why = undrawable(flags);
  if (why !== undefined) return ['draw', why];
  const box = typeof flags.box === 'number' ? given('box') : undefined;
  const overPhotograph = given('opacity', 'contours') ?? box;
  if (overPhotograph !== undefined && !drawn.some(isOverPhotograph))
    return [overPhotograph, 'no map is drawn over the photograph; add overlay, panel or grid to --draw'];
  const coloured = given('colormap', 'commonScale', 'signed');
  if (coloured !== undefined && drawn.every((each) => each === 'crop'))
    return [coloured, 'no map is drawn; add overlay, panel, grid or raw to --draw'];
  const isWritten = flags.format.includes('npy') || flags.format.includes('json');
  if (flags.difference !== undefined && !isWritten && drawn.every((each) => each === 'crop'))
    return ['difference', 'no map is drawn; add overlay, panel, grid or raw to --draw, or npy to --format'];
  const ofCells = given('contours') ?? box;
  const pixels = flags.method.filter((name) => methodOf(name).look === 'pixels');
  if (ofCells !== undefined && pixels.length === flags.method.length)
    return [ofCells, `the maps of ${pixels.join(', ')} are of single pixels; add another --method`];
  if (flags.signed === true && !flags.method.some(isSummed))
    return ['signed', 'it draws sums of weighted feature maps; add gradcam or another such --method'];
  if (flags.colormap !== undefined && flags.signed === true && flags.method.every(isSummed))
    return ['colormap', 'signed maps have colours of their own; leave one of the two out'];
  return undefined;
}

/** @throws InputError for a flag of pictures that would change nothing. */
export function checkFigureFlags(flags: Asked): void {
  const useless = uselessFlag(flags);
  if (useless === undefined) return;
  throw new InputError(`Cannot use ${flagNames[useless[0]]}: ${useless[1]}`);
}

/** @throws InputError for what compares classes where there is one. */
export function checkCompared({ commonScale, draw }: FigureFlags, count: number): void {
  if (count > 1) return;
  const flag =
    commonScale === true ? flagNames.commonScale : draw?.includes('grid') ? '--draw grid' : undefined;
  if (flag === undefined) return;
  throw new InputError(
    `Cannot use ${flag}: it compares classes, and there is one; name several by --class, such as --class 242,282`,
  );
}
