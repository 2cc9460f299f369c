import type { Explanation } from '../../cam/explanation.ts';
import { sequentialNames } from '../../image/colormap.ts';
import type { Picture } from '../../image/picture.ts';
import type { PresetName } from '../../image/preprocess.ts';
import type { Preprocessing } from '../../model/data/format.ts';
import type { Model } from '../../model/model.ts';
import { describe } from '../../tensor/describe.ts';
import { InputError } from '../../tensor/errors.ts';
import { didYouMean } from '../../tensor/nearest.ts';
import { checkOptions, type OptionKinds, wantRecord } from '../../tensor/options.ts';
import { checkClassPair, checkMethodPair } from './checkDifferences.ts';
import { checkCompared, checkFigure, type Spelling } from './checkFigure.ts';
import { drawings, drawnSide, type Figure, type FigureOptions, figureOf, formats } from './figure.ts';

/** What is needed beside an explanation to draw and write it. */
export interface SaveExplanationOptions extends FigureOptions {
  /** The model that was explained. */
  readonly model: Model;
  /** The picture: the path of its file, or itself, which then needs a `name`. */
  readonly image: string | Picture;
  /** What the names of the files begin with; the picture's file name without its extension unless given. */
  readonly name?: string | undefined;
  /** How the picture was prepared, where `preprocessFor` was told. */
  readonly preprocessing?: Preprocessing | PresetName | undefined;
  /** Replaces files of these names that are not of explanations. */
  readonly replace?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const ACTION = 'save the explanation';

const kinds = {
  model: 'record',
  image: ['text', 'record'],
  name: 'text',
  preprocessing: ['text', 'record'],
  replace: 'boolean',
  signal: 'signal',
  format: 'texts',
  draw: 'texts',
  size: 'number',
  colormap: 'text',
  opacity: 'number',
  contours: 'boolean',
  box: 'number',
  commonScale: 'boolean',
  signed: 'boolean',
  differences: 'record',
} as const satisfies OptionKinds & Record<keyof SaveExplanationOptions, unknown>;

const spelling: Spelling = {
  option: (name) => name,
  naming: (which, classes) => `explain ${which} by explainClasses, such as classes: [${classes.join(', ')}]`,
};

function checkNames(name: string, given: readonly string[] = [], known: readonly string[]): void {
  const unknown = given.find((each) => !known.includes(each));
  if (unknown === undefined && given.length > 0) return;
  const hint = (unknown !== undefined && didYouMean(unknown, known)) || `; there are ${known.join(', ')}`;
  throw new InputError(`Cannot ${ACTION}: ${name} has no "${unknown ?? ''}"${hint}`);
}

function checkRange(name: string, value: number | undefined, [least, most]: readonly [number, number]): void {
  if (value === undefined || (value >= least && value <= most)) return;
  throw new InputError(`Cannot ${ACTION}: ${name} must be from ${least} to ${most}, got ${value}`);
}

function checkFigureOptions({ format, draw, size, colormap, opacity, box }: FigureOptions): void {
  if (format !== undefined) checkNames('format', format, formats);
  if (draw !== undefined) checkNames('draw', draw, drawings);
  if (colormap !== undefined) checkNames('colormap', [colormap], sequentialNames);
  checkRange('size', size, [drawnSide.least, drawnSide.most]);
  if (size !== undefined && !Number.isInteger(size))
    throw new InputError(`Cannot ${ACTION}: size must be a whole number of pixels, got ${size}`);
  checkRange('opacity', opacity, [0, 1]);
  checkRange('box', box, [0, 1]);
}

/** @throws InputError for what is no two of a kind. */
function pairText(pair: readonly unknown[]): string {
  if (Array.isArray(pair) && pair.length === 2) return pair.join('-');
  throw new InputError(
    `Cannot ${ACTION} with differences: each is two methods or classes, such as ['gradcam++', 'gradcam'], got ${describe(pair)}`,
  );
}

function checkDifferences({ differences }: Figure, explanations: readonly Explanation[]): void {
  const methods = explanations[0].choices.methods;
  const classes = explanations.flatMap(({ classIndex, against }) =>
    against === undefined ? classIndex : [],
  );
  for (const pair of differences.methods) checkMethodPair(pairText(pair), pair, { methods, spelling });
  for (const pair of differences.classes) checkClassPair(pairText(pair), pair, { classes, spelling });
}

const missing = (what: string) => new InputError(`Cannot ${ACTION}: give the option ${what}`);

/** The figure that options ask for. @throws InputError for what cannot be drawn, or would change nothing. */
export function figureAskedBy(options: SaveExplanationOptions, explanations: readonly Explanation[]): Figure {
  wantRecord(options, 'options', ACTION);
  checkOptions(options, kinds, ACTION);
  if (options.model === undefined) throw missing('model: that which was explained');
  if (options.image === undefined) throw missing('image: the path of the picture, or the picture itself');
  checkOptions(options.differences, { methods: 'list', classes: 'list' }, `${ACTION} with differences`);
  checkFigureOptions(options);
  const { methods } = explanations[0].choices;
  const { model: _, image: _image, name: _name, preprocessing: _prepared, ...rest } = options;
  const { replace: _replace, signal: _signal, ...drawing } = rest;
  const figure = figureOf(drawing);
  checkFigure({ ...options, format: figure.format }, methods, spelling);
  checkCompared(options, explanations.length, spelling);
  checkDifferences(figure, explanations);
  return figure;
}

/** @throws InputError for anything but what explain finds. */
function checkExplanation(explanation: unknown): void {
  wantRecord(explanation, 'an explanation', ACTION);
  const { manifest, maps, evidence, choices } = explanation as Partial<Explanation>;
  if (typeof manifest === 'function' && [maps, evidence, choices].every((each) => typeof each === 'object'))
    return;
  throw new InputError(
    `Cannot ${ACTION}: it must come from explain, explainClasses or explainAll, got another record`,
  );
}

/** One explanation or several as a list. @throws InputError where they are none, or two of one class. */
export function explanationsOf(given: Explanation | readonly Explanation[]): readonly Explanation[] {
  const list: readonly Explanation[] = Array.isArray(given) ? given : [given as Explanation];
  if (list.length === 0) throw new InputError(`Cannot ${ACTION}: the list is empty; give one at least`);
  list.forEach(checkExplanation);
  const seen = new Set<string>();
  for (const { classIndex, against } of list) {
    const key = `${classIndex}-${against?.classIndex}`;
    if (seen.has(key)) throw new InputError(`Cannot ${ACTION}: two are of class ${classIndex}; give it once`);
    seen.add(key);
  }
  return list;
}

/** @throws InputError for what no file's name may begin with. */
export function checkName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && !/[/\\]|^\.\.?$/.test(name)) return name;
  if (name === undefined)
    throw new InputError(
      `Cannot ${ACTION}: a picture that is given itself needs a name; give the option name`,
    );
  throw new InputError(
    `Cannot ${ACTION}: name must be what names of files may begin with, without folders, got ${describe(name)}`,
  );
}
