import { predict, productSpeed } from '../../autodiff/diagonal/predict.ts';
import { wantsNoisy } from '../../cam/collect.ts';
import { rowsOf } from '../../cam/methods.ts';
import { moreMethods } from '../../cam/more/moreMethods.ts';
import { type ScoreName, scoreNames } from '../../cam/score.ts';
import { smoothEquals } from '../../cam/smoothEquals.ts';
import { formatMagnitude, formatTime } from '../../tensor/formatNumber.ts';
import { LITTLE, LONG, secondsOfPasses, type Told } from '../shared/estimate.ts';
import type { Io } from '../shared/io.ts';
import type { ExplainFlags, ExplainPlan } from './plan.ts';

/** A backward pass to the input, in forward passes. */
const BACKWARD = 3;
/** Samples that the search for σ looks at, for each that there is: it tries up to seven, none longer than it takes to tell. */
const SEARCHED = 4;

type PlannedPasses = Pick<ExplainPlan, 'model' | 'layer' | 'layout' | 'classes' | 'select'> &
  Partial<Pick<ExplainPlan, 'outputs'>>;

/** Passes through the network for each picture, as forward ones. */
export function passesFor(
  { model, layer, layout, outputs, classes, select }: PlannedPasses,
  { method: methods, score, sigma, samples }: Pick<ExplainFlags, 'method' | 'score' | 'sigma' | 'samples'>,
): number {
  const count = classes === undefined ? 1 : 'top' in classes ? classes.top : classes.length;
  const contrasts =
    classes !== undefined && !('top' in classes) && classes.some((each) => typeof each !== 'number');
  const named: ScoreName = scoreNames.find((each) => each === score) ?? 'custom';
  const choices = { score: named, sigma: sigma === 'auto' ? 1 : sigma, select };
  const noiseless =
    layer === undefined || layout === undefined
      ? undefined
      : smoothEquals(model.split(layer, { outputs }).headForm, { ...choices, layout }, contrasts);
  const { maps, gradients } = wantsNoisy({
    rows: rowsOf(methods, moreMethods),
    ...(noiseless !== undefined && { noiseless }),
  });
  if (!maps && !gradients) return 1;
  const searched = sigma === 'auto' ? SEARCHED * samples : 0;
  return 1 + searched + (sigma === 0 ? 1 : samples) * (1 + (gradients ? BACKWARD * count : 0));
}

interface Part {
  readonly multiplyAdds: number;
  readonly seconds: number;
}

/**
 * Says of long work before it begins how long it takes; again where the derivatives turn out to take as long again. To be called before
 * each picture that is explained, with the number of those left, it among them; gives what is to be told of the first one's plans.
 */
export function createAnnouncer(
  { note }: Pick<Io, 'note'>,
  passes: { readonly count: number; readonly multiplyAdds: number },
  speed = productSpeed,
): (pictures: number) => ((plan: Told, times: number) => void) | undefined {
  const parts: string[] = [];
  let [pictures, each, told] = [0, 0, 0];
  function tell(times: number, what: string, { multiplyAdds, seconds }: Part): void {
    each += times * seconds;
    parts.push(`${times} × ${what} (${formatMagnitude(multiplyAdds)} multiply-adds)`);
    const all = pictures * each;
    if (all < LONG || all < 2 * told) return;
    told = all;
    const many = pictures > 1 ? `${pictures} pictures, each ` : '';
    note(`this takes ${formatTime(all)} on this machine: ${many}${parts.join(', ')}`);
  }
  return (left) => {
    if (pictures > 0) return undefined;
    pictures = left;
    const { count, multiplyAdds } = passes;
    // No machine is so slow that little takes long.
    const isLittle = count * multiplyAdds < LITTLE;
    tell(count, 'a pass', { multiplyAdds, seconds: isLittle ? 0 : secondsOfPasses(multiplyAdds, speed) });
    return (plan, times) => {
      const seconds = times * plan.work < LITTLE ? 0 : predict(plan, speed).seconds;
      tell(times, plan.name, { multiplyAdds: plan.multiplyAdds, seconds });
    };
  };
}
