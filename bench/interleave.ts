import { setTimeout as sleep } from 'node:timers/promises';

/** Something that can be run again and again; gives the seconds of a run. */
export interface Runner {
  run(): Promise<number>;
  /** Its first run is the measured one. */
  readonly isOnce?: boolean;
}

export interface Pace {
  /** Measured runs of each, at most. */
  readonly rounds: number;
  /** Each runs at least so long before it is measured: compilers replace code during the first runs. */
  readonly warmUpSeconds: number;
  /** Who has used up so much in measured runs sits out the rounds that are left; a first run this long is the only one. */
  readonly budgetSeconds: number;
  /** Before each turn, so that the threads of the one before stop looking for work. */
  readonly pauseSeconds: number;
}

export interface Measured {
  readonly samples: number[];
  /** Why it stopped before its time. */
  failure?: string;
}

/** A shorter run is preceded by one that is not measured, which brings its data back into the caches. */
const SHORT_SECONDS = 0.25;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The first runs; they count only where no others will follow. */
async function warmUp({ run, isOnce }: Runner, { warmUpSeconds, budgetSeconds }: Pace): Promise<number[]> {
  let seconds = await run();
  if (isOnce || seconds >= budgetSeconds) return [seconds];
  for (let total = seconds; total < warmUpSeconds; total += seconds) seconds = await run();
  return [];
}

/** Measures runners in turns, A B A B …, after each was warmed up: seconds of every measured run. */
export async function interleave(runners: readonly Runner[], pace: Pace): Promise<Measured[]> {
  const { rounds, budgetSeconds, pauseSeconds } = pace;
  const all = runners.map((runner) => ({ runner, samples: [] as number[], spent: 0, failure: '' }));
  type Entry = (typeof all)[number];
  async function turn(entry: Entry, act: () => Promise<void>): Promise<void> {
    if (entry.failure !== '' || entry.spent >= budgetSeconds) return;
    try {
      await act();
    } catch (error) {
      entry.failure = error instanceof Error ? error.message : String(error);
    }
  }
  for (const entry of all) {
    await turn(entry, async () => {
      entry.samples.push(...(await warmUp(entry.runner, pace)));
      if (entry.samples.length > 0) entry.spent = budgetSeconds;
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const entry of all) {
      await turn(entry, async () => {
        await sleep(1000 * pauseSeconds);
        let seconds = await entry.runner.run();
        if (seconds < SHORT_SECONDS) seconds = await entry.runner.run();
        entry.samples.push(seconds);
        entry.spent += seconds;
      });
    }
  }
  return all.map(({ samples, failure }) => ({ samples, ...(failure && { failure }) }));
}
