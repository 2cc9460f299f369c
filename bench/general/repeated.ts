import type { Arrays, Work } from '../contenders/contender.ts';

/** Before the repetitions of a run are counted: compilers replace code until then. */
const WARM_UP_MS = 500;
/** A run of the benchmark lasts at least about so long, that clocks and messages between processes count for nothing. */
const RUN_MS = 30;

function runsWithin(once: () => unknown, milliseconds: number): number {
  const end = performance.now() + milliseconds;
  let runs = 0;
  do {
    once();
    runs += 1;
  } while (performance.now() < end);
  return runs;
}

/** A task of microseconds as work that repeats it: `items` times in a run. */
export function repeated(once: () => Arrays): Work {
  runsWithin(once, WARM_UP_MS);
  const items = Math.max(...[1, 2, 3].map(() => runsWithin(once, RUN_MS)));
  return {
    items,
    async run() {
      for (let i = 1; i < items; i++) once();
      return once();
    },
  };
}
