import type { AskedPlace } from '../../cam/askedPlace.ts';
import { brightestOf } from '../../cam/brightest.ts';
import type { Explanation, MethodMap } from '../../cam/explanation.ts';
import type { Method } from '../../cam/method.ts';
import type { MethodName } from '../../cam/methods.ts';
import { methodOf } from '../../cam/more/methodTable.ts';
import { pairOfExplanation, scoreText } from '../../cam/pairText.ts';
import type { ColormapName } from '../../image/colormap.ts';
import { formatNumber } from '../../tensor/formatNumber.ts';
import { fromData, type Tensor } from '../../tensor/tensor.ts';
import { type Figure, isSummed } from './figure.ts';
import { type MapScale, scaledText } from './mapScale.ts';

/** A map as it is drawn, and what is written beside it. */
export interface DrawnMap {
  /** What stands for it in names of files: a method, or two with a hyphen between. */
  readonly name: string;
  readonly raw: Tensor;
  readonly scale: MapScale;
  readonly look: Method['look'];
  /** Whether it is of a layer, of which a selection is marked. */
  readonly ofLayer: boolean;
  readonly isDifference: boolean;
  /** Where on the picture the questions are asked that it answers. */
  readonly places: readonly AskedPlace[];
  readonly colormap: ColormapName | undefined;
  readonly title: string;
  readonly detail: string;
}

/** What a method's map was made from, in a few words. */
function detailOf(
  method: MethodName,
  { empty, equals, ...map }: MethodMap,
  { choices: { sigma, samples }, ...explanation }: Explanation,
): string {
  const score = scoreText(map.score, pairOfExplanation(explanation));
  if (equals !== undefined)
    return `score ${score}, ${methodOf(equals.method as MethodName).title} whatever the noise`;
  const noise = `σ ${formatNumber(sigma)}, n ${samples}`;
  const caption = methodOf(method).caption({ score, noise });
  return empty === undefined ? caption : `all zero; ${caption}`;
}

/** Where on the picture questions are asked, each place once. */
export const placesOf = (explanations: readonly Explanation[]): AskedPlace[] => [
  ...new Set(explanations.flatMap(({ place }) => place ?? [])),
];

/** A method's map of a class, with its scale. */
export function drawnMap(
  method: MethodName,
  explanation: Explanation,
  { map, scale, figure }: { map: MethodMap; scale: MapScale; figure: Pick<Figure, 'signed' | 'colormap'> },
): DrawnMap {
  const { look, title } = methodOf(method);
  return {
    ...{ name: method, raw: map.raw, scale, look, title },
    ofLayer: look === 'cells',
    isDifference: false,
    places: placesOf([explanation]),
    colormap: figure.signed === true && isSummed(method) ? 'tide' : figure.colormap,
    detail: detailOf(method, map, explanation),
  };
}

/** One map as it is drawn less another, each from 0 to 1, or −1 to 1 where it is signed: red where it is above, blue where it is below. */
function differenceOf(
  first: DrawnMap,
  second: DrawnMap,
  { name, title, detail }: Pick<DrawnMap, 'name' | 'title' | 'detail'>,
): DrawnMap {
  const share = ({ raw, scale }: DrawnMap, i: number) => (scale.upTo === 0 ? 0 : raw.data[i] / scale.upTo);
  const values = Float64Array.from(first.raw.data, (_, i) => share(first, i) - share(second, i));
  const raw = fromData(values, first.raw.shape);
  const upTo = brightestOf(fromData(values.map(Math.abs), raw.shape), first.look);
  const text = scaledText(upTo, 0);
  const what = first.look === 'pixels' ? '99th percentile' : 'maximum';
  return {
    ...{ name, raw, title, detail, look: first.look, ofLayer: first.ofLayer },
    places: [...new Set([...first.places, ...second.places])],
    scale: { upTo, low: upTo === 0 ? '0' : `−${text}`, text: `${what} of |difference| ${text}` },
    isDifference: true,
    colormap: 'tide',
  };
}

/** The differences of a class's maps by two methods each, of those that there are. */
export function methodDifferences(
  maps: readonly DrawnMap[],
  pairs: readonly (readonly [MethodName, MethodName])[],
): DrawnMap[] {
  const byName = new Map(maps.map((map) => [map.name, map]));
  return pairs.flatMap(([of, less]) => {
    const [first, second] = [byName.get(of), byName.get(less)];
    if (first === undefined || second === undefined) return [];
    return differenceOf(first, second, {
      name: `${of}-${less}`,
      title: `${first.title} − ${second.title}`,
      detail: 'red: more in the first; blue: in the second',
    });
  });
}

/** The differences of two classes' maps, method by method. */
export function classDifferences(first: readonly DrawnMap[], second: readonly DrawnMap[]): DrawnMap[] {
  const byName = new Map(second.map((map) => [map.name, map]));
  return first.flatMap((map) => {
    const other = byName.get(map.name);
    if (other === undefined) return [];
    return differenceOf(map, other, { ...map, detail: 'red: more of the first class; blue: of the second' });
  });
}
