import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Job, Report } from './child.ts';
import { cpuSeconds, residentBytes } from './processFacts.ts';
import { PROGRESS_FIELDS, type Progress, readProgress } from './progress.ts';

/** What one input may take. */
export interface FuzzLimits {
  /** Of the processor, after which an input hangs. */
  readonly seconds: number;
  /** Of the clock, for inputs that wait for something that never comes. */
  readonly clockSeconds: number;
  /** Of resident memory, about 200 MB of the process itself among them. */
  readonly bytes: number;
}

export const fuzzLimits: FuzzLimits = { seconds: 5, clockSeconds: 120, bytes: 1e9 };

/** How often its limit a process may take before it is ended within an input: a burden to the machine. */
const TOO_LARGE = 4;
const POLL_MILLISECONDS = 100;

/** How a stretch of inputs ended: all read, or by an input that took the process with it. */
export interface Ending {
  readonly kind: 'done' | 'absent' | 'hang' | 'death' | 'memory';
  /** The input that ended it; for `done` the first that was not read. */
  readonly index: number;
  readonly message: string;
}

/** A process that reads inputs, watched from here. */
export interface Watched {
  /** Reads inputs until all are done or one ends the process, which then is of no more use. */
  run(job: Omit<Job, 'bytes'>, hear: (report: Report) => void): Promise<Ending>;
  progress(): Progress;
  close(): void;
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

interface Guarded {
  readonly pid: number;
  readonly limits: FuzzLimits;
  readonly index: () => number;
}

/** Looks at a process time and again; resolves once an input takes too long or too much. */
function guard({ pid, limits, index }: Guarded, stopped: () => boolean): Promise<Ending> {
  return new Promise((resolve) => {
    let [latest, cpu, clock] = [-1, 0, 0];
    const timer = setInterval(() => {
      if (stopped()) return clearInterval(timer);
      const [now, used, current] = [performance.now() / 1000, cpuSeconds(pid), index()];
      // Before its first input a process prepares its seeds, which may take what it takes.
      if (current !== latest || current < 0) [latest, cpu, clock] = [current, used, now];
      const bytes = residentBytes(pid);
      const complaint: Omit<Ending, 'index'> | undefined =
        used - cpu > limits.seconds
          ? { kind: 'hang', message: `more than ${limits.seconds} seconds of the processor` }
          : now - clock > limits.clockSeconds
            ? { kind: 'hang', message: `no end after ${limits.clockSeconds} seconds` }
            : bytes > TOO_LARGE * limits.bytes
              ? { kind: 'memory', message: `${megabytes(bytes)} and rising` }
              : undefined;
      if (complaint === undefined) return;
      clearInterval(timer);
      resolve({ ...complaint, index: current });
    }, POLL_MILLISECONDS);
  });
}

function startProcess(args: readonly string[]): { child: ChildProcess; ended: Promise<string> } {
  const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), args, {
    execArgv: ['--import', import.meta.resolve('tsx'), '--max-old-space-size=2048'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-2000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(`${signal ?? `exit code ${code}`}\n${stderr}`));
  });
  return { child, ended };
}

/** Starts a process with the readers of a module; rejects where the module cannot be loaded. */
export async function startWatched(modulePath: string, limits: FuzzLimits): Promise<Watched> {
  const folder = mkdtempSync(join(tmpdir(), 'jetgrad-fuzz-'));
  const path = join(folder, 'progress');
  writeFileSync(path, new Float64Array(PROGRESS_FIELDS.length).fill(-1));
  const { child, ended } = startProcess([modulePath, path]);
  let last: Progress | undefined;
  const progress = () => last ?? readProgress(path);
  const close = () => {
    last = progress();
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    ended.then((how) => reject(new Error(`the process of the readers did not start: ${how}`)));
  }).catch((error: unknown) => {
    close();
    throw error;
  });

  async function run(job: Omit<Job, 'bytes'>, hear: (report: Report) => void): Promise<Ending> {
    let stopped = false;
    const done = new Promise<Ending>((resolve) => {
      child.on('message', function listen(report: Report) {
        hear(report);
        if (report.type !== 'done') return;
        child.off('message', listen);
        const { next, peak, absent } = report;
        if (peak > limits.bytes) resolve({ kind: 'memory', index: next - 1, message: megabytes(peak) });
        else resolve({ kind: absent ? 'absent' : 'done', index: next, message: '' });
      });
    });
    child.send({ ...job, bytes: limits.bytes } satisfies Job);
    const death = ended.then((message): Ending => ({ kind: 'death', index: progress().index, message }));
    const guarded = { pid: child.pid as number, limits, index: () => progress().index };
    const ending = await Promise.race([done, death, guard(guarded, () => stopped)]);
    stopped = true;
    if (ending.kind !== 'done' && ending.kind !== 'absent') close();
    return ending;
  }

  return { run, progress, close };
}
