import { basename, extname } from 'node:path';
import type { ClassPair } from '../../cam/contrast.ts';
import type { MethodName } from '../../cam/methods.ts';
import { methodOf } from '../../cam/more/methodTable.ts';
import { InputError } from '../../tensor/errors.ts';
import { STDIN } from '../readInputFile.ts';
import type { Figure } from './figure.ts';

/** The name that a picture's outputs begin with: its file name without the extension. */
export function imageName(path: string): string {
  const name = path === STDIN ? 'stdin' : basename(path);
  return name.slice(0, name.length - extname(name).length);
}

/** Names of the pictures, which must differ. @throws InputError naming two that do not. */
export function imageNames(paths: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const name = imageName(path);
    const other = seen.get(name);
    if (other !== undefined) {
      throw new InputError(
        `Cannot explain both ${other} and ${path}: their outputs would have one name, ${name}; run them one by one`,
      );
    }
    seen.set(name, path);
  }
  return [...seen.keys()];
}

/** `<image>`, or where classes were asked for `<image>.c242`, `<image>.c242-282` of one against another. */
export function explanationName(
  image: string,
  { classIndex, against }: ClassPair,
  isAskedFor: boolean,
): string {
  const held = against === undefined ? '' : `-${against}`;
  return isAskedFor ? `${image}.c${classIndex}${held}` : image;
}

/** What stands after the picture's name in the files of one class's maps less another's: c242-c282. */
export const differenceName = ([of, less]: readonly [number, number]): string => `c${of}-c${less}`;

/** Arrays of a method, by the names that they have in files. */
function arraysOf(method: MethodName): string[] {
  const row = methodOf(method);
  if (row.of === 'input') return ['map'];
  return ['map', ...(row.weighs === 'maps' ? ['weights'] : []), 'a', 'd1', 'd2', 'd3'];
}

/** What decides which files there are. */
interface FilesAsked {
  readonly methods: readonly MethodName[];
  readonly figure: Pick<Figure, 'format' | 'draw' | 'differences'>;
}

const panelNames = (name: string, { figure: { format } }: FilesAsked) =>
  (['png', 'svg'] as const).filter((each) => format.includes(each)).map((each) => `${name}.${each}`);

const arrayFormats = ({ figure: { format } }: FilesAsked) =>
  (['npy', 'json'] as const).filter((each) => format.includes(each));

/** The pictures of maps of these names, and of them together. */
function mapPictures(name: string, maps: readonly string[], asked: FilesAsked): string[] {
  const { draw } = asked.figure;
  return [
    ...(draw.includes('overlay') ? maps.map((map) => `${name}.${map}.png`) : []),
    ...(draw.includes('raw') ? maps.map((map) => `${name}.${map}.raw.png`) : []),
    ...(draw.includes('panel') ? panelNames(`${name}.panel`, asked) : []),
  ];
}

/** Names, without the folder, that the files of one explanation may have: to be checked before there is one. */
export function explanationFiles(name: string, asked: FilesAsked): string[] {
  const { methods, figure } = asked;
  const pairs = figure.differences.methods.map((pair) => pair.join('-'));
  return [
    ...mapPictures(name, [...methods, ...pairs], asked),
    ...arrayFormats(asked).flatMap((format) => [
      ...methods.flatMap((method) => arraysOf(method).map((array) => `${name}.${method}.${array}.${format}`)),
      ...pairs.map((pair) => `${name}.${pair}.map.${format}`),
    ]),
  ];
}

/** The same for the files of a picture beside those of its classes. */
export function pictureFiles(name: string, asked: FilesAsked): string[] {
  const { methods } = asked;
  const { draw, differences } = asked.figure;
  return [
    ...differences.classes.flatMap((pair) => {
      const own = `${name}.${differenceName(pair)}`;
      const arrays = arrayFormats(asked).flatMap((format) =>
        methods.map((each) => `${own}.${each}.map.${format}`),
      );
      return [...mapPictures(own, methods, asked), ...arrays];
    }),
    ...(draw.includes('crop') ? [`${name}.crop.png`] : []),
    ...(draw.includes('grid') ? panelNames(`${name}.grid`, asked) : []),
  ];
}
