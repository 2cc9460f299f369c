import type { ClassChoice, ClassWanted } from '../../cam/contrast.ts';
import type { Classes } from '../../cam/matchClass.ts';
import { type MethodName, methodNames, methodOf } from '../../cam/methods.ts';
import { type Differences, noDifferences } from '../../node/explanation/figure.ts';
import { InputError } from '../../tensor/errors.ts';
import { didYouMean } from '../../tensor/nearest.ts';
import { matchClasses } from '../shared/chooseClasses.ts';

/** What there is to subtract. */
interface Explained {
  readonly methods: readonly MethodName[];
  readonly classes: ClassChoice<ClassWanted> | undefined;
  readonly known: Classes;
}

const asMethod = (text: string): MethodName | undefined => methodNames.find((name) => name === text.trim());

const refuse = (text: string, why: string) =>
  new InputError(`Cannot draw the difference ${text.trim()}: ${why}`);

/** The methods of "gradcam++-gradcam"; undefined where neither side is one. @throws InputError where one is. */
function methodsOf(text: string): readonly [MethodName, MethodName] | undefined {
  const [left, right] = [text.slice(0, text.indexOf('-')), text.slice(text.indexOf('-') + 1)];
  const [of, less] = [asMethod(left), asMethod(right)];
  if (of !== undefined && less !== undefined) return [of, less];
  if (of === undefined && less === undefined) return undefined;
  const other = (of === undefined ? left : right).trim();
  throw refuse(
    text,
    `there is no method "${other}"${didYouMean(other, methodNames) || `; there are ${methodNames.join(', ')}`}`,
  );
}

function checkMethods(text: string, [of, less]: readonly [MethodName, MethodName], asked: Explained): void {
  if (of === less) throw refuse(text, 'a map less itself is 0; name two methods');
  const missing = [of, less].find((name) => !asked.methods.includes(name));
  if (missing !== undefined) throw refuse(text, `${missing} does not run; add it to --method`);
  const pixels = [of, less].filter((name) => methodOf(name).look === 'pixels');
  if (pixels.length === 1)
    throw refuse(text, `${pixels[0]} has a value for each pixel, the other for each cell of a layer`);
}

function checkClasses(text: string, pair: readonly number[], { classes }: Explained): void {
  const run = classes === undefined || 'top' in classes ? [] : classes;
  const missing = pair.find((index) => !run.includes(index));
  if (missing === undefined) return;
  throw refuse(
    text,
    `class ${missing} is not among those explained; name both by --class, such as --class ${pair.join()}`,
  );
}

/**
 * What --difference asks for: methods and classes with a hyphen between, such as gradcam++-gradcam or boxer-282.
 * @throws InputError for what cannot be subtracted.
 */
export function chooseDifferences(texts: readonly string[] | undefined, asked: Explained): Differences {
  if (texts === undefined) return noDifferences;
  const methods = new Map<string, readonly [MethodName, MethodName]>();
  const ofClasses: string[] = [];
  for (const text of texts.flatMap((each) => each.split(','))) {
    const pair = methodsOf(text);
    if (pair === undefined) ofClasses.push(text);
    else checkMethods(text, pair, asked);
    if (pair !== undefined) methods.set(pair.join('-'), pair);
  }
  const text = ofClasses.join(',');
  const wanted = ofClasses.length === 0 ? [] : matchClasses(text, asked.known);
  const classes = wanted.map((each): readonly [number, number] => {
    if (typeof each === 'number')
      throw refuse(text, 'two are wanted, such as gradcam++-gradcam or boxer-282');
    checkClasses(text, [each.of, each.against], asked);
    return [each.of, each.against];
  });
  return { methods: [...methods.values()], classes };
}
