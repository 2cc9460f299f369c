import type { Candidate } from '../../autodiff/diagonal/plans.ts';
import { predict, productSpeed } from '../../autodiff/diagonal/predict.ts';
import { formatMagnitude, formatTime } from '../../tensor/formatNumber.ts';

/** Seconds from which on work is announced. */
export const LONG = 5;
/** Multiply-adds that take long on no machine: its speed need not be measured. */
export const LITTLE = 1e8;

/** How fast passes through a network get on, in float32, as a multiple of matrix products in float64. */
const PASS_PACE = 1.8;

/** Seconds that passes through a network of so many multiply-adds take on this machine, roughly. */
export const secondsOfPasses = (multiplyAdds: number, speed = productSpeed): number =>
  multiplyAdds / (PASS_PACE * speed());

/** What is known of a plan before it runs. */
export type Told = Omit<Candidate, 'applicable' | 'why'>;

/** What is chosen to be run, and what else there is. */
type Planned = Told & { readonly candidates: readonly (Told & Pick<Candidate, 'applicable'>)[] };

/** Says before long work how long it takes, and what would take a tenth of it; undefined where it is short. */
export function announcement({ candidates, ...plan }: Planned, speed = productSpeed): string | undefined {
  const { name, multiplyAdds } = plan;
  if (plan.work < LITTLE) return undefined;
  const { seconds } = predict(plan, speed);
  if (seconds < LONG) return undefined;
  const [cheapest] = candidates
    .filter(({ applicable }) => applicable)
    .map((each) => ({ name: each.name, seconds: predict(each, speed).seconds }))
    .filter((each) => each.seconds < seconds / 10)
    .sort((a, b) => a.seconds - b.seconds);
  const other =
    cheapest === undefined
      ? ''
      : `; --plan ${cheapest.name} gives the same numbers in ${formatTime(cheapest.seconds)}`;
  return `${name} takes ${formatTime(seconds)} on this machine: ${formatMagnitude(multiplyAdds)} multiply-adds${other}`;
}
