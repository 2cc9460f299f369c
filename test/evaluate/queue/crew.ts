import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The programs of tests as plain JavaScript, which starts at once. */
export async function buildPrograms(): Promise<{
  worker: string;
  child: string;
  pieces: string;
  store: string;
}> {
  // Beside the packages that they load.
  const folder = fileURLToPath(new URL('../../../node_modules/.cache/jetgrad/queue', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const entry = (name: string) => fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));
  await build({
    entryPoints: [entry('worker'), entry('child'), entry('pieces'), entry('store')],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  const built = (name: string) => join(folder, `${name}.mjs`);
  return {
    worker: built('worker'),
    child: built('child'),
    pieces: built('pieces'),
    store: built('store'),
  };
}

/** Workers, each of which is started again when it ends, as a supervisor would. */
export interface Crew {
  /** Those that run now. */
  members(): readonly ChildProcess[];
  /** How often one was started. */
  starts(): number;
  /** With what those ended that nobody killed; those that did not end when they were told to have a name of a signal. */
  codes(): readonly (number | string)[];
  /** What they told of, those that ended by themselves last. */
  readonly events: readonly Record<string, unknown>[];
  /** Ends all; each gives its job back. */
  stop(): Promise<void>;
}

/** What a member is started with. */
export interface CrewOptions {
  readonly size: number;
  readonly url: string;
  /** Of the results, or the address of what serves it. */
  readonly folder: string;
  readonly lockSeconds: number;
  readonly programs: { readonly worker: string; readonly child: string };
  /** Of the process that computes: milliseconds, a key that ends it, one that it refuses, one that it gets wrong. */
  readonly argv: readonly string[];
  /** Milliseconds until one that ended is started again. */
  readonly pause?: number;
}

export function startCrew({ size, url, folder, lockSeconds, programs, argv, pause = 50 }: CrewOptions): Crew {
  const members = new Map<number, ChildProcess>();
  const events: Record<string, unknown>[] = [];
  const codes: (number | string)[] = [];
  let starts = 0;
  let isOver = false;
  let isLate = false;
  function start(place: number): void {
    if (isOver) return;
    starts++;
    const args = [programs.worker, url, folder, String(lockSeconds), programs.child, ...argv];
    const env = { ...process.env, WORKER_EVENTS: '1' };
    const member = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], env });
    members.set(place, member);
    let text = '';
    member.stdout?.on('data', (part: Buffer) => {
      text += part.toString();
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) events.push(JSON.parse(line) as Record<string, unknown>);
    });
    member.once('exit', (code, signal) => {
      members.delete(place);
      if (code !== null) codes.push(code);
      else if (isLate && signal !== null) codes.push(signal);
      if (!isOver) globalThis.setTimeout(start, pause, place).unref();
    });
  }
  for (let place = 0; place < size; place++) start(place);
  const killAll = () => {
    for (const member of members.values()) member.kill('SIGKILL');
  };
  process.once('exit', killAll);
  return {
    members: () => [...members.values()],
    starts: () => starts,
    codes: () => codes,
    events,
    async stop() {
      isOver = true;
      const all = [...members.values()];
      const ended = all.map((member) => new Promise((resolve) => member.once('exit', resolve)));
      for (const member of all) {
        member.kill('SIGCONT');
        member.kill('SIGTERM');
      }
      const late = globalThis.setTimeout(() => {
        isLate = true;
        killAll();
      }, 20_000);
      await Promise.all(ended);
      globalThis.clearTimeout(late);
      process.off('exit', killAll);
    },
  };
}
