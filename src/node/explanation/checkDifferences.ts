import type { ClassWanted } from '../../cam/contrast.ts';
import type { MethodName } from '../../cam/methods.ts';
import { methodOf } from '../../cam/more/methodTable.ts';
import { InputError } from '../../tensor/errors.ts';
import type { Spelling } from './checkFigure.ts';

/** Why a difference cannot be. */
export const noDifference = (text: string, why: string): InputError =>
  new InputError(`Cannot draw the difference ${text.trim()}: ${why}`);

/** @throws InputError for maps of two methods that cannot be subtracted. */
export function checkMethodPair(
  text: string,
  [of, less]: readonly [MethodName, MethodName],
  { methods, spelling }: { readonly methods: readonly MethodName[]; readonly spelling: Spelling },
): void {
  if (of === less) throw noDifference(text, 'a map less itself is 0; name two methods');
  const missing = [of, less].find((name) => !methods.includes(name));
  if (missing !== undefined)
    throw noDifference(text, `${missing} does not run; add it to ${spelling.option('methods')}`);
  const pixels = [of, less].filter((name) => methodOf(name).look === 'pixels');
  if (pixels.length === 1)
    throw noDifference(text, `${pixels[0]} has a value for each pixel, the other for each cell of a layer`);
}

/** @throws InputError for maps of two classes of which one is not there. */
export function checkClassPair(
  text: string,
  pair: readonly [number, number],
  { classes, spelling }: { readonly classes: readonly ClassWanted[]; readonly spelling: Spelling },
): void {
  const missing = pair.find((index) => !classes.includes(index));
  if (missing === undefined) return;
  throw noDifference(text, `class ${missing} is not among those explained; ${spelling.naming('both', pair)}`);
}
