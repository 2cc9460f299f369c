import type { ClassChoice, ClassWanted } from '../../cam/contrast.ts';
import type { Classes } from '../../cam/matchClass.ts';
import type { MethodName } from '../../cam/methods.ts';
import { methodNames } from '../../cam/more/methodTable.ts';
import { checkClassPair, checkMethodPair, noDifference } from '../../node/explanation/checkDifferences.ts';
import { type Differences, noDifferences } from '../../node/explanation/figure.ts';
import { didYouMean } from '../../tensor/nearest.ts';
import { matchClasses } from '../shared/chooseClasses.ts';
import { flagSpelling } from './figureOptions.ts';

/** What there is to subtract. */
interface Explained {
  readonly methods: readonly MethodName[];
  readonly classes: ClassChoice<ClassWanted> | undefined;
  readonly known: Classes;
}

const asMethod = (text: string): MethodName | undefined => methodNames.find((name) => name === text.trim());

/** The methods of "gradcam++-gradcam"; undefined where neither side is one. @throws InputError where one is. */
function methodsOf(text: string): readonly [MethodName, MethodName] | undefined {
  const [left, right] = [text.slice(0, text.indexOf('-')), text.slice(text.indexOf('-') + 1)];
  const [of, less] = [asMethod(left), asMethod(right)];
  if (of !== undefined && less !== undefined) return [of, less];
  if (of === undefined && less === undefined) return undefined;
  const other = (of === undefined ? left : right).trim();
  throw noDifference(
    text,
    `there is no method "${other}"${didYouMean(other, methodNames) || `; there are ${methodNames.join(', ')}`}`,
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
    else checkMethodPair(text, pair, { methods: asked.methods, spelling: flagSpelling });
    if (pair !== undefined) methods.set(pair.join('-'), pair);
  }
  const text = ofClasses.join(',');
  const wanted = ofClasses.length === 0 ? [] : matchClasses(text, asked.known);
  const explained = asked.classes === undefined || 'top' in asked.classes ? [] : asked.classes;
  const classes = wanted.map((each): readonly [number, number] => {
    if (typeof each === 'number')
      throw noDifference(text, 'two are wanted, such as gradcam++-gradcam or boxer-282');
    checkClassPair(text, [each.of, each.against], { classes: explained, spelling: flagSpelling });
    return [each.of, each.against];
  });
  return { methods: [...methods.values()], classes };
}
