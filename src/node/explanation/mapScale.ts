import { brightestOf, PIXEL_PERCENTILE } from '../../cam/brightest.ts';
import type { Evidence } from '../../cam/evidence.ts';
import type { Explanation, MethodMap } from '../../cam/explanation.ts';
import { signedMap } from '../../cam/map.ts';
import type { MethodName } from '../../cam/methods.ts';
import { methodOf } from '../../cam/more/methodTable.ts';
import { expOf } from '../../tensor/elementary/exponential.ts';
import { logOf } from '../../tensor/elementary/logarithm.ts';
import { isSummed } from './figure.ts';

/** What a map is drawn up to. */
export interface MapScale {
  /** The value of the raw map that is drawn brightest; 0 where nothing is. */
  readonly upTo: number;
  /** Its true value, exp(logScale) · upTo, for reading. */
  readonly text: string;
  /** What stands under the lower end of a colour bar. */
  readonly low: string;
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** exp(logScale) · value, three digits of it, however large or small it is: 0.0123, 1.95 · 10¹², 7.15e−4. */
export function scaledText(value: number, logScale: number): string {
  if (value === 0) return '0';
  if (value < 0) return `−${scaledText(-value, logScale)}`;
  const plain = value * expOf(logScale);
  if (plain >= 1e-3 && plain < 1e5) return String(Number(plain.toPrecision(3)));
  const magnitude = logOf(value) / Math.LN10 + logScale / Math.LN10;
  const [digits, exponent] = (10 ** (magnitude - Math.floor(magnitude))).toExponential(2).split('e');
  const power = Number(exponent) + Math.floor(magnitude);
  // The letters of panels have no small minus.
  if (power < 0) return `${Number(digits)}e−${-power}`;
  return `${Number(digits)} · 10${Array.from(String(power), (digit) => superscripts[Number(digit)]).join('')}`;
}

/** Names of the ends of a colour bar. A signed map goes as far below 0 as above. */
function ends(
  method: MethodName,
  text: string,
  { common, signed }: ScaleOptions,
): Pick<MapScale, 'low' | 'text'> {
  const prefix = common ? 'common ' : '';
  if (signed && isSummed(method)) return { low: `−${text}`, text: `${prefix}maximum of |Σ w·A| ${text}` };
  const what = methodOf(method).look === 'pixels' ? `${PIXEL_PERCENTILE}th percentile` : 'maximum';
  return { low: '0', text: `${prefix}${what} ${text}` };
}

/** An explanation's maps as they are drawn: where `signed`, sums of weighted feature maps before their ReLU. */
export function mapsToDraw({ maps, evidence, choices }: Explanation, signed: boolean): Explanation['maps'] {
  if (!signed) return maps;
  const drawn: Partial<Record<MethodName, MethodMap>> = { ...maps };
  for (const [name, own] of Object.entries(evidence) as [MethodName, Evidence][]) {
    const map = maps[name];
    if (map?.weights === undefined) continue;
    drawn[name] = { ...map, raw: signedMap(own.activation, map.weights, { select: choices.select }) };
  }
  return drawn;
}

const brightness = (method: MethodName, { raw }: MethodMap) => brightestOf(raw, methodOf(method).look);

/** Of each method, the brightest map of several classes: what it is drawn up to, and the scale of that value. */
function brightestClass(method: MethodName, classes: readonly Explanation['maps'][]) {
  let most = { upTo: 0, logScale: 0, magnitude: Number.NEGATIVE_INFINITY };
  for (const maps of classes) {
    const map = maps[method];
    const upTo = map === undefined ? 0 : brightness(method, map);
    const logScale = map?.logScale ?? 0;
    const magnitude = logOf(upTo) + logScale;
    if (magnitude > most.magnitude) most = { upTo, logScale, magnitude };
  }
  return most;
}

/** How maps are scaled. */
export interface ScaleOptions {
  /** One scale for all classes of a method. */
  readonly common: boolean;
  readonly signed: boolean;
}

/** Scales of the maps of several classes, each by itself, or by what is brightest of all classes of its method. */
export function createScales(classes: readonly Explanation['maps'][], options: ScaleOptions) {
  const common = new Map<MethodName, ReturnType<typeof brightestClass>>();
  return (method: MethodName, map: MethodMap): MapScale => {
    if (!options.common) {
      const upTo = brightness(method, map);
      return { upTo, ...ends(method, scaledText(upTo, map.logScale), options) };
    }
    const most = common.get(method) ?? brightestClass(method, classes);
    common.set(method, most);
    const upTo = most.upTo * expOf(most.logScale - map.logScale);
    return { upTo, ...ends(method, scaledText(most.upTo, most.logScale), options) };
  };
}
