import type { ContenderKind } from '../contenders/contender.ts';
import { type GeneralTask, generalTasks, taskOf } from '../general/tasks.ts';
import type { Entrant, TimedCase } from './case.ts';

/** Those who can do a task at all: jax-js compiles no chain so long, and has no stack for its way back; TF.js has no forward mode. */
function peersOf(task: GeneralTask): ContenderKind[] {
  const { of, want } = taskOf(task);
  if (of === 'chain') return ['micrograd', ...(want === 'value' ? (['jax-js'] as const) : []), 'tfjs-cpu'];
  return want === 'jet' ? ['jax-js', 'jax-js-jit'] : ['jax-js', 'jax-js-jit', 'tfjs-cpu'];
}

const quick: readonly GeneralTask[] = ['rosenbrock-grad', 'chain-reverse'];

/** jetgrad in float64 as a general engine, beside others, which compute in float32 (micrograd in float64): one thread each. */
export const generalCases: readonly TimedCase[] = (Object.keys(generalTasks) as GeneralTask[]).map((task) => {
  const entrant = (contender: ContenderKind): Entrant => ({
    ...{ label: contender, contender, job: { kind: 'general', task }, threads: 1 },
    ...(contender === 'tfjs-cpu' && { isSlow: true }),
  });
  return {
    kind: 'timed',
    name: task,
    title: taskOf(task).title,
    ...(quick.includes(task) && { isQuick: true as const }),
    entrants: [entrant('jetgrad'), ...peersOf(task).map(entrant)],
  };
});
