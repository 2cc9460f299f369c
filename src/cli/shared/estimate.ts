import { workOf } from '../../autodiff/diagonal/plan.ts';
import type { PlanName } from '../../autodiff/diagonal/plans.ts';
import { matmul } from '../../autodiff/operations.ts';
import { full } from '../../tensor/tensor.ts';
import { formatMagnitude } from './formatTable.ts';

/** Sides of the matrices that are multiplied to see how fast the machine is: some milliseconds in all. */
const SIDE = 256;
const TIMES = 3;

let measured: number | undefined;

/** Multiply-adds a second of matrix products in float64, measured once. */
function speed(): number {
  if (measured !== undefined) return measured;
  const factor = full([SIDE, SIDE], 0.5);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= TIMES; i++) {
    const started = performance.now();
    matmul(factor, factor);
    least = Math.min(least, performance.now() - started);
  }
  measured = SIDE ** 3 / (least / 1000);
  return measured;
}

/**
 * How fast a kind of work gets on, as a multiple of matrix products in float64: VJPs leave out what ReLU has shut, jets carry several
 * coefficients along, passes through a network run in float32. docs/measurements.md has what was measured.
 */
const paces = {
  'linear-prefix': 1.5,
  'channel-collapse': 1,
  'powered-weights': 0.1,
  ...{ adjoint: 0.4, jets: 0.5, pass: 1.8 },
} as const satisfies Readonly<Record<PlanName | 'pass', number>>;

export type Work = keyof typeof paces;

/** Seconds that so many multiply-adds of a kind of work take on this machine, roughly. */
export const secondsFor = (multiplyAdds: number, work: Work): number =>
  multiplyAdds / (paces[work] * speed());

/** A time for reading: "under a second", "about 12 s", "about 5 min", "about 3 h". */
export function formatTime(seconds: number): string {
  if (seconds < 1) return 'under a second';
  if (seconds < 99.5) return `about ${Math.round(seconds)} s`;
  if (seconds < 5970) return `about ${Math.round(seconds / 60)} min`;
  return `about ${Number((seconds / 3600).toPrecision(2))} h`;
}

/** Seconds from which on work is announced. */
export const LONG = 5;
/** Multiply-adds that take long on no machine: its speed need not be measured. */
export const LITTLE = 1e8;

/** What is chosen to be run, and what else there is. */
interface Planned {
  readonly name: PlanName;
  readonly multiplyAdds: number;
  readonly work?: number;
  readonly candidates: readonly {
    readonly name: PlanName;
    readonly applicable: boolean;
    readonly multiplyAdds: number;
    readonly work?: number;
  }[];
}

/** Says before long work how long it takes, and what would take a tenth of it; undefined where it is short. */
export function announcement({ candidates, ...plan }: Planned, seconds = secondsFor): string | undefined {
  const { name, multiplyAdds } = plan;
  const work = workOf(plan);
  if (work < LITTLE || seconds(work, name) < LONG) return undefined;
  const [cheapest] = candidates
    .filter((each) => each.applicable && workOf(each) < work / 10)
    .sort((a, b) => workOf(a) - workOf(b));
  const other =
    cheapest === undefined
      ? ''
      : `; --plan ${cheapest.name} gives the same numbers in ${formatTime(seconds(workOf(cheapest), cheapest.name))}`;
  return `${name} takes ${formatTime(seconds(work, name))} on this machine: ${formatMagnitude(multiplyAdds)} multiply-adds${other}`;
}

/** What each plan that applies would take. */
export function timesOf({ candidates }: Pick<Planned, 'candidates'>, seconds = secondsFor): string {
  const times = candidates
    .filter(({ applicable }) => applicable)
    .map((each) => `${each.name} ${formatTime(seconds(workOf(each), each.name))}`);
  return `on this machine: ${times.join(', ')}`;
}
