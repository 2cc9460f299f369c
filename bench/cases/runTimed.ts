import type { Arrays, Setting } from '../contenders/contender.ts';
import { interleave, type Measured, median, type Pace } from '../interleave.ts';
import { peerPackages, peerVersion } from '../peers.ts';
import { startBusyLoops } from '../process/busyLoops.ts';
import { type Host, startHost } from '../process/host.ts';
import type { Timing } from '../process/messages.ts';
import type { Entrant, Row, TimedCase } from './case.ts';
import { largestError, TOLERANCE } from './largestError.ts';

export interface TimedOptions {
  readonly setting: Setting;
  /** Folder of the version before, where one is measured. */
  readonly before?: string | undefined;
  readonly pace: Pace;
  onStep(what: string): void;
}

interface Started {
  readonly entrant: Entrant;
  readonly host: Host;
  readonly timings: Timing[];
}

const itemsOf = ({ job }: Entrant): number =>
  job.kind === 'forward' ? job.batch : job.kind === 'explain' ? job.samples : 1;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Starts its process and loads its job. @throws Error with what went wrong. */
async function start(entrant: Entrant, { setting, before }: TimedOptions): Promise<Started> {
  const host = startHost();
  const { contender, job, threads = setting.threads, isBefore } = entrant;
  const root = isBefore && before !== undefined ? before : setting.root;
  try {
    await host.ask({ kind: 'load', contender, job, setting: { ...setting, threads, root } });
  } catch (error) {
    host.stop();
    throw error;
  }
  return { entrant, host, timings: [] };
}

/** Starts everyone who can be, and says of the others why not. */
async function startAll(given: TimedCase, options: TimedOptions) {
  const started: Started[] = [];
  const others = new Map<Entrant, Pick<Row, 'status' | 'why'>>();
  for (const entrant of given.entrants) {
    const peer = peerPackages[entrant.contender];
    if (peer !== undefined && peerVersion(peer) === undefined) {
      others.set(entrant, { status: 'missing', why: 'not installed' });
      continue;
    }
    options.onStep(`${given.title}: ${entrant.label} loads`);
    try {
      started.push(await start(entrant, options));
    } catch (error) {
      others.set(entrant, { status: 'failed', why: messageOf(error) });
    }
  }
  return { started, others };
}

type Found = Omit<Row, 'case' | 'title' | 'label'>;

async function conclude(
  { entrant, host, timings }: Started,
  { samples, failure }: Measured,
  reference: Arrays | undefined,
): Promise<Found> {
  if (failure !== undefined) return { status: 'failed', why: failure };
  const { peakBytes, items = itemsOf(entrant), error: own, facts } = await host.ask({ kind: 'facts' });
  const error = reference === undefined ? own : largestError(await host.ask({ kind: 'output' }), reference);
  // The time of another computation is not accepted.
  if (error !== undefined && error > TOLERANCE)
    return { status: 'failed', why: 'its output disagrees', error };
  return {
    status: 'passed',
    ...{ samples, seconds: median(samples), items },
    ...{ cores: median(timings.map(({ seconds, cpuSeconds }) => cpuSeconds / seconds)), peakBytes },
    ...(facts && { facts }),
    ...(error !== undefined && { error }),
  };
}

/** Measures the entrants in turns, each in a process of its own, and holds their outputs against the first one's. */
export async function runTimed(given: TimedCase, options: TimedOptions): Promise<Row[]> {
  const { started, others } = await startAll(given, options);
  const found = new Map<Entrant, Found>(others);
  const endLoops = given.isCrowded ? startBusyLoops() : undefined;
  try {
    const runners = started.map(({ entrant, host, timings }) => ({
      isOnce: entrant.isOnce === true,
      async run() {
        options.onStep(`${given.title}: ${entrant.label}`);
        const timing = await host.ask({ kind: 'run' });
        timings.push(timing);
        return timing.seconds;
      },
    }));
    const measured = await interleave(runners, options.pace);
    const [first] = given.entrants;
    const isFirst = started[0]?.entrant === first && measured[0].failure === undefined;
    const output = isFirst ? await started[0].host.ask({ kind: 'output' }) : undefined;
    for (const [i, each] of started.entries()) {
      const { entrant } = each;
      const isSame = entrant !== first && JSON.stringify(entrant.job) === JSON.stringify(first.job);
      if (isSame && output === undefined) {
        found.set(entrant, { status: 'failed', why: 'there is no output to hold it against' });
        continue;
      }
      const ending = conclude(each, measured[i], isSame ? output : undefined);
      found.set(entrant, await ending.catch((error) => ({ status: 'failed', why: messageOf(error) })));
    }
  } finally {
    endLoops?.();
    for (const { host } of started) host.stop();
  }
  return given.entrants.map((entrant) => ({
    ...{ case: given.name, title: given.title, label: entrant.label },
    ...(found.get(entrant) as Found),
  }));
}
