import { spawn } from 'node:child_process';
import { cpus } from 'node:os';

/** Keeps every core busy with a loop of its own, pinned to it where the machine has `taskset`; what it returns ends them. */
export function startBusyLoops(): () => void {
  const loop = [process.execPath, '-e', 'for (;;);'];
  const children = cpus().flatMap((_, core) => {
    const child = spawn('taskset', ['--cpu-list', String(core), ...loop], { stdio: 'ignore' });
    child.once('error', () => children.push(spawn(loop[0], loop.slice(1), { stdio: 'ignore' })));
    return child;
  });
  const end = () => {
    for (const child of children) child.kill();
    process.off('exit', end);
  };
  process.once('exit', end);
  return end;
}
