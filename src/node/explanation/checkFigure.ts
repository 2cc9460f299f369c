import type { MethodName } from '../../cam/methods.ts';
import { methodOf } from '../../cam/more/methodTable.ts';
import { InputError } from '../../tensor/errors.ts';
import { type Drawing, drawingsOf, type Figure, type FigureOptions, isSummed } from './figure.ts';

/** Options and their like as whoever asks knows them. */
export interface Spelling {
  option(name: keyof FigureOptions | 'methods'): string;
  /** How classes are asked for, with some as an example. */
  naming(which: 'both' | 'several', classes: readonly number[]): string;
}

type Asked = FigureOptions & Pick<Figure, 'format'>;

const isTiled = (each: Drawing) => each === 'panel' || each === 'grid';
const isOverPhotograph = (each: Drawing) => each === 'overlay' || isTiled(each);

/** What is to be drawn that no format asked for can hold, and the way out. */
function undrawable({ format, draw = [] }: Asked, { option }: Spelling): string | undefined {
  if (format.includes('svg') && draw.length > 0 && !draw.some(isTiled))
    return `svg is for panels and grids; add one of them, or leave svg out of ${option('format')}`;
  const onlyPng = format.includes('png') ? undefined : draw.find((each) => !isTiled(each));
  return onlyPng && `${onlyPng} is a png file; add png to ${option('format')}`;
}

type Useless = readonly [name: keyof FigureOptions, why: string];

/** An option that nothing is drawn for, and the way out. */
function undrawn(asked: Asked, spelling: Spelling): Useless | undefined {
  const { option } = spelling;
  const drawn: readonly Drawing[] = drawingsOf(asked);
  const given = (...names: readonly (keyof FigureOptions)[]) =>
    names.find((name) => asked[name] !== undefined);
  const any = given('draw', 'size', 'colormap', 'opacity', 'contours', 'box', 'commonScale', 'signed');
  if (any !== undefined && drawn.length === 0)
    return [any, `no pictures are written; add png or svg to ${option('format')}`];
  const why = undrawable(asked, spelling);
  if (why !== undefined) return ['draw', why];
  const overPhotograph = given('opacity', 'contours', 'box');
  if (overPhotograph !== undefined && !drawn.some(isOverPhotograph)) {
    const missing = `add overlay, panel or grid to ${option('draw')}`;
    return [overPhotograph, `no map is drawn over the photograph; ${missing}`];
  }
  const missing = `no map is drawn; add overlay, panel, grid or raw to ${option('draw')}`;
  const isEmpty = drawn.every((each) => each === 'crop');
  const coloured = given('colormap', 'commonScale', 'signed');
  if (coloured !== undefined && isEmpty) return [coloured, missing];
  const isWritten = asked.format.includes('npy') || asked.format.includes('json');
  if (asked.differences !== undefined && !isWritten && isEmpty)
    return ['differences', `${missing}, or npy to ${option('format')}`];
  return undefined;
}

/** An option that changes no map of the methods, and the way out. */
function unmapped(asked: Asked, methods: readonly MethodName[], { option }: Spelling): Useless | undefined {
  const { contours, box, signed, colormap } = asked;
  const ofCells = contours !== undefined ? 'contours' : box !== undefined ? 'box' : undefined;
  const pixels = methods.filter((name) => methodOf(name).look === 'pixels');
  if (ofCells !== undefined && pixels.length === methods.length)
    return [
      ofCells,
      `the maps of ${pixels.join(', ')} are of single pixels; add another ${option('methods')}`,
    ];
  if (signed === true && !methods.some(isSummed))
    return [
      'signed',
      `it draws sums of weighted feature maps; add gradcam or another such ${option('methods')}`,
    ];
  if (colormap !== undefined && signed === true && methods.every(isSummed))
    return ['colormap', 'signed maps have colours of their own; leave one of the two out'];
  return undefined;
}

/** @throws InputError for an option of pictures that would change nothing. */
export function checkFigure(asked: Asked, methods: readonly MethodName[], spelling: Spelling): void {
  const useless = undrawn(asked, spelling) ?? unmapped(asked, methods, spelling);
  if (useless === undefined) return;
  throw new InputError(`Cannot use ${spelling.option(useless[0])}: ${useless[1]}`);
}

/** @throws InputError for what compares classes where there is one. */
export function checkCompared(
  { commonScale, draw }: Pick<FigureOptions, 'commonScale' | 'draw'>,
  count: number,
  { option, naming }: Spelling,
): void {
  if (count > 1) return;
  const what =
    commonScale === true
      ? option('commonScale')
      : draw?.includes('grid')
        ? `${option('draw')} grid`
        : undefined;
  if (what === undefined) return;
  throw new InputError(
    `Cannot use ${what}: it compares classes, and there is one; ${naming('several', [242, 282])}`,
  );
}
