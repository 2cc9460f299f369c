import type { Steps } from '../../tensor/drive.ts';
import { InputError } from '../../tensor/errors.ts';
import { formatBytes, formatMagnitude, formatTime } from '../../tensor/formatNumber.ts';
import { cheapest, type Diagonals, type PlanRow, type Task } from './plan.ts';
import { type Candidate, type PlanName, plans } from './plans.ts';
import { predict, type productSpeed } from './predict.ts';

/** What each plan would cost for a task, in the order of the rows. */
export const candidatesFor = (task: Task): Candidate[] =>
  plans.map(({ name, estimate }) => ({ name, ...estimate(task) }));

/** The plan by that name, or the cheapest. @throws InputError for one that does not exist or does not apply, naming why. */
export function choosePlan(candidates: readonly Candidate[], wanted: PlanName | 'auto'): Candidate {
  if (wanted === 'auto') {
    return cheapest(candidates.filter(({ applicable }) => applicable));
  }
  const chosen = candidates.find((c) => c.name === wanted);
  if (chosen === undefined) {
    throw new InputError(
      `Cannot take diagonal: there is no plan "${wanted}"; use auto, ${candidates.map((c) => c.name).join(' or ')}`,
    );
  }
  if (!chosen.applicable) {
    throw new InputError(`Cannot take diagonal by ${wanted}: ${chosen.why}; use plan auto or jets`);
  }
  return chosen;
}

function costOf(candidate: Candidate, speed?: typeof productSpeed): string {
  const { seconds, bytes } = predict(candidate, speed);
  const count = `${formatMagnitude(candidate.multiplyAdds)} multiply-adds`;
  return `${count}, ${formatTime(seconds)} on this machine, up to ${formatBytes(bytes)}`;
}

/** A line of text for each plan; the chosen one is marked. */
export function explainPlans(
  candidates: readonly Candidate[],
  chosen: Candidate,
  speed?: typeof productSpeed,
): string {
  return candidates
    .map((c) => {
      return `${c === chosen ? '→' : ' '} ${c.name}: ${c.applicable ? costOf(c, speed) : 'not applicable'}; ${c.why}`;
    })
    .join('\n');
}

/** Runs a plan that applies. */
export function runPlan(name: PlanName, task: Task): Steps<Diagonals> {
  return (plans.find((row) => row.name === name) as PlanRow).run(task);
}
