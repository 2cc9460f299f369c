import { fileURLToPath } from 'node:url';
import type { Job, Report } from './child.ts';
import { type Finding, type FindingKind, findingKinds } from './findings.ts';
import { type Ending, type FuzzLimits, fuzzLimits, startWatched, type Watched } from './watch.ts';

/** What a reader did with its inputs. */
export interface Tally {
  readonly name: string;
  readonly inputs: number;
  readonly taken: number;
  readonly refused: number;
  readonly found: Readonly<Record<FindingKind, number>>;
  /** Seconds of the slowest input that came to an end, and of all of them. */
  readonly slowest: number;
  readonly seconds: number;
  /** Whether what its seeds are made from is not there. */
  readonly absent: boolean;
}

export interface FuzzOptions {
  /** A module that exports `readers`; jetgrad's own unless given. */
  readonly modulePath?: string;
  readonly seed: number;
  /** For each reader; each bounds it, no bound where left out. */
  readonly inputs?: number | undefined;
  readonly seconds?: number | undefined;
  readonly limits?: FuzzLimits;
  /** Hears of each finding at once, and of where a reader is now and then. */
  readonly onFinding?: (finding: Finding) => void;
  readonly onProgress?: (name: string, inputs: number) => void;
}

export const ownReaders = fileURLToPath(new URL('readers.ts', import.meta.url));

/** A reader that took the process with it so often is left: each time costs a start. */
const GIVE_UP = 20;
/** As good as no bound, and a number of JSON. */
const FOR_EVER = 1e9;
const PROGRESS_MILLISECONDS = 1000;

/** Reads inputs of readers, one after another, in processes that are watched, and replaced where one is lost. */
export function createFuzz(options: FuzzOptions) {
  const { modulePath = ownReaders, seed, limits = fuzzLimits } = options;
  let watched: Watched | undefined;

  async function run(job: Omit<Job, 'bytes' | 'seed'>, hear: (report: Report) => void): Promise<Ending> {
    watched ??= await startWatched(modulePath, limits);
    return watched.run({ ...job, seed }, hear);
  }

  function close(): void {
    watched?.close();
    watched = undefined;
  }

  /** Whether an input takes so much memory in a process of its own: garbage of those before it is not its fault. */
  async function isLargeAlone(reader: string, index: number): Promise<boolean> {
    const job = { reader, from: index, until: index + 1, seconds: FOR_EVER };
    const { kind } = await run(job, () => {});
    close();
    return kind !== 'done';
  }

  async function fuzz(name: string, inputs = options.inputs): Promise<Tally> {
    const start = performance.now();
    const elapsed = () => (performance.now() - start) / 1000;
    const found = Object.fromEntries(findingKinds.map((kind) => [kind, 0])) as Record<FindingKind, number>;
    const totals = { taken: 0, refused: 0, slowest: 0 };
    const note = (kind: FindingKind, index: number, message: string) => {
      found[kind]++;
      options.onFinding?.({ reader: name, kind, seed, index, message });
    };
    const { seconds = FOR_EVER } = options;
    const until = inputs ?? Number.MAX_SAFE_INTEGER;
    const timer = setInterval(
      () => options.onProgress?.(name, Math.max(watched?.progress().index ?? 0, 0)),
      PROGRESS_MILLISECONDS,
    );
    let [from, lost, absent] = [0, 0, false];
    for (;;) {
      const ending = await run({ reader: name, from, until, seconds: seconds - elapsed() }, (report) => {
        if (report.type === 'found') note(report.kind, report.index, report.message);
      });
      const { taken, refused, slowest } = watched?.progress() ?? totals;
      totals.taken += taken;
      totals.refused += refused;
      totals.slowest = Math.max(totals.slowest, slowest);
      absent = ending.kind === 'absent';
      from = ending.index;
      if (ending.kind === 'done' || ending.kind === 'absent') break;
      watched = undefined;
      from = ending.index + 1;
      if (ending.kind !== 'memory' || (await isLargeAlone(name, ending.index))) {
        note(ending.kind, ending.index, ending.message);
        // Without an input of its own a process ends while it prepares the seeds, and would again.
        lost = ending.index < 0 ? GIVE_UP : lost + 1;
      }
      if (lost === GIVE_UP || elapsed() > seconds || from >= until) break;
    }
    clearInterval(timer);
    return { name, inputs: absent ? 0 : from, ...totals, found, seconds: elapsed(), absent };
  }

  /** Reads the input of a file; how it ended, in one word and with what was said. */
  async function replay(reader: string, file: string): Promise<{ outcome: string; message: string }> {
    let said: { outcome: string; message: string } | undefined;
    const job = { reader, file, from: 0, until: 1, seconds: FOR_EVER };
    const ending = await run(job, (report) => {
      if (report.type === 'found') said = { outcome: report.kind, message: report.message };
    });
    if (ending.kind !== 'done') return { outcome: ending.kind, message: ending.message };
    return said ?? { outcome: watched?.progress().taken === 1 ? 'taken' : 'refused', message: '' };
  }

  return { fuzz, replay, close };
}
