/**
 * How busy `jetgrad evaluate --jobs` keeps its processes: `npm run jobs:busy -- [--jobs 2] [--set scenes:960]`, on Linux, after a build.
 * Counts the share of their time in which they compute or wait for a processor that others have: what is left is time that they wait
 * for pieces, or for the disk. That is the share of processors that they would use alone, whatever else runs on the machine.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '2' }, set: { type: 'string', default: 'scenes:960' } },
});

/** A process as it was seen first and last: milliseconds. */
interface Seen {
  readonly first: number;
  last: number;
  /** Of its main thread, since it was started: of computing, and of waiting for a processor. */
  readonly before: readonly [run: number, wait: number];
  after: readonly [run: number, wait: number];
}

function timesOf(pid: number): readonly [run: number, wait: number] {
  const [run, wait] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ').map(Number);
  return [run / 1e6, wait / 1e6];
}

const childrenOf = (pid: number) =>
  execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
    .map(Number);

const out = mkdtempSync(join(tmpdir(), 'jetgrad-busy-'));
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const asked = [
  '--method',
  'gradcam,gradcam++,layercam,hirescam',
  '--metric',
  'pointing,mass,focc',
  '--samples',
  '2',
];
const command = spawn(
  process.execPath,
  [main, 'evaluate', values.set, '--jobs', values.jobs, ...asked, '--out', out, '--quiet'],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
let isOver = false;
command.once('exit', () => {
  isOver = true;
});
const seen = new Map<number, Seen>();
while (!isOver) {
  try {
    for (const pid of childrenOf(command.pid as number)) {
      const [now, times] = [performance.now(), timesOf(pid)];
      const known = seen.get(pid);
      if (known === undefined) seen.set(pid, { first: now, last: now, before: times, after: times });
      else Object.assign(known, { last: now, after: times });
    }
  } catch {
    // None yet, or none any more.
  }
  await setTimeout(200);
}
rmSync(out, { recursive: true, force: true });
for (const [pid, { first, last, before, after }] of seen) {
  const [run, wait] = [after[0] - before[0], after[1] - before[1]];
  const share = (part: number) => `${((100 * part) / (last - first)).toFixed(1)} %`;
  process.stdout.write(
    `process ${pid}: ${((last - first) / 1000).toFixed(0)} s, busy ${share(run + wait)} (computing ${share(run)}, waiting for a processor ${share(wait)})\n`,
  );
}
